"""Levels of an ETS stack: its tiles are copied where DICOM has their compression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.bitmap import decode_bitmap
from bigpicture.dicom.codecs import JPEG_2000, JPEG_BASELINE
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.ets import (
    BMP,
    COMPRESSIONS,
    JPEG,
    LOSSLESS_JPEG,
    PNG,
    RAW,
    EtsFile,
)
from bigpicture.dicom.ets import JPEG_2000 as JPEG_2000_TILES
from bigpicture.dicom.jpeg import YCBCR, JpegHead, Splicer, read_head
from bigpicture.dicom.jpeg2000 import Codestream, read_codestream, without_comments
from bigpicture.dicom.png import decode_png, read_png_head
from bigpicture.dicom.read import MAXIMUM_SIDE
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.slide import BACKGROUND, Encoding, Frame, Samples, Stack
from bigpicture.dicom.syntax import JPEG_LOSSLESS, FrameForm
from bigpicture.dicom.tiff_tiles import MAXIMUM_NATIVE
from bigpicture.model.errors import SlideError

MAXIMUM_SLOTS = 1 << 25
"""Tiles of a level, over all planes and channels, whether they are there or not."""
_LOSSLESS_SYNTAX = min(JPEG_LOSSLESS)
_BOXES = b"\0\0\0\x0cjP  "
_LOSSY = {JPEG: "ISO_10918_1", JPEG_2000_TILES: "ISO_15444_1"}


@dataclass(frozen=True)
class Axes:
    """Which coordinate of a tile counts planes and channels, and how many there are of each.

    `is_downward` tells that the first plane is the highest one; DICOM begins with the lowest.
    """

    plane: int | None
    path: int | None
    planes: int
    paths: int
    is_downward: bool


@dataclass(frozen=True)
class EtsLevel:
    """One resolution; `slots` has the number of the chunk of each frame, -1 where there is none."""

    file: EtsFile
    place: str
    columns: int
    rows: int
    slots: NDArray[np.int32]
    planes: int
    paths: int

    @property
    def tile_columns(self) -> int:
        return self.file.tile_columns

    @property
    def tile_rows(self) -> int:
        return self.file.tile_rows

    @cached_property
    def missing(self) -> int:
        """How many of its frames have no bytes."""
        return int(np.count_nonzero(self.slots < 0))

    @property
    def stack(self) -> Stack:
        return self._stack

    @cached_property
    def _stack(self) -> Stack:
        stack = Stack(self.file.samples, self.file.bits, self.planes, self.paths)
        stream = self._codestream
        is_deep = stream is not None and stack.bits == 16 and 8 < stream.bits < 16
        return replace(stack, used=stream.bits) if stream is not None and is_deep else stack

    @cached_property
    def _first(self) -> bytes:
        """The first tile that is there."""
        return self._bytes(int(np.argmax(self.slots >= 0)))

    @property
    def _first_place(self) -> str:
        return f"{self.place} first tile"

    @cached_property
    def _codestream(self) -> Codestream | None:
        if self.file.compression != JPEG_2000_TILES:
            return None
        return read_codestream(self._first, place=self._first_place)

    @cached_property
    def _head(self) -> JpegHead:
        return read_head(self._first, place=self._first_place)

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        present = self.slots[self.slots >= 0]
        stored = int(self.file.table["size"][present].sum(dtype=np.uint64))
        encoding = self._frames()
        if not encoding.is_lossy:
            return encoding
        return replace(encoding, ratio=self.file.tile_bytes * len(present) / max(1, stored))

    def _frames(self) -> Encoding:
        if self.file.compression == RAW:
            return self._encoding_of_raw()
        if self.file.compression == JPEG:
            return self._encoding_of_jpeg()
        if self.file.compression == JPEG_2000_TILES:
            return self._encoding_of_jpeg2000()
        name = COMPRESSIONS[self.file.compression]
        return self._again(f"its tiles are {name}, which is not copied into DICOM")

    def _again(self, reason: str) -> Encoding:
        method = _LOSSY.get(self.file.compression, "")
        return Encoding("", self._plain, bool(method), method, 0.0, reason)

    @property
    def _plain(self) -> str:
        return "RGB" if self.file.samples == 3 else "MONOCHROME2"

    def _encoding_of_raw(self) -> Encoding:
        if self.file.is_bgr:
            return self._again("its uncompressed tiles are in BGR")
        if self.file.tile_bytes * len(self.slots) >= MAXIMUM_NATIVE:
            return self._again("DICOM has no place for as many uncompressed tiles")
        return Encoding(EXPLICIT_LITTLE, self._plain, is_lossy=False)

    def _encoding_of_jpeg(self) -> Encoding:
        head = self._head
        if not head.is_baseline or len(head.components) != self.file.samples:
            return self._again(f"tiles are not {self.file.samples}-component JPEG Baseline")
        name = self._plain if self.file.samples == 1 or _is_rgb(head) else YCBCR
        return Encoding(JPEG_BASELINE, name, is_lossy=True, method=_LOSSY[JPEG])

    def _encoding_of_jpeg2000(self) -> Encoding:
        stream = self._codestream
        assert stream is not None
        is_usual = stream.bits == self.file.bits or self.stack.used == stream.bits
        is_full = set(stream.sampling) == {(1, 1)} and is_usual and not _is_signed(self._first)
        if stream.components != self.file.samples or not is_full:
            return self._again("tiles are not full-size unsigned components")
        # A reversible stream may still have been truncated: only Lossless Only promises it was not.
        return Encoding(
            JPEG_2000, stream.photometric, is_lossy=True, method=_LOSSY[JPEG_2000_TILES]
        )

    @cached_property
    def _splicer(self) -> Splicer:
        return Splicer(
            b"",
            is_rgb=_is_rgb(self._head),
            columns=self.tile_columns,
            rows=self.tile_rows,
        )

    def frame(self, index: int) -> Frame | None:
        data = self._bytes(index)
        if not data:
            return None
        place = f"{self.place} frame {index}"
        if self.file.compression == JPEG:
            return self._splicer.splice(data, place=place)
        if self.file.compression == JPEG_2000_TILES:
            return self._checked(data, place)
        return Frame(b"", data)

    def _checked(self, data: bytes, place: str) -> Frame:
        """A codestream without comments, which must be coded as the level's first one is."""
        stream, first = read_codestream(data, place=place), self._codestream
        is_same = (
            first is not None
            and (stream.columns, stream.rows) == (self.tile_columns, self.tile_rows)
            and (stream.components, stream.bits) == (first.components, first.bits)
            and (stream.sampling, stream.photometric) == (first.sampling, first.photometric)
            and not _is_signed(data)
        )
        if not is_same:
            raise SlideError(
                "its JPEG 2000 stream is coded in another way than the level's first one.",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            )
        return Frame(b"", without_comments(data))

    def pixels(self, index: int) -> Samples:
        data = self._bytes(index)
        columns, rows, samples = self.tile_columns, self.tile_rows, self.file.samples
        if not data:
            kind = np.uint8 if self.file.bits == 8 else np.uint16
            shade = BACKGROUND if samples == 3 else 0
            return np.full((rows, columns, samples), shade, kind)
        place = f"{self.place} frame {index}"
        if self.file.compression == PNG:
            return self._png(data, place)
        if self.file.compression == BMP:
            pixels = decode_bitmap(data, columns=columns, rows=rows, place=place)
            return pixels if samples == 3 else pixels[:, :, :1]
        pixels = decode_samples(data, self._form, place=place)
        # Uncompressed BGR is turned over; compressed tiles are RGB, whatever the header says.
        return pixels[:, :, ::-1].copy() if self._is_turned else pixels

    @property
    def _is_turned(self) -> bool:
        return self.file.is_bgr and self.file.compression == RAW

    @cached_property
    def _form(self) -> FrameForm:
        syntax = {
            RAW: EXPLICIT_LITTLE,
            JPEG: JPEG_BASELINE,
            JPEG_2000_TILES: JPEG_2000,
            LOSSLESS_JPEG: _LOSSLESS_SYNTAX,
        }[self.file.compression]
        return FrameForm(
            syntax,
            self._encoding.photometric if self._encoding.is_copied else self._inside,
            self.tile_columns,
            self.tile_rows,
            self.file.samples,
            self.file.bits,
            self.file.bits,
        )

    @property
    def _inside(self) -> str:
        """Colours of tiles that are not copied, where their streams leave it open."""
        is_jpeg = self.file.compression == JPEG and self.file.samples == 3
        return YCBCR if is_jpeg and not _is_rgb(self._head) else self._plain

    def _png(self, data: bytes, place: str) -> Samples:
        head = read_png_head(data, place=place)
        samples = 1 if head.is_grey else 3
        shape = (head.columns, head.rows, samples, head.bits)
        if shape != (self.tile_columns, self.tile_rows, self.file.samples, self.file.bits):
            raise SlideError(
                "the PNG is of another size or kind than its level's tiles.",
                place=place,
                remedy="The file is damaged: copy it again from its origin.",
            )
        return decode_png(data, head, place=place)

    def _bytes(self, index: int) -> bytes:
        """The tile as it is stored; a codestream out of the boxes of JP2; nothing where missing."""
        chunk = int(self.slots[index])
        if chunk < 0:
            return b""
        data = self.file.data(chunk)
        place = f"{self.place} frame {index}"
        if self.file.compression == RAW:
            return _whole(data, self.file.tile_bytes, place)
        is_boxed = self.file.compression == JPEG_2000_TILES and data.startswith(_BOXES)
        return _codestream_in(data, place) if is_boxed else data


