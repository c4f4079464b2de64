"""Mend what has one meaning only: spellings, missing references, what a page repeats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bigpicture.metaflex.attributes import read_attributes
from bigpicture.metaflex.change import each_object, with_references
from bigpicture.metaflex.policy import read_dataset_type
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.schema import BY_TAG
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Document, Element, Node
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import MetadataError
from bigpicture.model.scheme import canonical_scheme
from bigpicture.model.staining import canonical_method
from bigpicture.model.units import canonical_unit
from bigpicture.standard.fill import Filling, filled
from bigpicture.standard.graph import unlisted
from bigpicture.standard.landing import differences
from bigpicture.standard.rules import ATTRIBUTE_RULES, STAIN_RULES
from bigpicture.standard.tags import is_same, meant_by

_Words = Mapping[str, str]
"""Tag to what its attribute should say."""
_TAGS: Mapping[EntityKind, frozenset[str]] = {
    kind: frozenset(rule.tag for rule in (*ATTRIBUTE_RULES, *STAIN_RULES) if rule.kind == kind)
    for kind in EntityKind
}


def mended(
    documents: Mapping[str, bytes | Path], filling: Filling | None = None
) -> dict[str, Document]:
    """The documents that change; those that cannot be read are left alone.

    Only what a reader would take for the same anyway is changed: the spelling of schemes, units,
    methods, tags and the type of dataset; references from the dataset to what it holds
    (constraint 5); what a landing page repeats of its dataset; and what the slides say of their
    images, which is `filling`. Each document is held whole.
    """
    read = {name: each for name, data in documents.items() if (each := _read(name, data))}
    spelled = {name: _spelled(each) for name, each in read.items()}
    spelled |= filled(spelled, filling or {})
    study = read_submission({**documents, **spelled})
    missing = unlisted(study) if not study.unread else []
    listed = {
        name: with_references(each, missing) if missing and _holds(each, "DATASET") else each
        for name, each in spelled.items()
    }
    shown = {
        str(page.alias): {each.tag: each.said for each in differences(study, page) if each.said}
        for page in study.landing_pages
    }
    done = {name: _shown(each, shown) for name, each in listed.items()}
    return {name: each for name, each in done.items() if each.root != read[name].root}


def _read(name: str, source: bytes | Path) -> Document | None:
    try:
        data = source.read_bytes() if isinstance(source, Path) else source
        return read_document(data, name=name)
    except MetadataError:
        return None


def _holds(document: Document, tag: str) -> bool:
    return document.root.tag == tag or document.root.child(tag) is not None


def _spelled(document: Document) -> Document:
    def spell(element: Element) -> Element:
        kind = BY_TAG[element.tag].kind
        words: dict[str, str] = {}
        if kind == EntityKind.POLICY:
            found = read_dataset_type(
                read_attributes(element.child("ATTRIBUTES"), line=element.line)
            )
            words = {"type_of_dataset": str(found)} if found else {}
        return _each(element, lambda each: _with_spelling(each, kind, words))

    return each_object(document, spell)


def _with_spelling(element: Element, kind: EntityKind, words: _Words) -> Element:
    if element.tag == "SCHEME":
        return _saying(element, canonical_scheme(element.text))
    if element.tag == "UNITS":
        return _saying(element, canonical_unit(element.text))
    if not element.tag.endswith("_ATTRIBUTE"):
        return element
    told, value = element.child("TAG"), element.child("VALUE")
    if told is None:
        return element
    tag = told.text.strip()
    if tag not in _TAGS[kind]:
        meant = meant_by(tag, sorted(_TAGS[kind]))
        if meant is not None and is_same(tag, meant):
            return _with_child(element, _saying(told, meant))
    if value is not None and not value.is_nil and element.tag == "STRING_ATTRIBUTE":
        if tag == "staining_method":
            return _with_child(element, _saying(value, canonical_method(value.text)))
        if tag in words:
            return _with_child(element, _saying(value, words[tag]))
    return element


def _shown(document: Document, shown: Mapping[str, _Words]) -> Document:
    """The page as its dataset says it; lists are left to the contributor."""

    def show(element: Element) -> Element:
        words = shown.get(element.get("alias") or "", {})
        stated = element.child("ATTRIBUTES")
        if element.tag != "LANDING_PAGE" or not words or stated is None:
            return element
        children = tuple(
            _saying_instead(child, words) if isinstance(child, Element) else child
            for child in stated.children
        )
        return _with_child(element, replace(stated, children=children))

    return each_object(document, show)


def _saying_instead(attribute: Element, words: _Words) -> Element:
    told, value = attribute.child("TAG"), attribute.child("VALUE")
    if told is None or value is None or value.is_nil or value.children:
        return attribute
    word = words.get(told.text.strip())
    return attribute if word is None else _with_child(attribute, _saying(value, word))


def _saying(element: Element, text: str) -> Element:
    return element if element.text == text else replace(element, text=text)


def _with_child(element: Element, child: Element) -> Element:
    """With a child instead of the one of its name."""
    children = tuple(
        child if isinstance(each, Element) and each.tag == child.tag else each
        for each in element.children
    )
    return replace(element, children=children)


def _each(element: Element, change: Callable[[Element], Element]) -> Element:
    """Every element below, the innermost first."""
    children: list[Node] = [
        _each(child, change) if isinstance(child, Element) else child for child in element.children
    ]
    same = all(one is other for one, other in zip(children, element.children, strict=True))
    return change(element if same else replace(element, children=tuple(children)))
