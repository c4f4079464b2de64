"""Shapes as a few arrays: a million of them are packed as quickly as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.values import Shape, ShapeKind

_KINDS: tuple[ShapeKind, ...] = ("point", "polygon", "rectangle")


def shapes_to(
    array: Callable[[object], dict[str, Any]], shapes: tuple[Shape, ...]
) -> dict[str, Any]:
    """A header for shapes, whose arrays are handed to `array`.

    Raises `ValueError` where shapes are not as their docstring says.
    """
    found = [np.asarray(shape.coordinates, np.float64).reshape(-1, 2) for shape in shapes]
    labels = sorted({str(shape.label) for shape in shapes})
    numbers = {label: number for number, label in enumerate(labels)}
    scores = [shape.score for shape in shapes]
    return {
        "kinds": array(np.array([_KINDS.index(shape.kind) for shape in shapes], np.uint8)),
        "counts": array(np.array([len(each) for each in found], np.int64)),
        "coordinates": array(np.concatenate([np.empty((0, 2)), *found])),
        "labels": labels,
        "label": array(np.array([numbers[str(shape.label)] for shape in shapes], np.int64)),
        "scored": array(np.array([score is not None for score in scores], np.uint8)),
        "scores": array(np.array([0.0 if score is None else score for score in scores])),
    }


def shapes_from(
    array: Callable[[object], NDArray[Any]], told: Mapping[str, Any]
) -> tuple[Shape, ...]:
    """Shapes from a header; raises `ValueError` where it contradicts itself."""
    kinds, counts, coordinates, label, scored, scores = (
        array(told[name])
        for name in ("kinds", "counts", "coordinates", "label", "scored", "scores")
    )
    labels = told["labels"]
    columns = (kinds, counts, label, scored, scores)
    is_whole = (
        all(column.ndim == 1 and len(column) == len(kinds) for column in columns)
        and counts.dtype == label.dtype == np.int64
        and isinstance(labels, list)
        and all(isinstance(each, str) for each in labels)
        and coordinates.ndim == 2
        and (len(kinds) == 0 or (counts.min() >= 0 and counts.max() <= len(coordinates)))
        and int(counts.sum()) == len(coordinates)
        and (len(kinds) == 0 or (label.min() >= 0 and label.max() < len(labels)))
        and (len(kinds) == 0 or kinds.max() < len(_KINDS))
    )
    if not is_whole:
        raise ValueError("shapes contradict themselves")
    ends = np.cumsum(counts)
    return tuple(
        Shape(
            _KINDS[kinds[number]],
            coordinates[end - counts[number] : end],
            labels[label[number]],
            float(scores[number]) if scored[number] else None,
        )
        for number, end in enumerate(ends)
    )
