"""Find nuclei in haematoxylin: optical density, Laplacian of Gaussian, watershed. A baseline.

Red light is taken up by haematoxylin and hardly by eosin (Ruifrok and Johnston 2001, PMID
11531144); nuclei are blobs in it (Lindeberg 1998, doi 10.1023/A:1008045108935; the Laplacian as a
difference of Gaussians, Marr and Hildreth 1980, doi 10.1098/rspb.1980.0020), parted by flooding
from their middles (Vincent and Soille 1991, doi 10.1109/34.87344), no farther than `REACH`.

Everything is whole numbers and looks no farther than `MARGIN`: a slide cut into tiles has exactly
the nuclei that it has in one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.slide import Pixels

MPP = 0.5
"""Micrometres per pixel of what `find_nuclei` is given."""
REACH = 24
"""Pixels that a nucleus extends from its middle at most."""
MARGIN = 80
"""Pixels around a tile that decide about the nuclei whose middles lie in it."""
_SCALE = 8000
"""Whole numbers for one unit of natural optical density."""
_SIGMA = 3.2
_WIDER = 1.6
_APART = 9
"""Side of the window in which a middle is the greatest, pixels."""
_LEVELS = 12
_OTSU = 0.85
_LEAST, _MOST = 30, 1200
"""Pixels of a nucleus: 7.5 to 300 µm²."""
_LEAST_RESPONSE = int(0.03 * _SCALE)
LEAST_DENSITY = 0.3
"""Optical density in red below which nothing is a nucleus, whatever the slide."""

_DENSITY = np.rint(-np.log((np.arange(256) + 1) / 256) * _SCALE).astype(np.uint16)


@dataclass(frozen=True, slots=True, eq=False)
class FoundNuclei:
    """`labels` int32 (h, w): 0 is none, n the n-th of `middles`, int64 (n, 2), x and y."""

    labels: NDArray[np.int32]
    middles: NDArray[np.int64]


def red_density(pixels: Pixels) -> NDArray[np.uint16]:
    """Optical density in red, in 1 / 8000, of RGB (h, w, 3)."""
    return _DENSITY[pixels[..., 0]]


def threshold_of(samples: NDArray[np.uint16]) -> int:
    """The density above which a pixel may be of a nucleus, of samples of a slide's tissue.

    `_OTSU` of Otsu's threshold (1979, doi 10.1109/TSMC.1979.4310076), which the many pixels between
    nuclei pull up, and no lower than `LEAST_DENSITY`.
    """
    least = round(LEAST_DENSITY * _SCALE)
    coarse = (samples // (_SCALE // 80)).clip(0, 255).astype(np.uint8).reshape(1, -1)
    if not coarse.size:
        return least
    level, _ = cv2.threshold(coarse, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return max(least, round(_OTSU * (level + 1) * (_SCALE // 80)))


def find_nuclei(pixels: Pixels, threshold: int) -> FoundNuclei:
    """The nuclei in RGB (h, w, 3) at `MPP`; `threshold` as `threshold_of` the slide gives it.

    Those within `MARGIN` of an edge that is not the slide's are not to be trusted.
    """
    density = red_density(pixels)
    smooth = cv2.GaussianBlur(density, (0, 0), 1.0)
    response = _response(density)
    ground = (smooth > threshold) & (response > -_LEAST_RESPONSE)
    middles = _middles(response, ground)
    labels = _flooded(response, ground, middles)
    return _sized(labels, middles)


def outline_of(
    labels: NDArray[np.int32], number: int, middle: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The outline of one nucleus, float64 (n, 2): through the middles of its outer pixels."""
    x, y = (int(each) for each in middle)
    left, top = max(0, x - REACH - 1), max(0, y - REACH - 1)
    part = (labels[top : y + REACH + 2, left : x + REACH + 2] == number).astype(np.uint8)
    curves, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    longest = max(curves, key=len)[:, 0, :].astype(np.float64)
    return longest + np.array([left + 0.5, top + 0.5])


def _response(density: NDArray[np.uint16]) -> NDArray[np.int32]:
    """How far a place is a dark blob. Of 16 bits OpenCV's blur is exact, wherever a pixel lies."""
    near = cv2.GaussianBlur(density, (0, 0), _SIGMA).astype(np.int32)
    return near - cv2.GaussianBlur(density, (0, 0), _WIDER * _SIGMA).astype(np.int32)


def _middles(response: NDArray[np.int32], ground: NDArray[np.bool_]) -> NDArray[np.int64]:
    window = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_APART, _APART))
    greatest = cv2.dilate(response.astype(np.float32), window)
    is_middle = ground & (response == greatest) & (response > _LEAST_RESPONSE)
    rows, columns = np.nonzero(is_middle)
    return np.stack([columns, rows], 1)


def _flooded(
    response: NDArray[np.int32], ground: NDArray[np.bool_], middles: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Labels that grow from the middles downhill, level by level.

    Where two meet, the later in reading order wins: the same one in any tile.
    """
    labels = np.zeros(response.shape, np.float32)
    labels[middles[:, 1], middles[:, 0]] = np.arange(1, len(middles) + 1)
    square = np.ones((3, 3), np.uint8)
    heights = np.linspace(0.45 * _SCALE, -_LEAST_RESPONSE, _LEVELS).astype(np.int32)
    for height in heights:
        open_ground = ground & (response > height)
        for _ in range(REACH // _LEVELS):
            grown = cv2.dilate(labels, square)
            np.copyto(labels, grown, where=open_ground & (labels == 0))
    return labels


def _sized(labels: NDArray[np.float32], middles: NDArray[np.int64]) -> FoundNuclei:
    """Without what is too small or too large; the rest numbered anew."""
    numbers = labels.astype(np.int32)
    sizes = np.bincount(numbers.ravel(), minlength=len(middles) + 1)
    is_kept = (sizes >= _LEAST) & (sizes <= _MOST)
    is_kept[0] = False
    anew = np.zeros(len(sizes), np.int32)
    anew[is_kept] = np.arange(1, is_kept.sum() + 1)
    return FoundNuclei(anew[numbers], middles[is_kept[1:]])
