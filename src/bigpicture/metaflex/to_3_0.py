"""Change documents of MetaFleX 2.0 into documents of 3.0; comments and order stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.attributes import text_of
from bigpicture.metaflex.losses_3_0 import idle_observers, is_on_annotation, own_names
from bigpicture.metaflex.reference import read_accession
from bigpicture.metaflex.schema import BY_TAG, FILE_TAGS, SCHEMAS
from bigpicture.metaflex.tree import Document, Element, Node
from bigpicture.model.entity import EntityKind
from bigpicture.model.observation import Observation
from bigpicture.model.study import Study

_SCHEMA = SCHEMAS["3.0"]


class Converter:
    """Changes the documents of one study; what 3.0 cannot carry is left out."""

    def __init__(self, study: Study, node: str) -> None:
        self._node = node
        self._idle = frozenset().union(*(own_names(each) for each in idle_observers(study)))
        gone = [each for each in study.observations if is_on_annotation(each)]
        kept = [each for each in study.observations if not is_on_annotation(each)]
        self._gone = _names(gone) - _names(kept)
        self._said = frozenset(each.metadata_standard for each in study.datasets)
        is_plain = len(study.datasets) == len(study.landing_pages) == 1
        self._page = study.landing_pages[0] if is_plain else None

    def change(self, document: Document) -> Document | None:
        """Return the document of 3.0; None where nothing of it is left."""
        if document.root.tag in BY_TAG:
            changed = self._object(document.root)
            return None if changed is None else replace(document, root=changed)
        children = tuple(
            kept
            for child in document.root.children
            if (kept := self._object(child) if isinstance(child, Element) else child) is not None
        )
        left = replace(document, root=replace(document.root, children=children))
        return left if any(left.root.elements) else None

    def _object(self, element: Element) -> Element | None:
        changes: Mapping[str, Callable[[Element], Element | None]] = {
            "DATASET": self._dataset,
            "OBSERVATION": lambda each: None if each.child("ANNOTATION_REF") else each,
            "OBSERVER": lambda each: None if self._names(each, self._idle) else each,
            "IMAGE": _with_one_slide,
            "LANDING_PAGE": self._landing_page,
        }
        change = changes.get(element.tag)
        changed = change(element) if change else element
        return None if changed is None else _with_readable_digests(changed)

    def _dataset(self, element: Element) -> Element:
        children = [
            _saying(child, _SCHEMA.release) if _is(child, "METADATA_STANDARD") else child
            for child in element.children
            if not (_is(child, "OBSERVATION_REF") and self._names(child, self._gone))
        ]
        _put(children, build.text("BIGPICTURE_NODE", self._node))
        if self._page is not None:
            accession = self._page.accession
            _put(
                children, build.reference("LANDING_PAGE_REF", self._page.alias, accession=accession)
            )
        return replace(element, children=tuple(children))

    def _landing_page(self, element: Element) -> Element:
        """Say the version anew where the page repeats that of its dataset (MSMdad 17.1.28)."""
        stated = element.child("ATTRIBUTES")
        if stated is None:
            return element
        children = tuple(
            self._with_version(each) if isinstance(each, Element) else each
            for each in stated.children
        )
        return _with_child(element, stated, replace(stated, children=children))

    def _with_version(self, attribute: Element) -> Element:
        value = attribute.child("VALUE")
        tag = text_of(attribute.child("TAG"))
        if tag != "metadata_standard_version" or value is None or text_of(value) not in self._said:
            return attribute
        return _with_child(attribute, value, _saying(value, _SCHEMA.release))

    @staticmethod
    def _names(element: Node, among: frozenset[str]) -> bool:
        """Whether a reference or an object bears one of these names."""
        assert isinstance(element, Element)
        alias = element.get("alias")
        accession = read_accession(element)
        return (f"@{alias}" if alias else str(accession)) in among


def _names(observations: Iterable[Observation]) -> frozenset[str]:
    return frozenset().union(*(own_names(each) for each in observations))


def _with_one_slide(element: Element) -> Element:
    surplus = element.all("IMAGE_OF")[1:]
    children = tuple(
        child for child in element.children if not any(child is each for each in surplus)
    )
    return replace(element, children=children)


def _with_readable_digests(element: Element) -> Element:
    """With `unencrypted_checksum` for each file; a digest alone is of the file as it is."""
    for listing in [each for each in element.elements if each.tag in FILE_TAGS]:
        children = tuple(
            _readable(each) if isinstance(each, Element) else each for each in listing.children
        )
        element = _with_child(element, listing, replace(listing, children=children))
    return element


def _readable(file: Element) -> Element:
    if file.get("unencrypted_checksum") is not None:
        return file
    renamed = {"checksum": "unencrypted_checksum"}
    pairs = tuple((renamed.get(name, name), value) for name, value in file.attributes)
    return replace(file, attributes=pairs)


def _put(children: list[Node], new: Element) -> None:
    """Put an element where the schema of 3.0 has it."""
    order = {part.tag: n for n, part in enumerate(_SCHEMA.of(EntityKind.DATASET).parts)}
    before = [
        n
        for n, child in enumerate(children)
        if isinstance(child, Element) and order.get(child.tag, len(order)) < order[new.tag]
    ]
    children.insert(before[-1] + 1 if before else 0, new)


def _is(node: Node, tag: str) -> bool:
    return isinstance(node, Element) and node.tag == tag


def _saying(node: Node, text: str) -> Element:
    assert isinstance(node, Element)
    return replace(node, text=text)


def _with_child(element: Element, old: Element, new: Element) -> Element:
    children = tuple(new if child is old else child for child in element.children)
    return replace(element, children=children)
