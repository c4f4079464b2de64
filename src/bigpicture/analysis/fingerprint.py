"""Fingerprints: by which the same slide is known again, scanned anew, turned or mirrored.

The tissue of an overview is brought to one place and size by the centre and the spread of its
density, so that margins do not matter. Of that picture 64 coefficients of the cosine transform are
kept, as a bit each (a perceptual hash: Zauner, 2010): a few bits apart are candidates, found in an
index. Whether they are one slide is said by how alike the pictures are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.glass import Density, Where, summed

Words = NDArray[np.uint64]
Picture = NDArray[np.uint8]

NEAR = 8
"""Bits, at most, that the words of candidates differ in."""
ALIKE = 0.97
"""Correlation, at least, of the pictures of one slide scanned twice."""
SIDE = 32
"""Pixels a side of a fingerprint's picture."""

_SIDE = 64
_ENOUGH = 300
"""Pixels of the shorter side that a picture is not averaged below."""
_WINDOW = 4.2
"""Side of what is looked at, in deviations of the density from its centre."""
_KEPT = 9
_BITS = 64
_EMPTY = 0.1
"""Part of the greatest density below which a pixel of a picture is empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """`word` is a hash of 64 bits, `picture` the registered density, uint8 (32, 32)."""

    word: int
    picture: Picture

    def words(self) -> Words:
        """The words of the slide in its eight forms: quarter turns, and their mirror images."""
        return np.array([_word(each) for each in _forms(self.picture)], np.uint64)


def fingerprint(over_glass: Density, tissue: Where) -> Fingerprint | None:
    """The fingerprint of a slide, None without tissue.

    `over_glass` are optical densities over the glass (h, w, 3), `tissue` its mask (h, w).
    """
    density = np.asarray(cv2.multiply(summed(over_glass), tissue.astype(np.float32)), np.float32)
    density = _shrink(density)
    if not density.any():
        return None
    small = cv2.resize(_register(density), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 1.0)
    picture = np.rint(small * (255 / small.max())).astype(np.uint8)
    return Fingerprint(_word(picture), picture)


def likeness(one: Picture, other: Picture) -> float:
    """How alike two pictures are, -1 to 1: their correlation where either shows tissue.

    That of the best of the eight forms.
    """
    return max(_correlation(np.asarray(one, np.float64), form) for form in _forms(other))


def _shrink(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """Averaged down by a whole number, where what is looked at is far larger than is needed."""
    step = min(density.shape) // _ENOUGH
    if step < 2:
        return density
    rows, columns = (side // step * step for side in density.shape)
    size = columns // step, rows // step
    whole = density[:rows, :columns]
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def _register(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """Density around its centre, at a scale set by its spread, (64, 64)."""
    total = float(density.sum())
    down, across = density.sum(axis=1) / total, density.sum(axis=0) / total
    rows, columns = np.arange(len(down)), np.arange(len(across))
    row, column = float(down @ rows), float(across @ columns)
    spread = float(down @ (rows - row) ** 2 + across @ (columns - column) ** 2)
    scale = max(_WINDOW * float(np.sqrt(spread)), 1.0) / _SIDE
    blurred = cv2.GaussianBlur(density, (0, 0), max(scale / 2, 0.3))
    # Pixel i of what comes out shows the place `centre + (i - 31.5) * scale`.
    first = (_SIDE - 1) / 2 * scale
    turn = np.array([[scale, 0, column - first], [0, scale, row - first]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(blurred, turn, (_SIDE, _SIDE), flags=flags), np.float32)


def _forms(picture: Picture) -> Iterator[Picture]:
    """The picture, its mirror images and quarter turns; itself first."""
    for turned in (picture, picture.T):
        for flipped in (turned, turned[::-1]):
            yield flipped
            yield flipped[:, ::-1]


_ORDER = np.argsort(np.add.outer(np.arange(_KEPT), np.arange(_KEPT)).reshape(-1), kind="stable")
_CHOSEN = _ORDER[1 : _BITS + 1]
"""The coarsest coefficients, without the mean."""


def _word(picture: Picture) -> int:
    coefficients = cv2.dct(np.ascontiguousarray(picture, np.float32))[:_KEPT, :_KEPT]
    return int(np.packbits(coefficients.reshape(-1)[_CHOSEN] > 0).view(">u8")[0])


def _correlation(one: NDArray[np.float64], other: Picture) -> float:
    seen = (one > _EMPTY * one.max()) | (other > _EMPTY * other.max())
    first, second = one[seen], np.asarray(other, np.float64)[seen]
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / scale if scale > 0 else 0.0
