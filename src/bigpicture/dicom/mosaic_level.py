"""A level that several scanned regions make up, each at its own place, with glass between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import ceil
from typing import NamedTuple, Protocol

import numpy as np

from bigpicture.dicom.read import MAXIMUM_SIDE
from bigpicture.dicom.slide import BACKGROUND, Encoding, Frame, Samples, SourceLevel, Stack
from bigpicture.model.errors import SlideError

MAXIMUM_TILES = 1 << 20
"""Of a level, empty ones counted: a whole glass (76 × 26 mm) at 0.12 µm has half as many."""
_HELD_BYTES = 48 << 20
"""Of decoded tiles that are remembered: a tile of the mosaic crosses up to four of a region."""


class Area(NamedTuple):
    """A region of the mosaic: its pixels, and where its upper left one lies."""

    left: int
    top: int
    level: SourceLevel

    @property
    def right(self) -> int:
        return self.left + self.level.columns

    @property
    def bottom(self) -> int:
        return self.top + self.level.rows


class _Decoded(Protocol):
    def __call__(self, area: int, tile: int, /) -> Samples: ...


@dataclass(frozen=True)
class MosaicLevel:
    """The rectangle around `areas`. Where two of them overlap, the first one is seen."""

    areas: tuple[Area, ...]
    _decoded: _Decoded = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        def decode(area: int, tile: int) -> Samples:
            return self.areas[area].level.pixels(tile)

        tile = self.tile_columns * self.tile_rows * self.stack.samples * self.stack.bits // 8
        object.__setattr__(self, "_decoded", lru_cache(max(1, _HELD_BYTES // tile))(decode))

    @property
    def place(self) -> str:
        return self.areas[0].level.place

    @cached_property
    def origin(self) -> tuple[int, int]:
        """The left and top of the rectangle."""
        return min(area.left for area in self.areas), min(area.top for area in self.areas)

    @property
    def columns(self) -> int:
        return max(area.right for area in self.areas) - self.origin[0]

    @property
    def rows(self) -> int:
        return max(area.bottom for area in self.areas) - self.origin[1]

    @property
    def tile_columns(self) -> int:
        return self.areas[0].level.tile_columns

    @property
    def tile_rows(self) -> int:
        return self.areas[0].level.tile_rows

    @property
    def stack(self) -> Stack:
        return self.areas[0].level.stack

    @property
    def encoding(self) -> Encoding:
        """Never copied: regions lie off each other's grid, and their last tiles hang over."""
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        encodings = [area.level.encoding for area in self.areas]
        lossy = next((each for each in encodings if each.is_lossy), None)
        return Encoding(
            "",
            "RGB" if self.stack.samples == 3 else "MONOCHROME2",
            is_lossy=lossy is not None,
            method=lossy.method if lossy else "",
            ratio=sum(each.ratio for each in encodings) / len(encodings),
            reason="the slide has several regions, whose tiles lie on no common grid",
        )

    @cached_property
    def _across(self) -> int:
        return ceil(self.columns / self.tile_columns)

    @cached_property
    def _tiles(self) -> int:
        return self._across * ceil(self.rows / self.tile_rows)

    def check(self) -> None:
        """Raise `SlideError` where the rectangle is larger than any slide."""
        if max(self.columns, self.rows) > MAXIMUM_SIDE or self._tiles > MAXIMUM_TILES:
            raise SlideError(
                "its regions lie further from each other than a slide is long.",
                place=self.place,
                rule=f"at most {MAXIMUM_SIDE} pixels a side and {MAXIMUM_TILES} tiles",
                remedy="The file is damaged: copy it again from its origin.",
            )

    def frame(self, index: int) -> Frame | None:
        raise SlideError("a mosaic's tiles cannot be copied.", place=f"{self.place} tile {index}")

    def pixels(self, index: int) -> Samples:
        layer, tile = divmod(index, self._tiles)
        row, column = divmod(tile, self._across)
        left = self.origin[0] + column * self.tile_columns
        top = self.origin[1] + row * self.tile_rows
        empty = BACKGROUND if self.stack.samples == 3 else 0
        shape = self.tile_rows, self.tile_columns, self.stack.samples
        pixels: Samples = np.full(shape, empty, np.uint8)
        if self.stack.bits == 16:
            pixels = pixels.astype(np.uint16)
        # The first region lies on top: it is painted last.
        for number in reversed(range(len(self.areas))):
            self._paint(pixels, number, layer, left, top)
        return pixels

    def _paint(self, pixels: Samples, number: int, layer: int, left: int, top: int) -> None:
        """Paint what an area has of the rectangle at `left`, `top` into `pixels`."""
        area = self.areas[number]
        level = area.level
        tiles_across = ceil(level.columns / level.tile_columns)
        tiles = tiles_across * ceil(level.rows / level.tile_rows)
        across = (left - area.left, left - area.left + pixels.shape[1])
        down = (top - area.top, top - area.top + pixels.shape[0])
        for row, here_y, there_y in _cuts(*down, level.rows, level.tile_rows):
            for column, here_x, there_x in _cuts(*across, level.columns, level.tile_columns):
                tile = layer * tiles + row * tiles_across + column
                pixels[here_y, here_x] = self._decoded(number, tile)[there_y, there_x]


def _cuts(start: int, stop: int, end: int, side: int) -> Iterator[tuple[int, slice, slice]]:
    """The tiles of `side` that `start` to `stop` crosses, clipped to 0 to `end`.

    Each with its part of the way from `start`, and its part inside the tile.
    """
    position = max(start, 0)
    while position < min(stop, end):
        number, inside = divmod(position, side)
        length = min(side - inside, min(stop, end) - position)
        here = position - start
        yield number, slice(here, here + length), slice(inside, inside + length)
        position += length


def mosaic(areas: Sequence[Area]) -> SourceLevel:
    """The level made of `areas`; raises `SlideError` where they are not of one kind."""
    first = areas[0].level
    if len(areas) == 1:
        return first
    for area in areas:
        level = area.level
        shape = level.tile_columns, level.tile_rows, level.stack
        if shape != (first.tile_columns, first.tile_rows, first.stack):
            raise SlideError(
                "two of its regions have other tiles, planes or channels.",
                place=f"{first.place}, {level.place}",
                rule="the regions of one slide are scanned alike",
                remedy="Export each region on its own.",
            )
    level = MosaicLevel(tuple(areas))
    level.check()
    return level