def _whole(data: bytes, size: int, place: str) -> bytes:
    if len(data) < size:
        raise SlideError("an uncompressed tile is shorter than its pixels.", place=place)
    return data[:size]


def _is_rgb(head: JpegHead) -> bool:
    """Whether three components are RGB, as libjpeg tells it where no container does."""
    if head.is_jfif or len(head.components) != 3:
        return False
    if head.adobe_transform is not None:
        return head.adobe_transform == 0
    return head.components == b"RGB"


def _is_signed(stream: bytes) -> bool:
    """Ssiz of the first component (ISO/IEC 15444-1 A.5.1)."""
    return bool(stream[42] & 0x80)


def _codestream_in(data: bytes, place: str) -> bytes:
    """The contiguous codestream box of a JP2 file (ISO/IEC 15444-1 annex I)."""
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        begin, end = position + 8, position + length
        if length == 1:
            begin, end = (
                position + 16,
                position + int.from_bytes(data[position + 8 : position + 16], "big"),
            )
        elif length == 0:
            end = len(data)
        if data[position + 4 : position + 8] == b"jp2c":
            return data[begin:end]
        if end < begin:
            break
        position = end
    raise SlideError("the JP2 file has no codestream.", place=place)


def build_levels(
    file: EtsFile, size: tuple[int, int] | None, axes: Axes, *, place: str
) -> tuple[EtsLevel, ...]:
    """The levels of a stack, finest first; each is half as large as the one before it.

    `size` is that of the finest level; where it is None, its tiles say it. Raises `SlideError`
    where tiles lie outside, or two at the same place.
    """
    width, height = size or (file.grid[0] * file.tile_columns, file.grid[1] * file.tile_rows)
    if not (1 <= width <= MAXIMUM_SIDE and 1 <= height <= MAXIMUM_SIDE):
        raise _misfit(place, f"an image of {width} × {height} pixels is impossible")
    builder = _Builder(file, (width, height), axes, place)
    return tuple(builder.levels())


