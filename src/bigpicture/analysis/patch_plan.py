"""Patch plans: where patches of a size in micrometres lie on a slide, over how much tissue."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.glass import Where
from bigpicture.model.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class PatchPlan:
    """Patches of `size` pixels a side at `mpp` micrometres per pixel, row by row.

    `coordinates` are int64 (n, 2), the level-0 pixel of each upper left; `cover` float32 (n,), how
    much of each the mask covers, 0 to 1; `side` is that of a patch in level-0 pixels (x, y).
    """

    coordinates: NDArray[np.int64]
    cover: NDArray[np.float32]
    size: int
    mpp: float
    side: tuple[float, float]


def plan_patches(
    slide: tuple[int, int],
    slide_mpp: tuple[float, float],
    *,
    mpp: float,
    size: int,
    step: int | None = None,
    mask: Where | None = None,
    cover: float = 0.5,
) -> PatchPlan:
    """Plan patches on a grid from the upper left of a slide of (width, height) level-0 pixels.

    The grid is in micrometres: patch `i` of a row begins at `i * step * mpp` of them, rounded to
    the nearest level-0 pixel, so that rounding does not add up; patches lie wholly on the slide.
    `step` (pixels of `mpp`) is `size` unless said. `mask` lies over the whole slide at whatever
    scale (tissue that passed quality control, say): a patch is kept where at least `cover` of it,
    measured exactly, parts of mask pixels too, is true. Raises `InputError` for sizes and scales
    that are not positive.
    """
    step = size if step is None else step
    if min(size, step) < 1 or not min(mpp, *slide_mpp) > 0 or min(slide) < 1:
        raise InputError(
            "patches need a size, a step and scales greater than zero.",
            place="patch plan",
            rule="size >= 1, step >= 1, mpp > 0",
        )
    scale = mpp / slide_mpp[0], mpp / slide_mpp[1]
    side = size * scale[0], size * scale[1]
    lefts = _starts(slide[0], side[0], step * scale[0])
    tops = _starts(slide[1], side[1], step * scale[1])
    covered = np.ones((len(tops), len(lefts)))
    if mask is not None:
        covered = _covered(mask, slide, lefts, tops, side)
    rows, columns = np.nonzero(covered >= cover)
    coordinates = np.stack([lefts[columns], tops[rows]], axis=1).astype(np.int64)
    return PatchPlan(coordinates, covered[rows, columns].astype(np.float32), size, mpp, side)


def _starts(length: int, side: float, step: float) -> NDArray[np.int64]:
    number = floor((length - side) / step + 1e-9) + 1
    return np.floor(np.arange(max(number, 0)) * step + 0.5).astype(np.int64)


def _covered(
    mask: Where,
    slide: tuple[int, int],
    lefts: NDArray[np.int64],
    tops: NDArray[np.int64],
    side: tuple[float, float],
) -> NDArray[np.float64]:
    """The part of each patch that the mask covers, from sums over all above and to the left."""
    rows, columns = mask.shape
    sums = np.zeros((rows + 1, columns + 1))
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.int64), axis=1, out=sums[1:, 1:])
    across, down = columns / slide[0], rows / slide[1]
    x0, x1 = lefts * across, (lefts + side[0]) * across
    y0, y1 = tops * down, (tops + side[1]) * down
    area = side[0] * across * side[1] * down
    upper, lower = _between(sums, y0, 0), _between(sums, y1, 0)
    strip = lower - upper
    return (_between(strip, x1, 1) - _between(strip, x0, 1)) / area


def _between(sums: NDArray[np.float64], at: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Sums at places between whole pixels, by linear interpolation: exact, as pixels are flat."""
    at = np.clip(at, 0, sums.shape[axis] - 1)
    first = np.minimum(at.astype(np.int64), sums.shape[axis] - 2)
    part = (at - first).reshape((-1, 1) if axis == 0 else (1, -1))
    return np.take(sums, first, axis) * (1 - part) + np.take(sums, first + 1, axis) * part
