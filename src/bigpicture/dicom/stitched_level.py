"""A level of a Ventana slide: copied where its tiles lie in a plain grid, else put together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil, floor
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.slide import BACKGROUND, RGB_STACK, Encoding, Frame, Samples, Stack
from bigpicture.dicom.stitching import Numbers, Stitching
from bigpicture.dicom.tiff_tiles import TiledLevel

TILES_HELD = 24
"""Decoded tiles kept, so that neighbouring frames need not decode them again."""
_EMPTY = -1

Part = NDArray[np.float32]
"""RGB premultiplied by its coverage, and the coverage (0 to 1), shape (rows, columns, 4)."""


@dataclass(frozen=True)
class StitchedLevel:
    """Level `tiled`, reduced by `reduction`, with what `stitching` says of level 0.

    The scanner reduced the tiles of level 0 as they lie in the file, side by side. So a tile here
    holds reduction² reduced tiles of level 0, each of which has its own place on the slide.
    """

    tiled: TiledLevel
    stitching: Stitching
    reduction: int
    _held: OrderedDict[int, Samples] = field(
        default_factory=OrderedDict[int, Samples], compare=False, repr=False
    )
    _lock: Lock = field(default_factory=Lock, compare=False, repr=False)

    @property
    def place(self) -> str:
        return self.tiled.place

    @cached_property
    def _size(self) -> tuple[int, int]:
        return self.stitching.size(self.reduction)

    @property
    def columns(self) -> int:
        return self._size[0]

    @property
    def rows(self) -> int:
        return self._size[1]

    @property
    def tile_columns(self) -> int:
        return self.tiled.tile_columns

    @property
    def tile_rows(self) -> int:
        return self.tiled.tile_rows

    @property
    def stack(self) -> Stack:
        return RGB_STACK

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        encoding = self.tiled.encoding
        if self._sources is not None:
            return encoding
        reason = "its tiles overlap, or do not lie in one grid, so they were put together"
        return replace(encoding, transfer_syntax="", photometric="RGB", reason=reason)

    @cached_property
    def _grid(self) -> tuple[int, int]:
        """Tiles across and down in the TIFF."""
        tiled = self.tiled
        return ceil(tiled.columns / tiled.tile_columns), ceil(tiled.rows / tiled.tile_rows)

    @cached_property
    def _across(self) -> int:
        return ceil(self.columns / self.tile_columns)

    @cached_property
    def _sources(self) -> NDArray[np.int64] | None:
        """The TIFF's number of each frame's tile, or -1; None where tiles must be put together.

        That is so where they overlap or lie off the grid, where a tile is partly of an area and
        partly not, and where a reduced tile of level 0 is no whole number of pixels wide or high.
        """
        sides = self.tile_columns, self.tile_rows
        if not self.stitching.is_grid or any(side % self.reduction for side in sides):
            return None
        across, down = self._across, ceil(self.rows / self.tile_rows)
        step = self.reduction
        inside = self.stitching.covered(*self._covered_size)
        # What lies beyond the slide is cut off, so it may be anything.
        room = (0, down * step - inside.shape[0]), (0, across * step - inside.shape[1])
        counted = np.pad(np.ones_like(inside), room).reshape(down, step, across, step)
        covered = np.pad(inside, room).reshape(down, step, across, step).sum(axis=(1, 3))
        if ((covered > 0) & (covered < counted.sum(axis=(1, 3)))).any():
            return None
        rows, columns = np.mgrid[0:down, 0:across]
        is_there = (covered > 0) & (columns < self._grid[0]) & (rows < self._grid[1])
        return np.where(is_there, rows * self._grid[0] + columns, _EMPTY).ravel()

    @property
    def _covered_size(self) -> tuple[int, int]:
        """Tiles of level 0 up to the last one of any area, across and down."""
        areas = self.stitching.areas
        return (
            max(area.column + len(area.lefts) for area in areas),
            max(area.row + len(area.tops) for area in areas),
        )

    @property
    def missing(self) -> int:
        """How many tiles have no bytes."""
        return self.tiled.missing

    def frame(self, index: int) -> Frame | None:
        assert self._sources is not None, "only where the encoding is copied"
        source = int(self._sources[index])
        return None if source == _EMPTY else self.tiled.frame(source)

    def pixels(self, index: int) -> Samples:
        if self._sources is not None:
            source = int(self._sources[index])
            return self._background() if source == _EMPTY else self.tiled.pixels(source)
        row, column = divmod(index, self._across)
        return self._put_together(column * self.tile_columns, row * self.tile_rows)

    def _background(self) -> Samples:
        return np.full((self.tile_rows, self.tile_columns, 3), BACKGROUND, np.uint8)

    def _put_together(self, left: int, top: int) -> Samples:
        """The frame whose first pixel is (left, top), shape (tile_rows, tile_columns, 3).

        OpenSlide draws from the lower right to the upper left, and what is drawn stays: a tile
        fills what the ones right of and below it left free. Tiles keep their fractions of a pixel.
        """
        width = min(self.tile_columns, self.columns - left)
        height = min(self.tile_rows, self.rows - top)
        canvas = np.zeros((height, width, 4), np.float32)
        for x, y, column, row in self._drawn(left, top, width, height):
            _draw(canvas, self._reduced_tile(column, row), x - left, y - top)
        free = 1 - canvas[..., 3:]
        shown = np.rint(canvas[..., :3] + BACKGROUND * np.maximum(free, 0))
        room = (0, self.tile_rows - height), (0, self.tile_columns - width), (0, 0)
        # The last column and row repeat, so that lossy coding leaves no edge.
        return np.pad(np.clip(shown, 0, 255).astype(np.uint8), room, mode="edge")

    def _drawn(
        self, left: int, top: int, width: int, height: int
    ) -> Iterator[tuple[float, float, int, int]]:
        """Position here, and column and row in level 0, of what touches a region, in order."""
        found: list[tuple[int, int, float, float]] = []
        for area in self.stitching.areas:
            xs, ys = area.lefts / self.reduction, area.tops / self.reduction
            for row in _touching(ys, top, height, self.tile_rows / self.reduction):
                found.extend(
                    (area.row + row, area.column + column, float(xs[column]), float(ys[row]))
                    for column in _touching(xs, left, width, self.tile_columns / self.reduction)
                )
        for row, column, x, y in sorted(found, reverse=True):
            yield x, y, column, row

    def _reduced_tile(self, column: int, row: int) -> Samples | Part:
        """Tile (column, row) of level 0 as this level shows it."""
        step = self.reduction
        tile = self._decoded(column // step, row // step)
        if step == 1:
            return tile
        width, height = self.tile_columns / step, self.tile_rows / step
        part = np.zeros((ceil(height), ceil(width), 4), np.float32)
        _draw(part, tile, -(column % step) * width, -(row % step) * height)
        return part

    def _decoded(self, column: int, row: int) -> Samples:
        """A tile of the TIFF, without what it holds beyond the image; empty where it is missing."""
        across, down = self._grid
        number = row * across + column
        if column >= across or row >= down or self._is_missing(number):
            return np.zeros((0, 0, 3), np.uint8)
        width = min(self.tile_columns, self.tiled.columns - column * self.tile_columns)
        height = min(self.tile_rows, self.tiled.rows - row * self.tile_rows)
        return self._held_pixels(number)[:height, :width]

    def _is_missing(self, number: int) -> bool:
        return self.tiled.parts == 1 and not self.tiled.tiles[number][1]

    def _held_pixels(self, number: int) -> Samples:
        with self._lock:
            if number in self._held:
                self._held.move_to_end(number)
                return self._held[number]
        pixels = self.tiled.pixels(number)
        with self._lock:
            self._held[number] = pixels
            while len(self._held) > TILES_HELD:
                self._held.popitem(last=False)
        return pixels


def _touching(edges: Numbers, start: int, length: int, side: float) -> range:
    """Which of the ascending `edges` begin something `side` long that touches the interval."""
    first = int(np.searchsorted(edges, start - side, "right"))
    return range(first, int(np.searchsorted(edges, start + length, "left")))


def _draw(canvas: Part, part: Samples | Part, x: float, y: float) -> None:
    """Add `part` at (x, y), as far as the canvas is still free there.

    Between pixels it is interpolated; at its edges it covers pixels in part (Cairo's bilinear
    filter, extend none, operator SATURATE).
    """
    columns, rows = floor(x), floor(y)
    # One pixel before the canvas is needed as well: it reaches in by a fraction.
    skipped = max(-columns - 1, 0), max(-rows - 1, 0)
    needed = part[skipped[1] : canvas.shape[0] - rows, skipped[0] : canvas.shape[1] - columns]
    if columns >= canvas.shape[1] or rows >= canvas.shape[0] or not needed.size:
        return
    shifted = _shifted(_shifted(_covering(needed), x - columns, axis=1), y - rows, axis=0)
    columns, rows = columns + skipped[0], rows + skipped[1]
    left, top = max(columns, 0), max(rows, 0)
    right = min(columns + shifted.shape[1], canvas.shape[1])
    bottom = min(rows + shifted.shape[0], canvas.shape[0])
    if left >= right or top >= bottom:
        return
    source = shifted[top - rows : bottom - rows, left - columns : right - columns]
    target = canvas[top:bottom, left:right]
    share = np.minimum(source[..., 3:], 1 - target[..., 3:])
    target += source * np.divide(
        share, source[..., 3:], out=np.zeros_like(share), where=source[..., 3:] > 0
    )


def _covering(part: Samples | Part) -> Part:
    """Samples as a part that covers all of its own."""
    if part.shape[2] == 4:
        return part.astype(np.float32, copy=False)
    whole = np.ones((*part.shape[:2], 4), np.float32)
    whole[..., :3] = part
    return whole


def _shifted(part: Part, fraction: float, *, axis: int) -> Part:
    """`part` moved right or down by a fraction of a pixel; one pixel larger for it."""
    weight = floor((1 - fraction) * 128) / 128  # Cairo's weights have seven bits
    if weight == 1:
        return part
    room = [(0, 0), (0, 0), (0, 0)]
    room[axis] = (0, 1)
    own = np.pad(part, room)
    room[axis] = (1, 0)
    other = np.pad(part, room)
    return (own * weight + other * (1 - weight)).astype(np.float32, copy=False)
