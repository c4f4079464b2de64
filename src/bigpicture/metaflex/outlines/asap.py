"""ASAP's XML, as CAMELYON's annotations come: pixels of the finest level, y down."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.tree import Element
from bigpicture.model.errors import MetadataError
from bigpicture.model.outline import Outline, OutlineKind, Place

_KINDS = {
    "Polygon": OutlineKind.POLYGON,
    "Rectangle": OutlineKind.POLYGON,
    "Spline": OutlineKind.POLYGON,
    "Dot": OutlineKind.POINTS,
    "PointSet": OutlineKind.POINTS,
}
"""A spline is taken by its knots."""
_FEWEST = {OutlineKind.POLYGON: 3, OutlineKind.POINTS: 1}
_NO_GROUP = "None"


def read_asap(data: bytes, *, name: str) -> tuple[Outline, ...]:
    """The annotations in their order; an annotation's class is the group it is part of.

    Raises `MetadataError` with the line.
    """
    root = read_document(data, name=name).root
    if root.tag != "ASAP_Annotations":
        raise MetadataError(
            "this is no file of ASAP.", place=name, rule="the root is ASAP_Annotations"
        )
    return tuple(_outline(each, name) for each in _below(root, "Annotation"))


def _outline(annotation: Element, name: str) -> Outline:
    told = dict(annotation.attributes)
    kind = _KINDS.get(told.get("Type", ""))
    places = [_place(each, name) for each in _below(annotation, "Coordinate")]
    if kind is None or len(places) < _FEWEST[kind]:
        raise _wrong(annotation, name)
    ordered = [place for _, place in sorted(places, key=lambda each: each[0])]
    if kind is OutlineKind.POLYGON and ordered[0] == ordered[-1]:
        ordered.pop()
    group = told.get("PartOfGroup", "")
    label = "" if group == _NO_GROUP else group
    return Outline(kind, (tuple(ordered),), label, told.get("Name", ""))


def _place(coordinate: Element, name: str) -> tuple[int, Place]:
    told = dict(coordinate.attributes)
    try:
        order, x, y = int(told["Order"]), float(told["X"]), float(told["Y"])
    except (KeyError, ValueError):
        raise _wrong(coordinate, name) from None
    if not (isfinite(x) and isfinite(y)):
        raise _wrong(coordinate, name)
    return order, (x, y)


def _below(element: Element, tag: str) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element):
            if child.tag == tag:
                yield child
            else:
                yield from _below(child, tag)


def _wrong(element: Element, name: str) -> MetadataError:
    return MetadataError(
        f"{element.tag} cannot be read.",
        place=f"{name}, line {element.line}",
        rule=f"Type is one of {', '.join(_KINDS)}; Coordinate has Order, X and Y",
        remedy="Export it again.",
    )
