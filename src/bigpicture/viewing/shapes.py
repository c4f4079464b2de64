"""Shapes as they are seen: those in view, or, where they are too many, clusters of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.bulk_annotations import POINT, Group

MOST_SHAPES = 4_000
MOST_POINTS = 60_000
"""Of all outlines in view together; with more, or more shapes, clusters are told."""
MOST_CELLS = 10_000


@dataclass(frozen=True, slots=True)
class View:
    """A box of the slide in level-0 pixels, and the side of a cluster's cell in the same."""

    x: float
    y: float
    width: float
    height: float
    cell: float


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """All shapes of a result in flat arrays, one row each: `bounds` (left, top, right, bottom)."""

    labels: tuple[str, ...]
    label: NDArray[np.int32]
    bounds: NDArray[np.float32]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_point: NDArray[np.bool_]
    scores: NDArray[np.float32]
    coordinates: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.label)

    @property
    def weight(self) -> int:
        return self.coordinates.nbytes + len(self) * (4 + 16 + 16 + 1 + 4)

    def counts(self) -> list[int]:
        """How many there are of each label."""
        return np.bincount(self.label, minlength=len(self.labels)).tolist()


def shapes_of(groups: Sequence[Group]) -> Shapes:
    """The shapes of groups, in their order."""
    labels = tuple(dict.fromkeys(group.label for group in groups))
    offsets = np.cumsum([0, *(len(group.coordinates) for group in groups)])
    starts = [group.starts + offset for group, offset in zip(groups, offsets[:-1], strict=True)]
    stops = [
        np.append(group.starts[1:], len(group.coordinates)) + offset
        for group, offset in zip(groups, offsets[:-1], strict=True)
    ]
    return Shapes(
        labels,
        _joined([np.full(len(group), labels.index(group.label)) for group in groups], np.int32),
        _joined([_bounds(group) for group in groups], np.float32).reshape(-1, 4),
        _joined(starts, np.int64),
        _joined(stops, np.int64),
        _joined([np.full(len(group), group.graphic == POINT) for group in groups], np.bool_),
        _joined([_scores(group) for group in groups], np.float32),
        _joined([group.coordinates for group in groups], np.float64).reshape(-1, 2),
    )


def _joined(parts: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - a dtype
    return np.concatenate(parts).astype(dtype, copy=False) if parts else np.empty(0, dtype)


def _bounds(group: Group) -> NDArray[np.float64]:
    if len(group) == 0:
        return np.empty((0, 4))
    least = np.minimum.reduceat(group.coordinates, group.starts)
    return np.concatenate([least, np.maximum.reduceat(group.coordinates, group.starts)], axis=1)


def _scores(group: Group) -> NDArray[np.float64]:
    return np.full(len(group), np.nan) if group.scores is None else group.scores


def look(shapes: Shapes, view: View) -> dict[str, Any]:
    """What is seen in a view, as plain lists of numbers in level-0 pixels.

    Either `points` (x, y, label, score) and `outlines` (the same, `at` being where each one's
    pairs begin in `xy`), or `clusters` (x, y, count, label): the mean place and the commonest label
    of the shapes in each cell. `total` counts the shapes in view.
    """
    seen = np.flatnonzero(
        (shapes.bounds[:, 0] <= view.x + view.width)
        & (shapes.bounds[:, 1] <= view.y + view.height)
        & (shapes.bounds[:, 2] >= view.x)
        & (shapes.bounds[:, 3] >= view.y)
    )
    sides = shapes.ends[seen] - shapes.starts[seen]
    told: dict[str, Any] = {"total": len(seen)}
    if len(seen) > MOST_SHAPES or sides.sum() > MOST_POINTS:
        return told | {"clusters": _clusters(shapes, seen, view)}
    is_point = shapes.is_point[seen]
    return told | {
        "points": _points(shapes, seen[is_point]),
        "outlines": _outlines(shapes, seen[~is_point]),
    }


def _points(shapes: Shapes, which: NDArray[np.int64]) -> dict[str, list[Any]]:
    places = np.round(shapes.coordinates[shapes.starts[which]], 1)
    return {"x": places[:, 0].tolist(), "y": places[:, 1].tolist(), **_told(shapes, which)}


def _outlines(shapes: Shapes, which: NDArray[np.int64]) -> dict[str, list[Any]]:
    spans = [
        shapes.coordinates[start:end]
        for start, end in zip(shapes.starts[which], shapes.ends[which], strict=True)
    ]
    flat = np.round(np.concatenate(spans), 1).ravel().tolist() if spans else []
    at = np.cumsum([0, *(len(one) for one in spans)])[:-1].tolist()
    return {"at": at, "xy": flat, **_told(shapes, which)}


def _told(shapes: Shapes, which: NDArray[np.int64]) -> dict[str, list[Any]]:
    scores = [None if np.isnan(one) else round(float(one), 4) for one in shapes.scores[which]]
    return {"label": shapes.label[which].tolist(), "score": scores}


def _clusters(shapes: Shapes, which: NDArray[np.int64], view: View) -> dict[str, list[Any]]:
    """Cells lie where they lie on the slide, so that they stay while the view moves."""
    bounds = shapes.bounds[which]
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    # A shape that only reaches into the view counts in the cell at its edge.
    first = int(view.x // view.cell), int(view.y // view.cell)
    across = int((view.x + view.width) // view.cell) - first[0] + 1
    down = int((view.y + view.height) // view.cell) - first[1] + 1
    column = np.clip((x // view.cell).astype(np.int64) - first[0], 0, across - 1)
    row = np.clip((y // view.cell).astype(np.int64) - first[1], 0, down - 1)
    cell = row * across + column
    count = np.bincount(cell, minlength=across * down)
    labels = max(len(shapes.labels), 1)
    by_label = np.bincount(cell * labels + shapes.label[which], minlength=across * down * labels)
    there = np.flatnonzero(count)
    commonest = by_label.reshape(-1, labels)[there].argmax(axis=1)
    means = [np.bincount(cell, one, across * down)[there] / count[there] for one in (x, y)]
    return {
        "x": np.round(means[0]).astype(int).tolist(),
        "y": np.round(means[1]).astype(int).tolist(),
        "count": count[there].tolist(),
        "label": commonest.tolist(),
    }
