"""A canvas on which overlapping pictures are laid, also between its pixels.

As OpenSlide lays them, in the arithmetic of its drawing library (pixman: bilinear, operator
SATURATE, in single precision), so that both show the same pixels: what lies there first stays, a
later picture only fills what is still open, and neither seams nor ghosts appear.
"""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.slide import BACKGROUND, Pixels

Sheet = NDArray[np.uint8]
"""Red, green, blue (times alpha) and alpha, 0 to 255, shape (rows, columns, 4)."""
Light = NDArray[np.float32]
"""The same from 0 to 1."""

_ONE = np.float32(1)
_UNIT = np.float32(1 / 255)
_FINE, _COARSE = 1 << 16, 1 << 7
"""Into how many parts a pixel is divided: on the canvas, and in a cut that is stored first."""


class Canvas:
    """Rows and columns of open pixels, to be covered from the front to the back."""

    def __init__(self, rows: int, columns: int) -> None:
        self._sheet: Sheet = np.zeros((rows, columns, 4), np.uint8)

    @property
    def is_covered(self) -> bool:
        return bool((self._sheet[:, :, 3] == 255).all())

    def lay(self, picture: Sheet, x: float, y: float) -> None:
        """Lay a picture with its upper left corner at (x, y), outside of the canvas too."""
        rows, columns = self._sheet.shape[:2]
        across, down = _overlap(x, picture.shape[1], columns), _overlap(y, picture.shape[0], rows)
        if across is None or down is None:
            return
        under = self._sheet[down, across]
        covered = under[:, :, 3]
        if bool((covered == 255).all()):
            return
        within = _moved(down, -floor(y)), _moved(across, -floor(x))
        if x != floor(x) or y != floor(y):
            light = _between(picture * _UNIT, _rest(x, _FINE), _rest(y, _FINE))[within]
            under[:] = _saturated(under, light)
        elif covered.any():
            under[:] = _saturated(under, picture[within] * _UNIT)
        else:
            under[:] = picture[within]

    def pixels(self) -> Pixels:
        """The canvas over the background, shape (rows, columns, 3)."""
        alpha = self._sheet[:, :, 3:].astype(np.uint16)
        if bool((alpha == 255).all()):
            return np.ascontiguousarray(self._sheet[:, :, :3])
        # In two steps, as who shows a picture with alpha does it: plain colour, then mixed.
        plain = self._sheet[:, :, :3].astype(np.uint16) * 255 // np.maximum(alpha, 1)
        mixed = (np.minimum(plain, 255) * alpha + BACKGROUND * (255 - alpha)) // 255
        return mixed.astype(np.uint8)


def opaque(pixels: Pixels) -> Sheet:
    """A picture that covers all its pixels."""
    sheet = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    sheet[:, :, :3] = pixels
    return sheet


def crop(picture: Sheet, x: float, y: float, columns: int, rows: int) -> Sheet:
    """A part of a picture that may begin between two pixels; past its edges it is open."""
    left, top = floor(x), floor(y)
    part = picture[top : top + rows + 1, left : left + columns + 1]
    missing = rows + 1 - part.shape[0], columns + 1 - part.shape[1]
    if any(missing):
        part = np.pad(part, ((0, missing[0]), (0, missing[1]), (0, 0)))
    if x == left and y == top:
        return part[:rows, :columns]
    right, below = (round(_rest(each, _COARSE) * _COARSE) for each in (x, y))
    mixed = part.astype(np.uint32)
    mixed = mixed[:-1] * (_COARSE - below) + mixed[1:] * below
    mixed = mixed[:, :-1] * (_COARSE - right) + mixed[:, 1:] * right
    return (mixed // (_COARSE * _COARSE)).astype(np.uint8)


def _rest(at: float, steps: int) -> float:
    """What is left above the whole number, in so many steps."""
    return floor((at - floor(at)) * steps) / steps


def _saturated(under: Sheet, light: Light) -> Sheet:
    """What lay there first, with as much of the new as still fits."""
    below = under * _UNIT
    opening, alpha = _ONE - below[:, :, 3:], light[:, :, 3:]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(alpha > opening, opening / alpha, _ONE)
    whole = np.minimum(light * share + below, _ONE)
    # Eight bits: the interval from 0 to 1 in 256 equal parts.
    return np.minimum(whole * 256, 255).astype(np.uint8)


def _overlap(start: float, length: int, room: int) -> slice | None:
    """The canvas pixels that a picture from `start` on touches; None where it lies beside."""
    first, last = max(floor(start), 0), min(ceil(start + length), room)
    return slice(first, last) if first < last else None


def _moved(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)


def _between(light: Light, right: float, below: float) -> Light:
    """A picture moved by fractions of a pixel, bilinear; its edges fade to nothing.

    One pixel larger than it was, at its right and lower end.
    """
    padded: Light = np.pad(light, ((1, 1), (1, 1), (0, 0))).astype(np.float32, copy=False)
    near_x, near_y = (_ONE - np.float32(each) for each in (right, below))
    mixed = (
        padded[:-1, :-1] * ((_ONE - near_x) * (_ONE - near_y))
        + padded[:-1, 1:] * (near_x * (_ONE - near_y))
        + padded[1:, :-1] * ((_ONE - near_x) * near_y)
        + padded[1:, 1:] * (near_x * near_y)
    )
    return mixed.astype(np.float32, copy=False)
