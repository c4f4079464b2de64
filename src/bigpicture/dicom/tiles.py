"""Tiles of a stored pyramid: the frame as it is, decoded, or a region over several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from bigpicture.dicom.composite import Ramp, composite, ramps_of
from bigpicture.dicom.index import FrameIndex, build_index
from bigpicture.dicom.read import Instance, order_levels, read_instance
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.slide import BACKGROUND, Pixels, Samples
from bigpicture.dicom.syntax import FrameForm, frame_media_type
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Level
from bigpicture.model.source import ByteSource

_BYTE = 8


@dataclass(frozen=True)
class TiledInstance:
    """A TILED_FULL instance with the source its frames are read from."""

    source: ByteSource
    instance: Instance
    index: FrameIndex

    @property
    def level(self) -> Level:
        return self.instance.level

    @cached_property
    def media_type(self) -> str:
        return frame_media_type(self.instance.transfer_syntax)

    @cached_property
    def form(self) -> FrameForm:
        """What a decoder must know of every frame."""
        instance = self.instance
        return FrameForm(
            transfer_syntax=instance.transfer_syntax,
            photometric=instance.photometric,
            columns=self.level.tile_columns,
            rows=self.level.tile_rows,
            samples=instance.samples,
            bits=instance.bits,
            stored=int(instance.header.get("BitsStored", None) or instance.bits),
            is_planar=int(instance.header.get("PlanarConfiguration", None) or 0) == 1,
        )

    @cached_property
    def ramps(self) -> tuple[Ramp, ...]:
        """How each channel of a fluorescence slide is shown."""
        header = self.instance.header
        return ramps_of(header, paths=self.level.optical_paths, bits=self.instance.bits)

    def frame(self, column: int, row: int, *, plane: int = 0, path: int = 0) -> bytes:
        """The stored frame of a tile, untouched; raises `IndexError` outside the level."""
        return self.stored(self.number(column, row, plane=plane, path=path))

    def number(self, column: int, row: int, *, plane: int = 0, path: int = 0) -> int:
        """The frame's number, from 0, in TILED_FULL's order; raises `IndexError` outside."""
        level = self.level
        is_inside = 0 <= column < level.tiles_across and 0 <= row < level.tiles_down
        if not (is_inside and 0 <= plane < level.focal_planes and 0 <= path < level.optical_paths):
            raise IndexError((column, row, plane, path))
        layer = path * level.focal_planes + plane
        return layer * level.tile_count + row * level.tiles_across + column

    def stored(self, number: int) -> bytes:
        """Frame `number`, from 0, untouched; raises `IndexError` past the last."""
        return self.source.read(*self.index.frame(number))

    def samples(self, number: int) -> Samples:
        """Frame `number` decoded: shape (tile_rows, tile_columns, samples); raises `SlideError`."""
        place = f"{self.instance.place} frame {number}"
        return decode_samples(self.stored(number), self.form, place=place)

    def pixels(self, column: int, row: int) -> Pixels:
        """The tile as it is looked at, RGB, shape (tile_rows, tile_columns, 3).

        Of several focal planes the middle one, of channels their composite. Raises `SlideError`.
        """
        plane = self.level.focal_planes // 2
        numbers = [
            self.number(column, row, plane=plane, path=path)
            for path in range(self.level.optical_paths)
        ]
        if self.instance.samples == 3:
            return cast("Pixels", self.samples(numbers[0]))
        return composite([self.samples(number) for number in numbers], self.ramps)

    def region(self, x: int, y: int, width: int, height: int) -> Pixels:
        """A region in this level's pixels as it is looked at, RGB, shape (height, width, 3).

        Outside of the level it is background.
        """
        out = np.full((height, width, 3), self._background, np.uint8)
        pasted = paste(out, self.level, x, y, lambda column, row, _: self.pixels(column, row))
        return cast("Pixels", pasted)

    def layer_region(self, layer: int, x: int, y: int, width: int, height: int) -> Samples:
        """A region of one layer (path × focal planes + plane), shape (height, width, samples)."""
        kind = np.uint8 if self.instance.bits == _BYTE else np.uint16
        out: Samples = np.full((height, width, self.instance.samples), self._background, kind)
        first = layer * self.level.tile_count
        across = self.level.tiles_across
        return paste(
            out,
            self.level,
            x,
            y,
            lambda column, row, _: self.samples(first + row * across + column),
        )

    @property
    def _background(self) -> int:
        return BACKGROUND if self.instance.samples == 3 else 0


def paste(
    out: Samples, level: Level, x: int, y: int, tile: Callable[[int, int, int], Samples]
) -> Samples:
    """Fill `out`, whose upper left pixel is (x, y) of `level`, with the tiles that lie under it.

    `tile` gives column and row's pixels, so many rows of them from the top at least. What lies
    outside of the level stays as it is.
    """
    height, width = out.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, level.columns), min(y + height, level.rows)
    if left >= right or top >= bottom:
        return out
    across, down = level.tile_columns, level.tile_rows
    for row in range(top // down, (bottom - 1) // down + 1):
        for column in range(left // across, (right - 1) // across + 1):
            x0, x1 = max(left, column * across), min(right, (column + 1) * across)
            y0, y1 = max(top, row * down), min(bottom, (row + 1) * down)
            part = tile(column, row, y1 - row * down)[
                y0 - row * down : y1 - row * down, x0 - column * across : x1 - column * across
            ]
            out[y0 - y : y1 - y, x0 - x : x1 - x] = part
    return out


def open_tiles(source: ByteSource, *, place: str = "instance") -> TiledInstance:
    """Open one TILED_FULL instance; raises `SlideError` where it is sparse or damaged."""
    instance = read_instance(source, place=place)
    return _tiled(source, instance)


def open_pyramid(sources: Iterable[tuple[str, ByteSource]]) -> list[TiledInstance]:
    """Open the instances of one slide, given as (name, source); volume levels, finest first."""
    opened = [(read_instance(source, place=place), source) for place, source in sources]
    by_header = {id(instance.header): source for instance, source in opened}
    ordered = order_levels(instance for instance, _ in opened)
    return [_tiled(by_header[id(each.header)], each) for each in ordered]


def read_region(
    pyramid: Sequence[TiledInstance], *, level: int, x: int, y: int, width: int, height: int
) -> Pixels:
    """A region of one level, in that level's pixels, shape (height, width, 3)."""
    return pyramid[level].region(x, y, width, height)


def _tiled(source: ByteSource, instance: Instance) -> TiledInstance:
    index = build_index(source, instance)
    if not instance.is_tiled_full or len(index) != instance.level.frame_count:
        raise SlideError(
            "its frames are not one for each tile, row by row.",
            place=instance.place,
            rule="Dimension Organization Type TILED_FULL",
            remedy="Convert the slide again.",
        )
    return TiledInstance(source, instance, index)
