"""A level made of large JPEG streams, cut into tiles at their restart markers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from threading import Lock

import numpy as np

from bigpicture.dicom.codecs import JPEG_BASELINE
from bigpicture.dicom.jpeg import YCBCR
from bigpicture.dicom.read import MAXIMUM_TILE_SIDE
from bigpicture.dicom.restart import JpegStream, join
from bigpicture.dicom.slide import BACKGROUND, Encoding, Frame, Pixels, Stack
from bigpicture.model.errors import SlideError

METHOD = "ISO_10918_1"
BAND_ROWS = 512
"""Side of the tiles of a level that must be encoded again."""
TILE_SIDE = 1024
MAXIMUM_BAND_BYTES = 1 << 30


@dataclass(frozen=True)
class Mosaic:
    """One focal plane of one channel: streams side by side, `streams[row][column]`."""

    streams: tuple[tuple[JpegStream, ...], ...]

    @property
    def first(self) -> JpegStream:
        return self.streams[0][0]

    @cached_property
    def all(self) -> tuple[JpegStream, ...]:
        return tuple(stream for row in self.streams for stream in row)

    @cached_property
    def columns(self) -> int:
        return sum(stream.columns for stream in self.streams[0])

    @cached_property
    def rows(self) -> int:
        return sum(row[0].rows for row in self.streams)

    @cached_property
    def across(self) -> int:
        return sum(stream.across for stream in self.streams[0])

    @cached_property
    def down(self) -> int:
        return sum(row[0].units[1] for row in self.streams)

    def check(self) -> None:
        """Raise `SlideError` where streams do not fill a rectangle."""
        for row in self.streams:
            for stream, above in zip(row, self.streams[0], strict=True):
                if stream.columns != above.columns or stream.rows != row[0].rows:
                    raise SlideError(
                        "its images do not fit side by side.",
                        place=stream.place,
                        rule="images of a row are equally high, images of a column equally wide",
                        remedy="A file belongs to another slide, or is damaged: copy all again.",
                    )

    def intervals(self, row: int, first: int, count: int) -> Iterator[bytes]:
        """Intervals `first` to `first + count` of a row of units, from stream to stream."""
        streams = self.streams[0]
        for streams in self.streams:
            if row < streams[0].units[1]:
                break
            row -= streams[0].units[1]
        for stream in streams:
            here = min(count, stream.across - first)
            if here > 0:
                yield from stream.pieces(row * stream.across + first, here)
                count -= here
            first = max(0, first - stream.across)
            if not count:
                return

    def band(self, top: int, bottom: int, whole: dict[int, Pixels]) -> Pixels:
        """Rows `top` to `bottom`, decoded, shape (bottom - top, columns, samples)."""
        parts: list[Pixels] = []
        begin = 0
        for streams in self.streams:
            start, stop = max(top, begin), min(bottom, begin + streams[0].rows)
            if start < stop:
                decoded = [each.band(start - begin, stop - begin, whole) for each in streams]
                parts.append(np.concatenate(decoded, axis=1))
            begin += streams[0].rows
        return np.concatenate(parts)


@dataclass(frozen=True)
class _Level:
    """What both kinds share. `layers` are counted as frames are: focal planes, then channels."""

    place: str
    layers: tuple[Mosaic, ...]
    stack: Stack

    @property
    def columns(self) -> int:
        return self.layers[0].columns

    @property
    def rows(self) -> int:
        return self.layers[0].rows

    def ratio(self) -> float:
        """Uncompressed to compressed bytes."""
        whole = self.columns * self.rows * self.stack.samples * len(self.layers)
        return whole / max(1, sum(each.length for layer in self.layers for each in layer.all))


@dataclass(frozen=True)
class CutLevel(_Level):
    """A level whose tiles are rectangles of restart intervals, `tile` of them across and down.

    Every tile has a head of its own before intervals as the scanner wrote them. Where the right or
    lower edge leaves a tile incomplete, intervals of background in the same tables complete it:
    they lie outside of the level.
    """

    tile: tuple[int, int]

    @property
    def tile_columns(self) -> int:
        stream = self.layers[0].first
        return self.tile[0] * stream.interval * stream.unit[0]

    @property
    def tile_rows(self) -> int:
        return self.tile[1] * self.layers[0].first.unit[1]

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Tiles across and down."""
        return ceil(self.layers[0].across / self.tile[0]), ceil(self.layers[0].down / self.tile[1])

    @cached_property
    def completed(self) -> int:
        """How many tiles reach past the edge and hold intervals of background."""
        wide, high = self.grid
        edge_right = self.layers[0].across % self.tile[0] != 0
        edge_below = self.layers[0].down % self.tile[1] != 0
        count = edge_right * high + edge_below * wide - (edge_right and edge_below)
        return count * len(self.layers)

    @property
    def encoding(self) -> Encoding:
        stream = self.layers[0].first
        name = "MONOCHROME2" if stream.samples == 1 else "RGB" if stream.is_rgb else YCBCR
        return Encoding(JPEG_BASELINE, name, is_lossy=True, method=METHOD, ratio=self.ratio())

    @cached_property
    def _heads(self) -> tuple[bytes, ...]:
        return tuple(
            layer.first.written_head(self.tile_columns, self.tile_rows) for layer in self.layers
        )

    @cached_property
    def _blanks(self) -> tuple[bytes | None, ...]:
        return tuple(_blank(layer) for layer in self.layers)

    def frame(self, index: int) -> Frame:
        across, down = self.grid
        number, tile = divmod(index, across * down)
        row, column = divmod(tile, across)
        pieces = list(self._pieces(number, row * self.tile[1], column * self.tile[0]))
        return Frame(self._heads[number], join(pieces))

    def _pieces(self, number: int, top: int, left: int) -> Iterator[bytes]:
        layer = self.layers[number]
        wide, high = self.tile
        here = min(wide, layer.across - left)
        blank = self._blanks[number] or b""
        for row in range(top, top + high):
            if row < layer.down:
                yield from layer.intervals(row, left, here)
                yield from [blank] * (wide - here)
            else:
                yield from [blank] * wide

    def pixels(self, index: int) -> Pixels:
        across, down = self.grid
        frame = self.frame(index)
        stream = self.layers[index // (across * down)].first
        return stream.decode(frame.head + frame.body, self.tile_columns, self.tile_rows)


@dataclass(frozen=True)
class BandLevel(_Level):
    """A level that cannot be cut; decoded a band of rows at a time, and encoded again."""

    reason: str
    _band: dict[tuple[int, int], Pixels] = field(default_factory=dict, compare=False, repr=False)
    _whole: dict[int, Pixels] = field(default_factory=dict, compare=False, repr=False)
    _lock: Lock = field(default_factory=Lock, compare=False, repr=False)

    @property
    def tile_columns(self) -> int:
        return BAND_ROWS

    @property
    def tile_rows(self) -> int:
        return BAND_ROWS

    @property
    def encoding(self) -> Encoding:
        name = "MONOCHROME2" if self.stack.samples == 1 else "RGB"
        return Encoding(
            "", name, is_lossy=True, method=METHOD, ratio=self.ratio(), reason=self.reason
        )

    def frame(self, index: int) -> Frame:
        raise SlideError("its tiles cannot be copied.", place=f"{self.place} tile {index}")

    def pixels(self, index: int) -> Pixels:
        across, down = ceil(self.columns / BAND_ROWS), ceil(self.rows / BAND_ROWS)
        number, tile = divmod(index, across * down)
        row, column = divmod(tile, across)
        with self._lock:
            if (number, row) not in self._band:
                self._band.clear()
                top = row * BAND_ROWS
                bottom = min(top + BAND_ROWS, self.rows)
                self._band[number, row] = self.layers[number].band(top, bottom, self._whole)
            band = self._band[number, row]
        part = band[:, column * BAND_ROWS : (column + 1) * BAND_ROWS]
        # The last column and row repeat, so that lossy coding leaves no edge.
        below, right = BAND_ROWS - part.shape[0], BAND_ROWS - part.shape[1]
        return np.pad(part, ((0, below), (0, right), (0, 0)), mode="edge")


RestartLevel = CutLevel | BandLevel


def restart_level(
    layers: Sequence[Mosaic], *, planes: int = 1, paths: int = 1, place: str
) -> RestartLevel:
    """The level of these layers; raises `SlideError` where they are of different kinds."""
    first = layers[0].first
    stack = Stack(samples=first.samples, planes=planes, paths=paths)
    for layer in layers:
        layer.check()
        is_alike = (layer.columns, layer.rows) == (layers[0].columns, layers[0].rows)
        if not is_alike or any(stream.samples != first.samples for stream in layer.all):
            raise SlideError(
                "its focal planes or channels are images of different sizes or kinds.",
                place=layer.first.place,
                remedy="A file belongs to another slide, or is damaged: copy all again.",
            )
    reason = _why_not(layers)
    if reason:
        return _banded(place, tuple(layers), stack, reason)
    wide, high = first.interval * first.unit[0], first.unit[1]
    across = even(layers[0].across, max(1, TILE_SIDE // wide))
    rows = min(TILE_SIDE, TILE_SIDE * TILE_SIDE // (across * wide))
    down = even(layers[0].down, max(1, rows // high))
    level = CutLevel(place, tuple(layers), stack, (across, down))
    if level.completed and any(_blank(layer) is None for layer in layers):
        reason = "its tables have no code for background, which would complete its last tiles"
        return _banded(place, tuple(layers), stack, reason)
    return level


def even(count: int, target: int) -> int:
    """How many to put into each group: about `target`, and so that the last group is full."""
    least, most = max(1, target // 2), min(count, max(1, 3 * target // 2))
    choice = range(min(least, most), most + 1)
    return min(choice, key=lambda size: (-count % size, abs(size - target)))


def remarks(levels: Sequence[RestartLevel]) -> Iterator[str]:
    """What a reader of the report should know of how the levels were cut."""
    for level in levels:
        streams = [stream for layer in level.layers for stream in layer.all]
        if any(stream.was_misled for stream in streams):
            yield f"{level.place}: its list of restart markers is wrong; they were searched for."
        if isinstance(level, CutLevel) and level.completed:
            tiles = level.grid[0] * level.grid[1] * len(level.layers)
            yield (
                f"{level.place}: {level.completed} of {tiles} tiles reach past the edge; "
                "background completes them there."
            )


def _blank(layer: Mosaic) -> bytes | None:
    return layer.first.blank(0 if layer.first.samples == 1 else BACKGROUND)


def _banded(place: str, layers: tuple[Mosaic, ...], stack: Stack, reason: str) -> BandLevel:
    for stream in (stream for layer in layers for stream in layer.all):
        stream.check_decodable()
    if layers[0].columns * BAND_ROWS * stack.samples > MAXIMUM_BAND_BYTES:
        raise SlideError(
            f"{layers[0].columns} pixels are too wide to decode in bands.",
            place=place,
            rule=f"at most {MAXIMUM_BAND_BYTES >> 20} MiB for {BAND_ROWS} rows",
            remedy="Export the slide as DICOM from the scanner's software.",
        )
    return BandLevel(place, layers, stack, reason)


def _why_not(layers: Sequence[Mosaic]) -> str:
    """Why the layers cannot be cut; empty where they can."""
    first = layers[0].first
    streams = [stream for layer in layers for stream in layer.all]
    same = (first.interval, first.unit, first.is_rgb)
    if any(not stream.head.is_baseline for stream in streams):
        return "its JPEG is not Baseline"
    if any(not stream.interval for stream in streams):
        return "its JPEG has no restart markers to cut it at"
    if any(not stream.across for stream in streams):
        return "its restart intervals do not begin with its rows"
    if any((each.interval, each.unit, each.is_rgb) != same for each in streams):
        return "its JPEG streams are cut differently"
    if first.interval * first.unit[0] > MAXIMUM_TILE_SIDE:
        return f"its restart intervals are wider than {MAXIMUM_TILE_SIDE} pixels"
    for layer in layers:
        heads = {(stream.head.tables, stream.head.tail[10:]) for stream in layer.all}
        if len(heads) > 1:
            return "its JPEG files have different tables"
        if not all(_fills(stream, layer) for stream in layer.all):
            return "its JPEG files do not end with a unit"
    return ""


def _fills(stream: JpegStream, layer: Mosaic) -> bool:
    """Whether the next stream to the right and below begins where this one's units end."""
    wide, high = stream.unit
    is_last_column = any(stream is row[-1] for row in layer.streams)
    is_last_row = any(stream is each for each in layer.streams[-1])
    return (is_last_column or stream.columns % wide == 0) and (
        is_last_row or stream.rows % high == 0
    )
