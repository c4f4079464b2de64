"""Focus: how much fine detail tiles have beside their coarser detail.

The variance of the Laplacian (Pech-Pacheco et al., ICPR 2000, doi 10.1109/ICPR.2000.903548) says
how much detail there is, of a slide and of its tissue; what it is after the picture was blurred
(Crete et al., 2007, doi 10.1117/12.702790) says how much there could be. Their ratio depends little
on what is shown: it is 10 to 30 in focus, and falls to 1 with blur. A light blur first keeps the
noise of the sensor, which is always sharp, from being taken for detail.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.glass import Pixels

MPP = 0.5
"""Micrometres per pixel at which `BLURRED` was chosen."""
BLURRED = 5.0
"""Below it a tile is out of focus: that of a blur with a deviation of about 1.5 pixels."""
HIGHEST = 100.0
"""A ratio is cut there."""

_LIGHT, _STRONG = 0.6, 2.0
"""Deviations of the two blurs, pixels."""
_QUIET = 0.2
"""Squared grey levels added to the lower variance: what the noise of a sensor leaves."""
_FLAT = 6.0
"""Squared grey levels: with less variance a tile shows nothing that could be sharp."""


def focus_of(tile: Pixels) -> float:
    """The focus of one tile, RGB uint8 (h, w, 3): 0 to `HIGHEST`, NaN where nothing is shown."""
    height, width = tile.shape[:2]
    return float(focus_map(tile, tile=(height, width))[0, 0])


def focus_map(picture: Pixels, *, tile: int | tuple[int, int]) -> NDArray[np.float32]:
    """The focus of each whole tile (one side, or height and width) of a picture, float32.

    Shape (height // tile, width // tile); NaN where a tile shows nothing that could be sharp.
    """
    high, wide = (tile, tile) if isinstance(tile, int) else tile
    rows, columns = picture.shape[0] // high, picture.shape[1] // wide
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    light = cv2.GaussianBlur(grey, (0, 0), _LIGHT)
    strong = cv2.GaussianBlur(grey, (0, 0), _STRONG)
    shape = rows, high, columns, wide
    fine = _variance(cv2.Laplacian(light, cv2.CV_32F), shape)
    coarse = _variance(cv2.Laplacian(strong, cv2.CV_32F), shape)
    found = np.minimum(fine / (coarse + _QUIET), HIGHEST)
    found[_variance(grey, shape) < _FLAT] = np.nan
    return found.astype(np.float32)


def _variance(field: cv2.typing.MatLike, shape: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """The variance over each tile."""
    rows, high, columns, wide = shape
    tiles = np.asarray(field[: rows * high, : columns * wide], np.float32).reshape(shape)
    mean = tiles.mean(axis=(1, 3), dtype=np.float64)
    square = np.einsum("rhcw,rhcw->rc", tiles, tiles, dtype=np.float64) / (high * wide)
    return np.asarray(square - mean**2, np.float32)
