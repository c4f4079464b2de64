"""Change a document: accessions beside aliases, an image's files, missing references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.schema import BY_TAG, FILE_TAGS, Object, Shape
from bigpicture.metaflex.tree import Document, Element, Node
from bigpicture.model.entity import EntityKey, EntityKind
from bigpicture.model.errors import MetadataError
from bigpicture.model.identifiers import Accession


def with_accessions(document: Document, mapping: Mapping[EntityKey, Accession]) -> Document:
    """Return the document with each object's and reference's accession beside its alias.

    An accession that stands there already is replaced where the mapping knows the alias.
    """

    def named(element: Element) -> Element:
        schema = BY_TAG[element.tag]
        kinds = {part.tag: part.refers_to for part in schema.parts if part.refers_to}
        children = tuple(
            _with_accession(child, kinds[child.tag], mapping)
            if isinstance(child, Element) and child.tag in kinds
            else child
            for child in element.children
        )
        return _with_accession(replace(element, children=children), schema.kind, mapping)

    return each_object(document, named)


def with_files(document: Document, alias: str, files: Iterable[build.FileEntry]) -> Document:
    """Return an image (or annotation) document in which that object lists `files` instead.

    Raises `MetadataError` where no object of that alias lists files.
    """
    return with_all_files(document, {alias: tuple(files)})


def with_all_files(
    document: Document, entries: Mapping[str, Sequence[build.FileEntry]]
) -> Document:
    """Do the same for many objects, by alias, in one pass over the document."""
    found: set[str] = set()

    def listed(element: Element) -> Element:
        alias = element.get("alias") or ""
        if alias not in entries:
            return element
        children: list[Node] = []
        for child in element.children:
            if isinstance(child, Element) and child.tag in FILE_TAGS:
                found.add(alias)
                new = build.files(entries[alias], tag=child.tag)
                children.append(replace(new, tail=child.tail, line=child.line))
            else:
                children.append(child)
        return replace(element, children=tuple(children))

    changed = each_object(document, listed)
    if set(entries) - found:
        raise MetadataError(
            "no object of that alias lists files.",
            place=document.name,
            remedy="Give the alias of an image or annotation of this document.",
        )
    return changed


def with_references(document: Document, missing: Iterable[EntityKey]) -> Document:
    """Return a dataset document that also refers to `missing`, in the schema's order.

    Constraint 5 of the standard: every image, annotation and observation is listed.
    """
    wanted = tuple(missing)

    def listing(element: Element) -> Element:
        schema = BY_TAG[element.tag]
        if schema.kind != EntityKind.DATASET:
            return element
        order = {part.tag: number for number, part in enumerate(schema.parts)}
        children = list(element.children)
        for kind in dict.fromkeys(kind for kind, _ in wanted):
            tag = _tag_for(schema, kind)
            new = [build.reference(tag, alias) for other, alias in wanted if other == kind]
            place = _position(children, order, tag)
            children[place:place] = new
        return replace(element, children=tuple(children))

    return each_object(document, listing)


def _tag_for(schema: Object, kind: EntityKind) -> str:
    """The reference a dataset lists a kind under."""
    parts = schema.parts
    return next(p.tag for p in parts if p.shape == Shape.REFERENCE and p.refers_to == kind)


def _position(children: list[Node], order: Mapping[str, int], tag: str) -> int:
    """The place after the last element that may stand before `tag`."""
    before = [
        number
        for number, child in enumerate(children)
        if isinstance(child, Element) and order.get(child.tag, len(order)) <= order[tag]
    ]
    return before[-1] + 1 if before else 0


def _with_accession(
    element: Element, kind: EntityKind, mapping: Mapping[EntityKey, Accession]
) -> Element:
    accession = mapping.get((kind, element.get("alias") or ""))
    if accession is None:
        return element
    kept = [(name, value) for name, value in element.attributes if name != "accession"]
    after_alias = 1 + next(n for n, (name, _) in enumerate(kept) if name == "alias")
    kept.insert(after_alias, ("accession", str(accession)))
    return replace(element, attributes=tuple(kept))


def each_object(document: Document, change: Callable[[Element], Element]) -> Document:
    """Return the document with each object changed; what stands beside objects is kept."""
    root = document.root
    if root.tag in BY_TAG:
        return replace(document, root=change(root))
    children = tuple(
        change(child) if isinstance(child, Element) and child.tag in BY_TAG else child
        for child in root.children
    )
    return replace(document, root=replace(root, children=children))
