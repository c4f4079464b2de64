"""Tiles of a stored pyramid: the frame as it is, decoded, or a region over several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bigpicture.dicom.codecs import decode_frame
from bigpicture.dicom.index import FrameIndex, build_index
from bigpicture.dicom.read import Instance, order_levels, read_instance
from bigpicture.dicom.slide import BACKGROUND, Pixels
from bigpicture.dicom.syntax import frame_media_type
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Level
from bigpicture.model.source import ByteSource


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

    def frame(self, column: int, row: int) -> bytes:
        """The stored frame of a tile, untouched; raises `IndexError` outside the level."""
        level = self.level
        if not (0 <= column < level.tiles_across and 0 <= row < level.tiles_down):
            raise IndexError((column, row))
        return self.source.read(*self.index.frame(row * level.tiles_across + column))

    def pixels(self, column: int, row: int) -> Pixels:
        """The decoded tile, shape (tile_rows, tile_columns, 3); raises `SlideError`."""
        instance = self.instance
        return decode_frame(
            self.frame(column, row),
            transfer_syntax=instance.transfer_syntax,
            photometric=instance.photometric,
            columns=self.level.tile_columns,
            rows=self.level.tile_rows,
            samples=instance.samples,
            place=f"{instance.place} tile {column}_{row}",
        )

    def region(self, x: int, y: int, width: int, height: int) -> Pixels:
        """A region in this level's pixels, shape (height, width, 3); background outside it."""
        level = self.level
        out = np.full((height, width, 3), BACKGROUND, np.uint8)
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + width, level.columns), min(y + height, level.rows)
        if left >= right or top >= bottom:
            return out
        across, down = level.tile_columns, level.tile_rows
        for row in range(top // down, (bottom - 1) // down + 1):
            for column in range(left // across, (right - 1) // across + 1):
                x0, x1 = max(left, column * across), min(right, (column + 1) * across)
                y0, y1 = max(top, row * down), min(bottom, (row + 1) * down)
                tile = self.pixels(column, row)
                part = tile[
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
