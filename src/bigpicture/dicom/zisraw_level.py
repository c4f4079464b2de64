"""One resolution of a CZI slide: its subblocks as frames, or composed into tiles."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.codecs import JPEG_BASELINE
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.jpeg import YCBCR, JpegHead, Splicer, read_head
from bigpicture.dicom.slide import BACKGROUND, Encoding, Frame, Samples, Stack
from bigpicture.dicom.zisraw import Subblocks
from bigpicture.dicom.zisraw_block import Block, Compression, Form
from bigpicture.model.source import ByteSource

TILE = 512
"""Pixels of a side of the tiles that are composed."""
SMALLEST_FRAME = 64
"""Subblocks of smaller sides are composed: frames of a few pixels serve no reader."""
LARGEST_FRAME = 4096
"""Subblocks of larger sides are composed too: a viewer loads whole frames."""
CACHE_BYTES = 384 << 20
"""Of decoded subblocks. Tiles go row by row, and one row crosses a subblock in each column."""
_LARGEST_NATIVE = 0xFFFFFFF0
_SAMPLED = 64
"""Subblocks whose length is looked up, to tell how strongly a level is compressed."""

LOSSY = frozenset({Compression.JPEG, Compression.JPEG_XR})


@dataclass(frozen=True)
class CziLevel:
    """A level of `columns` × `rows` pixels; `blocks` in the order in which they are drawn.

    `corners` are where the subblocks begin, in this level's pixels: shape (count, 2), x and y.
    `layers` tell which optical path and focal plane each belongs to, counted as frames are.
    """

    source: ByteSource
    place: str
    columns: int
    rows: int
    stack: Stack
    form: Form
    blocks: Subblocks
    corners: NDArray[np.int64]
    layers: NDArray[np.int64]

    def block(self, number: int) -> Block:
        columns, rows = self.blocks.stored[number]
        return Block(
            position=int(self.blocks.position[number]),
            compression=int(self.blocks.compression[number]),
            columns=int(columns),
            rows=int(rows),
            form=self.form,
            place=f"{self.place} subblock {number}",
        )

    def decoded(self, number: int) -> Samples:
        block = self.block(number)
        return block.decode(block.read(self.source))

    @cached_property
    def compressions(self) -> frozenset[Compression]:
        return frozenset(Compression(int(each)) for each in np.unique(self.blocks.compression))

    @property
    def photometric(self) -> str:
        return "RGB" if self.form.samples == 3 else "MONOCHROME2"

    def blank(self, rows: int, columns: int) -> Samples:
        """What stands where the source has no pixels: glass, or no light."""
        shade = BACKGROUND if self.form.samples == 3 else 0
        return np.full((rows, columns, self.form.samples), shade, self.form.kind)

    @cached_property
    def ratio(self) -> float:
        """Uncompressed to compressed bytes, by subblocks spread over the level."""
        count = len(self.blocks)
        drawn = np.unique(np.linspace(0, count - 1, min(count, _SAMPLED)).astype(np.int64))
        blocks = [self.block(int(number)) for number in drawn]
        compressed = sum(block.extent(self.source)[1] for block in blocks)
        return sum(block.raw_bytes for block in blocks) / max(1, compressed)


@dataclass(frozen=True)
class CopiedLevel(CziLevel):
    """A level whose subblocks are tiles of a grid, stored as DICOM stores frames."""

    @property
    def tile_columns(self) -> int:
        return int(self.blocks.stored[0, 0])

    @property
    def tile_rows(self) -> int:
        return int(self.blocks.stored[0, 1])

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """The number of the subblock of each frame that has one."""
        across = ceil(self.columns / self.tile_columns)
        down = ceil(self.rows / self.tile_rows)
        cells = self.corners // np.array([self.tile_columns, self.tile_rows])
        frames = (self.layers * down + cells[:, 1]) * across + cells[:, 0]
        return {int(frame): number for number, frame in enumerate(frames)}

    @property
    def is_jpeg(self) -> bool:
        return self.compressions == frozenset({Compression.JPEG})

    @property
    def encoding(self) -> Encoding:
        if not self.is_jpeg:
            return Encoding(EXPLICIT_LITTLE, self.photometric, is_lossy=False)
        return Encoding(
            JPEG_BASELINE,
            jpeg_photometric(self._first),
            is_lossy=True,
            method="ISO_10918_1",
            ratio=self.ratio,
        )

    @cached_property
    def _first(self) -> JpegHead:
        block = self.block(0)
        return read_head(block.read(self.source), place=block.place)

    @cached_property
    def _splicer(self) -> Splicer:
        return Splicer(
            b"",
            is_rgb=jpeg_photometric(self._first) == "RGB",
            columns=self.tile_columns,
            rows=self.tile_rows,
        )

    def frame(self, index: int) -> Frame | None:
        number = self._numbers.get(index)
        if number is None:
            return None
        block = self.block(number)
        data = block.read(self.source)
        return self._splicer.splice(data, place=block.place) if self.is_jpeg else Frame(b"", data)

    def pixels(self, index: int) -> Samples:
        number = self._numbers.get(index)
        if number is None:
            return self.blank(self.tile_rows, self.tile_columns)
        return self.decoded(number)


@dataclass(frozen=True)
class ComposedLevel(CziLevel):
    """A level whose tiles are cut out of subblocks that overlap, differ in size or need a codec."""

    reason: str = ""
    _held: _Held = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_held", _Held(self.decoded, CACHE_BYTES))

    @property
    def tile_columns(self) -> int:
        return TILE

    @property
    def tile_rows(self) -> int:
        return TILE

    @property
    def encoding(self) -> Encoding:
        if not self.compressions & LOSSY:
            return Encoding("", self.photometric, is_lossy=False, reason=self.reason)
        is_jpeg = Compression.JPEG in self.compressions
        # ITU-T T.832 is ISO/IEC 29199-2; DICOM's list of methods is open (PS3.3 C.7.6.1.1.5.1).
        method = "ISO_10918_1" if is_jpeg else "ISO_29199_2"
        return Encoding(
            "", self.photometric, is_lossy=True, method=method, ratio=self.ratio, reason=self.reason
        )

    def frame(self, index: int) -> Frame | None:
        raise AssertionError(f"{self.place} frame {index}: composed tiles are encoded again")

    def pixels(self, index: int) -> Samples:
        across, down = ceil(self.columns / TILE), ceil(self.rows / TILE)
        layer, tile = divmod(index, across * down)
        row, column = divmod(tile, across)
        left, top = column * TILE, row * TILE
        right, bottom = min(left + TILE, self.columns), min(top + TILE, self.rows)
        pixels = self.blank(TILE, TILE)
        for number in self._lookup.over(layer, (left, top, right, bottom)):
            x, y = (int(each) for each in self.corners[number])
            block = self._held.get(number)
            rows, columns = block.shape[:2]
            x0, x1 = max(x, left), min(x + columns, right)
            y0, y1 = max(y, top), min(y + rows, bottom)
            part = block[y0 - y : y1 - y, x0 - x : x1 - x]
            pixels[y0 - top : y1 - top, x0 - left : x1 - left] = part
        return pixels

    @cached_property
    def _lookup(self) -> _Lookup:
        return _Lookup(self.corners, self.corners + self.blocks.stored, self.layers)


class _Lookup:
    """Which subblocks lie over a tile, without asking each of them.

    The level is cut into squares no smaller than any subblock or tile, so that each of these
    touches four of them at most.
    """

    def __init__(
        self, corners: NDArray[np.int64], ends: NDArray[np.int64], layers: NDArray[np.int64]
    ) -> None:
        self._corners, self._ends = corners, ends
        self._side = max(TILE, int((ends - corners).max()))
        first, last = corners // self._side, (ends - 1) // self._side
        self._across, self._down = (int(each) + 1 for each in last.max(axis=0))
        numbers = np.arange(len(corners))
        keys: list[NDArray[np.int64]] = []
        listed: list[NDArray[np.int64]] = []
        for right, below in ((0, 0), (1, 0), (0, 1), (1, 1)):
            cell = first + np.array([right, below])
            inside = ((cell >= 0) & (cell <= last)).all(axis=1)
            keys.append(self._key(layers[inside], cell[inside, 0], cell[inside, 1]))
            listed.append(numbers[inside])
        order = np.lexsort((np.concatenate(listed), np.concatenate(keys)))
        self._keys = np.concatenate(keys)[order]
        self._numbers = np.concatenate(listed)[order]

    def _key(
        self,
        layer: NDArray[np.int64] | int,
        x: NDArray[np.int64] | int,
        y: NDArray[np.int64] | int,
    ) -> NDArray[np.int64]:
        return np.asarray((layer * self._down + y) * self._across + x, np.int64)

    def over(self, layer: int, box: tuple[int, int, int, int]) -> list[int]:
        """The subblocks to draw over `box` (left, top, right, bottom), the first lowest.

        What lies wholly under one of them is left out.
        """
        left, top, right, bottom = box
        found: list[NDArray[np.int64]] = []
        for y in range(top // self._side, min((bottom - 1) // self._side, self._down - 1) + 1):
            for x in range(
                left // self._side, min((right - 1) // self._side, self._across - 1) + 1
            ):
                key = self._key(layer, x, y)
                start, end = np.searchsorted(self._keys, [key, key + 1])
                found.append(self._numbers[start:end])
        if not found:
            return []
        numbers = np.unique(np.concatenate(found))
        x0, y0 = self._corners[numbers].T
        x1, y1 = self._ends[numbers].T
        touches = (x0 < right) & (x1 > left) & (y0 < bottom) & (y1 > top)
        covers = (x0 <= left) & (x1 >= right) & (y0 <= top) & (y1 >= bottom)
        whole = np.flatnonzero(covers)
        start = int(whole[-1]) if len(whole) else 0
        return [int(number) for number in numbers[start:][touches[start:]]]


class _Held:
    """The subblocks decoded last, `limit` bytes of them; what two threads want is decoded once."""

    def __init__(self, decode: Callable[[int], Samples], limit: int) -> None:
        self._decode = decode
        self._limit = limit
        self._lock = Lock()
        self._blocks: OrderedDict[int, Samples] = OrderedDict()
        self._bytes = 0
        self._under_way: dict[int, Future[Samples]] = {}

    def get(self, number: int) -> Samples:
        with self._lock:
            held = self._blocks.get(number)
            if held is not None:
                self._blocks.move_to_end(number)
                return held
            waiting = self._under_way.get(number)
            made: Future[Samples] = waiting or Future()
            self._under_way[number] = made
        return made.result() if waiting else self._make(number, made)

    def _make(self, number: int, made: Future[Samples]) -> Samples:
        try:
            block = self._decode(number)
        except BaseException as error:
            with self._lock:
                del self._under_way[number]
            made.set_exception(error)
            raise
        with self._lock:
            del self._under_way[number]
            self._blocks[number] = block
            self._bytes += block.nbytes
            while self._bytes > self._limit and len(self._blocks) > 1:
                self._bytes -= self._blocks.popitem(last=False)[1].nbytes
        made.set_result(block)
        return block


def jpeg_photometric(head: JpegHead) -> str:
    """How DICOM calls the components of a stream, empty where it does not say what they are."""
    if not head.is_baseline:
        return ""
    if len(head.components) == 1:
        return "MONOCHROME2"
    if len(head.components) != 3:
        return ""
    if head.adobe_transform == 0 and not head.is_jfif:
        return "RGB"
    return YCBCR if head.is_jfif or head.adobe_transform == 1 else ""


def make_level(level: CziLevel) -> CopiedLevel | ComposedLevel:
    """Copy where every subblock is one frame of a grid, in a compression of DICOM; else compose."""
    reason = _why_composed(level)
    parts = {name: getattr(level, name) for name in CziLevel.__dataclass_fields__}
    return ComposedLevel(**parts, reason=reason) if reason else CopiedLevel(**parts)


def _why_composed(level: CziLevel) -> str:
    """Why the subblocks cannot be copied as frames; empty where they can."""
    if len(level.compressions) > 1 or not level.compressions <= {
        Compression.NONE,
        Compression.JPEG,
    }:
        return "DICOM has no such compression"
    if level.compressions == frozenset({Compression.NONE}) and level.form.samples == 3:
        return "its pixels are blue, green, red, for which DICOM has no name"
    if not _is_grid(level):
        return "its tiles overlap, lie on no grid or differ in size"
    if level.compressions == frozenset({Compression.JPEG}):
        return _why_jpeg_composed(level)
    columns, rows = (int(each) for each in level.blocks.stored[0])
    frames = ceil(level.columns / columns) * ceil(level.rows / rows) * level.stack.depth
    if frames * columns * rows * level.form.pixel_bytes >= _LARGEST_NATIVE:
        return "uncompressed, it is too large for one instance"
    return ""


def _why_jpeg_composed(level: CziLevel) -> str:
    block = level.block(0)
    head = read_head(block.read(level.source), place=block.place)
    fits = len(head.components) == level.form.samples and jpeg_photometric(head)
    return "" if fits else "its tiles are not JPEG Baseline of the usual components"


def _is_grid(level: CziLevel) -> bool:
    """Whether the subblocks are equal tiles, each in a place of its own."""
    side = level.blocks.stored[0]
    is_sized = int(side.max()) <= LARGEST_FRAME
    is_sized = is_sized and (int(side.min()) >= SMALLEST_FRAME or len(level.blocks) == 1)
    if not is_sized or bool((level.blocks.stored != side).any()):
        return False
    cells, rest = np.divmod(level.corners, side)
    ends = -(-np.array([level.columns, level.rows]) // side)
    if bool(rest.any()) or bool(((cells < 0) | (cells >= ends)).any()):
        return False
    places = np.column_stack([level.layers, cells])
    return len(np.unique(places, axis=0)) == len(places)
