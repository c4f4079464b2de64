"""Resampling: a rectangle of a level, at the size that was asked for."""

from __future__ import annotations

import cv2
import numpy as np

from bigpicture.dicom.level_pixels import LevelPixels
from bigpicture.dicom.slide import Pixels

BLOCK_SIDE = 2048
"""Pixels of the level on a side of what is held at once while a large region is made small."""
_ROUNDING = 0.002
"""Of its scale, that a rectangle may lose where its sides are rounded to whole pixels."""


def read_resampled(
    source: LevelPixels, x: float, y: float, *, step: tuple[float, float], size: tuple[int, int]
) -> Pixels:
    """`size` (width, height) pixels, each the mean of `step` (x, y) pixels of the level.

    (x, y) is the upper left corner in the level's pixels; it is rounded to a whole one. Each
    side's scale is exact to 0.2 %, and exact where it comes out whole. Where `step` is less than
    one, pixels are drawn between those that are there. RGB uint8, shape (height, width, 3).
    Memory is bounded by the answer, not by what lies under it. Raises `SlideError`.
    """
    across, down = (max(1, int(BLOCK_SIDE / each)) for each in step)
    if size[0] <= across and size[1] <= down:
        return _block(source, x, y, step=step, size=size)
    out: Pixels = np.empty((size[1], size[0], 3), np.uint8)
    for top in range(0, size[1], down):
        for left in range(0, size[0], across):
            part = min(across, size[0] - left), min(down, size[1] - top)
            out[top : top + part[1], left : left + part[0]] = _block(
                source, x + left * step[0], y + top * step[1], step=step, size=part
            )
    return out


def given_step(step: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    """The step that `read_resampled` really takes where it is asked for `step` and `size`."""
    sides = _whole_sides(step, size)
    return step if sides is None else (sides[0] / size[0], sides[1] / size[1])


def _whole_sides(step: tuple[float, float], size: tuple[int, int]) -> tuple[int, int] | None:
    """The sides under a picture in whole pixels; None where rounding would change its scale."""
    if max(size[0] * step[0], size[1] * step[1]) > BLOCK_SIDE:
        return None
    wanted = size[0] * step[0], size[1] * step[1]
    sides = max(1, round(wanted[0])), max(1, round(wanted[1]))
    is_near = all(
        abs(side - each) <= _ROUNDING * each for side, each in zip(sides, wanted, strict=True)
    )
    return sides if is_near else None


def _block(
    source: LevelPixels, x: float, y: float, *, step: tuple[float, float], size: tuple[int, int]
) -> Pixels:
    sides = _whole_sides(step, size)
    if sides is None:
        return _exactly(source, x, y, step=step, size=size)
    pixels = source.read(round(x), round(y), sides[0], sides[1])
    if sides == size:
        return pixels
    how = cv2.INTER_AREA if min(step) >= 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


def _exactly(
    source: LevelPixels, x: float, y: float, *, step: tuple[float, float], size: tuple[int, int]
) -> Pixels:
    """Means over rectangles that do not end at pixels, as differences of the integral image.

    For small pictures, whose sides cannot be rounded: it costs more than the other way.
    """
    left, top = round(x), round(y)
    columns, rows = (int(np.ceil(size[side] * step[side])) for side in (0, 1))
    sums = cv2.integral(source.read(left, top, columns, rows), sdepth=cv2.CV_64F)
    for axis, count, each in ((0, size[1], step[1]), (1, size[0], step[0])):
        edges = np.arange(count + 1) * each
        first = np.minimum(edges.astype(int), sums.shape[axis] - 2)
        part = (edges - first).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        at = np.take(sums, first, axis) * (1 - part) + np.take(sums, first + 1, axis) * part
        sums = np.diff(at, axis=axis)
    return np.clip(np.rint(sums / (step[0] * step[1])), 0, 255).astype(np.uint8)