@dataclass(frozen=True)
class _Builder:
    file: EtsFile
    size: tuple[int, int]
    axes: Axes
    place: str

    def levels(self) -> Iterator[EtsLevel]:
        coordinates = self.file.coordinates
        for level in np.unique(coordinates[:, -1]).tolist():
            chunks = np.flatnonzero(coordinates[:, -1] == level).astype(np.int32)
            yield self._level(level, chunks)

    def _level(self, level: int, chunks: NDArray[np.int32]) -> EtsLevel:
        place = f"{self.place} level {level}"
        at = self.file.coordinates[chunks]
        used = int(at[:, 0].max()) + 1, int(at[:, 1].max()) + 1
        tile = self.file.tile_columns, self.file.tile_rows
        columns, rows = (
            _side(whole, level, side, count, place)
            for whole, side, count in zip(self.size, tile, used, strict=True)
        )
        across, down = ceil(columns / tile[0]), ceil(rows / tile[1])
        depth = self.axes.planes * self.axes.paths
        if across * down * depth > MAXIMUM_SLOTS:
            raise _misfit(place, "it has more tiles than can be")
        slots = np.full((self.axes.paths, self.axes.planes, down, across), -1, np.int32)
        path = self._coordinate(at, self.axes.path)
        plane = self._coordinate(at, self.axes.plane)
        if self.axes.is_downward:
            plane = self.axes.planes - 1 - plane
        slots[path, plane, at[:, 1], at[:, 0]] = chunks
        if int(np.count_nonzero(slots >= 0)) != len(chunks):
            raise _misfit(place, "two tiles have the same place")
        return EtsLevel(
            self.file, place, columns, rows, slots.reshape(-1), self.axes.planes, self.axes.paths
        )

    def _coordinate(self, at: NDArray[np.int32], axis: int | None) -> NDArray[np.int32]:
        return np.zeros(len(at), np.int32) if axis is None else at[:, axis]


def _side(whole: int, level: int, tile: int, used: int, place: str) -> int:
    """Pixels of a reduced side: rounded up, unless only rounding down agrees with its tiles.

    Raises `SlideError` where more tiles are there than either needs.
    """
    up, down = -(-whole // (1 << level)), max(1, whole >> level)
    if ceil(up / tile) > ceil(down / tile) == used:
        return down
    if used > ceil(up / tile):
        raise _misfit(place, "tiles lie outside of its image")
    return up


def _misfit(place: str, what: str) -> SlideError:
    return SlideError(
        f"{what}.",
        place=place,
        remedy="The slide is damaged: copy it again from its origin, with its folder.",
    )
