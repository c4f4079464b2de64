"""Shapes as flat arrays and back: those of one kind and label are one group."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.values import Geometry, Shape, ShapeKind
from bigpicture.dicom.bulk_annotations import POINT, POLYGON, RECTANGLE, Group

_GRAPHIC: dict[ShapeKind, str] = {"point": POINT, "polygon": POLYGON, "rectangle": RECTANGLE}
_KIND: dict[str, ShapeKind] = {graphic: kind for kind, graphic in _GRAPHIC.items()}
_CORNERS = ((0, 1), (2, 1), (2, 3), (0, 3))
"""Of (left, top, right, bottom), clockwise from the upper left."""


def group_shapes(geometry: Geometry) -> tuple[Group, ...]:
    """The groups in the order in which each first occurs; within one, the order stays."""
    together: dict[tuple[ShapeKind, str], list[Shape]] = {}
    for shape in geometry.shapes:
        together.setdefault((shape.kind, shape.label), []).append(shape)
    return tuple(_group(kind, label, shapes) for (kind, label), shapes in together.items())


def _group(kind: ShapeKind, label: str, shapes: Sequence[Shape]) -> Group:
    coordinates = np.concatenate([shape.coordinates for shape in shapes])
    counts = np.fromiter((len(shape.coordinates) for shape in shapes), np.int64, len(shapes))
    if kind == "rectangle":
        coordinates = coordinates.reshape(-1, 4)[:, _CORNERS].reshape(-1, 2)
        counts = np.full(len(shapes), 4)
    scores = None
    if any(shape.score is not None for shape in shapes):
        told = (np.nan if shape.score is None else shape.score for shape in shapes)
        scores = np.fromiter(told, np.float64, len(shapes))
    return Group(_GRAPHIC[kind], label, coordinates, np.cumsum(counts) - counts, scores)


def as_geometry(groups: Sequence[Group]) -> Geometry:
    """The shapes of groups, one group after the other."""
    return Geometry(tuple(shape for group in groups for shape in _shapes(group)))


def _shapes(group: Group) -> list[Shape]:
    kind = _KIND[group.graphic]
    ends = [*group.starts.tolist(), len(group.coordinates)]
    scores = [None] * len(group) if group.scores is None else _told(group.scores)
    return [
        _shape(kind, group.coordinates[start:end], group.label, score)
        for (start, end), score in zip(pairwise(ends), scores, strict=True)
    ]


def _told(scores: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(score) else score for score in scores.tolist()]


def _shape(kind: ShapeKind, points: NDArray[Any], label: str, score: float | None) -> Shape:
    """Four corners that are no upright rectangle (others may write such) are a polygon."""
    if kind != "rectangle":
        return Shape(kind, points, label, score)
    left, top = points[0]
    right, bottom = points[2]
    if np.array_equal(points, [(left, top), (right, top), (right, bottom), (left, bottom)]):
        return Shape(kind, points[[0, 2]], label, score)
    return Shape("polygon", points, label, score)
