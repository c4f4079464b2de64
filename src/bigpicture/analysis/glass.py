"""Glass: the light that an overview shows where nothing lies, and densities over it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Density = NDArray[np.float32]
Where = NDArray[np.bool_]

_WHITE, _BLACK = 255, 0
_TOP = 0.005
"""Share of the pixels that may be brighter than glass: dust that shines, edges of a coverslip."""
_REACH = 0.85
"""Glass is no darker than this part of the brightest."""
_NEAR = 4
"""Grey levels around the commonest that still are glass."""
_LEAST = 0.01
"""Share of a picture that has to be glass for it to be found there."""
_ENOUGH = 100_000
"""Pixels of glass that its level and noise are estimated on."""
_MAD = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Glass:
    """Empty glass: `level` are its grey levels in red, green and blue.

    `noise` is the deviation there of the summed optical density, `is_found` false where nothing
    looked like glass, and white stands for it.
    """

    level: tuple[float, float, float]
    noise: float
    is_found: bool = True


_UNKNOWN = Glass((255.0, 255.0, 255.0), 0.0, is_found=False)


def find_glass(picture: Pixels) -> Glass:
    """Estimate the glass of an overview, RGB uint8 (h, w, 3).

    It is the commonest grey level among the bright ones. Pure white and pure black are left out as
    what a scanner or a reader put where it scanned nothing.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    counts = np.bincount(grey.reshape(-1), minlength=256).astype(np.float64)
    counts[_WHITE] -= _count(picture, _WHITE)
    counts[_BLACK] -= _count(picture, _BLACK)
    number = counts.sum()
    if number < _LEAST * grey.size:
        return _UNKNOWN
    brighter = np.cumsum(counts[::-1])[::-1]
    top = int(np.flatnonzero(brighter >= _TOP * number).max())
    first = int(_REACH * top)
    level = first + int(np.convolve(counts, np.ones(3), "same")[first:].argmax())
    chosen = picture[np.abs(grey.astype(np.int16) - level) <= _NEAR]
    if len(chosen) < _LEAST * grey.size:
        return _UNKNOWN
    chosen = chosen[:: max(1, len(chosen) // _ENOUGH)]
    middle = np.median(chosen, axis=0)
    summed = -np.log(np.maximum(chosen, 1) / middle).sum(axis=1)
    noise = _MAD * float(np.median(np.abs(summed - np.median(summed))))
    red, green, blue = (float(value) for value in middle)
    return Glass((red, green, blue), noise)


def density(picture: Pixels, glass: Glass) -> Density:
    """Optical density over the glass, natural logarithm, float32 (h, w, 3), 0 where brighter."""
    grey = np.arange(256, dtype=np.float64)[:, None]
    table = np.maximum(-np.log(np.maximum(grey, 1) / np.asarray(glass.level)), 0)
    table[_BLACK] = 0  # nothing was scanned there
    return np.asarray(cv2.LUT(picture, table.astype(np.float32).reshape(1, 256, 3)), np.float32)


def summed(over_glass: Density) -> Density:
    """Densities of all three colours together, (h, w)."""
    return np.asarray(cv2.transform(over_glass, np.ones((1, 3), np.float32)), np.float32)


def extremes(over_glass: Density) -> tuple[Density, Density]:
    """The greatest and the least density of each pixel, (h, w) each."""
    red, green, blue = cv2.split(over_glass)
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    return np.asarray(most, np.float32), np.asarray(least, np.float32)


def _count(picture: Pixels, value: int) -> int:
    return int(cv2.countNonZero(cv2.inRange(picture, (value,) * 3, (value,) * 3)))
