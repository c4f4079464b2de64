"""Outlines as masks: which pixels of a grid lie inside of what was drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.outline import Outline, OutlineKind

Mask = NDArray[np.bool_]


class OutlineMap:
    """The polygons of one slide, found by place."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self._polygons = [each for each in outlines if each.kind is OutlineKind.POLYGON]
        self._bounds = np.array([each.bounds for each in self._polygons]).reshape(-1, 4)
        self._rings = [
            [np.array(ring, np.float64) for ring in each.rings] for each in self._polygons
        ]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every class that a polygon has, in alphabetical order."""
        return tuple(sorted({each.label for each in self._polygons}))

    def draw(
        self, x: float, y: float, *, step: tuple[float, float], size: tuple[int, int],
        labels: Sequence[str],
    ) -> list[Mask]:  # fmt: skip
        """A mask, shape (size[1], size[0]), for each of `labels`.

        A pixel is set where its middle lies inside of one polygon of that class; of a polygon
        with holes by the even-odd rule. (x, y) is the upper left corner in level-0 pixels, `step`
        level-0 pixels to a pixel of the mask.
        """
        width, height = size
        masks = [np.zeros((height, width), np.bool_) for _ in labels]
        right, bottom = x + width * step[0], y + height * step[1]
        bounds = self._bounds
        is_near = (
            (bounds[:, 0] < right)
            & (bounds[:, 2] > x)
            & (bounds[:, 1] < bottom)
            & (bounds[:, 3] > y)
        )
        for number in np.flatnonzero(is_near):
            label = self._polygons[number].label
            if label in labels:
                rings = [(ring - (x, y)) / step for ring in self._rings[number]]
                masks[labels.index(label)] |= fill(rings, width, height)
        return masks


def fill(rings: Sequence[NDArray[np.float64]], width: int, height: int) -> Mask:
    """The pixels whose middles lie inside of the rings, shape (height, width), even-odd rule.

    Rings, shape (n, 2), are in pixels of the mask and closed by themselves. An edge holds the
    middles of rows from its upper end on, its lower end excluded, so that no corner counts twice.
    """
    turns = np.zeros((height, width + 1), np.int32)
    for ring in rings:
        rows, columns = _crossings(ring, height)
        first = np.clip(np.floor(columns + 0.5), 0, width).astype(int)
        np.add.at(turns, (rows, first), 1)
    return (np.cumsum(turns[:, :-1], axis=1) & 1).astype(np.bool_)


def _crossings(
    ring: NDArray[np.float64], height: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Row, and place across, of every crossing of an edge with the middle of a row."""
    ends = np.roll(ring, -1, axis=0)
    upper = np.where((ring[:, 1] <= ends[:, 1])[:, None], ring, ends)
    lower = np.where((ring[:, 1] <= ends[:, 1])[:, None], ends, ring)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height).astype(int)
    last = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height).astype(int)
    counts = last - first
    edges = np.repeat(np.arange(len(ring)), counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    rows = first[edges] + np.arange(len(edges)) - starts
    rise = lower[edges, 1] - upper[edges, 1]
    part = (rows + 0.5 - upper[edges, 1]) / rise
    return rows, upper[edges, 0] + part * (lower[edges, 0] - upper[edges, 0])
