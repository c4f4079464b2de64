"""Restate: attributes of objects put in place of others of their tags; all else stays as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.attributes import text_of
from bigpicture.metaflex.change import each_object
from bigpicture.metaflex.schema import BY_TAG
from bigpicture.metaflex.state import attribute_of
from bigpicture.metaflex.tree import Document, Element, Node
from bigpicture.model.attribute import Attribute
from bigpicture.model.entity import EntityKey


def restated(document: Document, wanted: Mapping[EntityKey, Sequence[Attribute]]) -> Document:
    """The document in which those objects state what is wanted, tag by tag.

    An attribute stands where the first of its tag stood, or else at the end.
    """

    def restate(element: Element) -> Element:
        key = BY_TAG[element.tag].kind, element.get("alias") or ""
        return _with(element, wanted[key]) if wanted.get(key) else element

    return each_object(document, restate)


def _with(element: Element, wanted: Sequence[Attribute]) -> Element:
    held = element.child("ATTRIBUTES")
    old = held if held is not None else build.nil("ATTRIBUTES")
    new = replace(old, children=_replaced(old.children, wanted), is_nil=False, attributes=())
    if held is None:
        return replace(element, children=(*element.children, new))
    return replace(
        element, children=tuple(new if child is held else child for child in element.children)
    )


def _replaced(children: Sequence[Node], wanted: Sequence[Attribute]) -> tuple[Node, ...]:
    by_tag: dict[str, list[Element]] = {}
    for attribute in wanted:
        by_tag.setdefault(attribute.tag, []).append(attribute_of(attribute))
    made: list[Node] = []
    placed: set[str] = set()
    for child in children:
        tag = text_of(child.child("TAG")) if isinstance(child, Element) else ""
        if tag not in by_tag:
            made.append(child)
        elif tag not in placed:
            placed.add(tag)
            made += by_tag[tag]
    rest = (each for tag, elements in by_tag.items() if tag not in placed for each in elements)
    return (*made, *rest)
