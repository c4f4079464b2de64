"""The pixels of one level, put together from tiles that are decoded once and kept a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from bigpicture.dicom.slide import BACKGROUND, Pixels
from bigpicture.dicom.tiles import paste
from bigpicture.model.bounded import Bounded
from bigpicture.model.image import Level

TileMemory = Bounded[tuple[object, int, int, int], Pixels]
"""Decoded tiles by slide, level, column and row; weighed in bytes. Slides may share one."""


Decode = Callable[[int, int, Pixels | None], Pixels]
"""A whole tile (column, row), RGB; put into the array that is given, if one is."""


class LevelPixels(Protocol):
    """One level that any rectangle can be read of."""

    @property
    def level(self) -> Level: ...

    def read(self, x: int, y: int, width: int, height: int, *, out: Pixels | None = None) -> Pixels:
        """A rectangle in this level's pixels, RGB uint8, shape (height, width, 3).

        It is put into `out`, which is contiguous, where that is given. Background outside of the
        level. May be called from several threads. Raises `SlideError`.
        """
        ...


class TiledPixels:
    """A level read tile by tile. `decode` gives a whole one.

    A rectangle that is a tile is decoded and handed on; of all others the tiles stay in `kept`,
    under what they are `of` (this very object unless said), so that neighbours which share tiles
    decode them once. `shade` is what stands outside.
    """

    def __init__(
        self,
        level: Level,
        decode: Decode,
        kept: TileMemory,
        *,
        of: object = None,
        shade: int = BACKGROUND,
    ) -> None:
        self.level = level
        self._decode = decode
        self._kept = kept
        self._of = self if of is None else of
        self._shade = shade

    def read(self, x: int, y: int, width: int, height: int, *, out: Pixels | None = None) -> Pixels:
        level = self.level
        is_inside = x >= 0 and y >= 0 and x + width <= level.columns and y + height <= level.rows
        if is_inside and (width, height) == (level.tile_columns, level.tile_rows):
            (column, left), (row, top) = divmod(x, width), divmod(y, height)
            if left == top == 0:
                return self._decode(column, row, out)
        out = np.empty((height, width, 3), np.uint8) if out is None else out
        if not is_inside:
            out[:] = self._shade
        paste(out, level, x, y, lambda column, row, _: self._tile(column, row))
        return out

    def _tile(self, column: int, row: int) -> Pixels:
        key = self._of, self.level.index, column, row
        tile = self._kept.get(key)
        if tile is None:
            tile = self._decode(column, row, None)
            self._kept.put(key, tile, tile.nbytes)
        return tile


class ArrayPixels:
    """A level that is an array in memory, RGB uint8, shape (rows, columns, 3)."""

    def __init__(self, level: Level, pixels: Pixels) -> None:
        self.level = level
        self._pixels = pixels

    def read(self, x: int, y: int, width: int, height: int, *, out: Pixels | None = None) -> Pixels:
        out = np.empty((height, width, 3), np.uint8) if out is None else out
        out[:] = BACKGROUND
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + width, self.level.columns), min(y + height, self.level.rows)
        if left < right and top < bottom:
            out[top - y : bottom - y, left - x : right - x] = self._pixels[top:bottom, left:right]
        return out
