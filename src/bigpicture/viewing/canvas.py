"""Canvas: decoded tiles put together as one rectangle of a level, then brought to its size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from bigpicture.dicom.region import Box
from bigpicture.dicom.slide import BACKGROUND, Pixels
from bigpicture.viewing.stored import StoredLevel


class Part(NamedTuple):
    """A rectangle of one stored level, in its pixels."""

    level: StoredLevel
    box: Box


class Canvas:
    """A part of a level whose tiles come at 1/`reduced` of their size.

    What no tile covers is background, or black where the level is grey.
    """

    def __init__(self, part: Part, reduced: int) -> None:
        level, box = part.level.level, part.box
        self._left, self._top = box.x // reduced, box.y // reduced
        self._right = -(-(box.x + box.width) // reduced)
        self._bottom = -(-(box.y + box.height) // reduced)
        self._wide, self._high = level.tile_columns // reduced, level.tile_rows // reduced
        self._shade = 0 if part.level.is_grey else BACKGROUND

    @cached_property
    def _pixels(self) -> Pixels:
        """Made when it is needed: in a thread, and by who has the turn."""
        shape = (self._bottom - self._top, self._right - self._left, 3)
        return np.full(shape, self._shade, np.uint8)

    def paste(self, places: Sequence[tuple[int, int]], tiles: Sequence[Pixels]) -> None:
        """Lay each tile at its place (column, row); what lies outside of the part is left out."""
        left, top, wide, high = self._left, self._top, self._wide, self._high
        for (column, row), tile in zip(places, tiles, strict=True):
            x0, x1 = max(left, column * wide), min(self._right, (column + 1) * wide)
            y0, y1 = max(top, row * high), min(self._bottom, (row + 1) * high)
            self._pixels[y0 - top : y1 - top, x0 - left : x1 - left] = tile[
                y0 - row * high : y1 - row * high, x0 - column * wide : x1 - column * wide
            ]

    def at(self, size: tuple[int, int]) -> Pixels:
        """RGB, shape (height, width, 3), at `size` (width, height)."""
        width, height = size
        high, wide = self._pixels.shape[:2]
        if (wide, high) == size:
            return self._pixels
        is_smaller = wide >= width and high >= height
        how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(self._pixels, size, interpolation=how), np.uint8)
