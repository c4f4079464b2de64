"""Levels of a MIRAX slide: images copied where they lie on a grid, else laid over each other."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.bitmap import decode_bitmap
from bigpicture.dicom.canvas import Canvas, Sheet, crop, opaque
from bigpicture.dicom.codecs import JPEG_BASELINE, decode_frame, to_rgb
from bigpicture.dicom.jpeg import YCBCR, JpegHead, Splicer, read_head
from bigpicture.dicom.mirax_photos import Parts
from bigpicture.dicom.png import decode_png, read_png_head
from bigpicture.dicom.slide import BACKGROUND, RGB_STACK, Encoding, Frame, Pixels, Stack
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

TILE = 512
"""Side of the tiles of a level that is put together here."""
CACHE_BYTES = 64 << 20
"""Decoded images held for a slide: neighbouring tiles share them."""
MAXIMUM_ENTRIES = 1 << 24
"""Of the list that says which parts touch which tile; the largest scans need some millions."""
_METHOD = "ISO_10918_1"


@dataclass(frozen=True)
class Images:
    """The stored images of one level: `list` has number, offset, length, file; by number."""

    files: tuple[ByteSource, ...]
    list: NDArray[np.int64]
    kind: str
    columns: int
    rows: int
    place: str

    def data(self, row: int) -> bytes:
        _, offset, length, file = (int(each) for each in self.list[row])
        return self.files[file].read(offset, length)

    def decode(self, row: int) -> Pixels:
        """One image, shape (rows, columns, 3); raises `SlideError`."""
        data, place = self.data(row), self.name(row)
        if self.kind == "JPEG":
            return decode_frame(
                data,
                transfer_syntax=JPEG_BASELINE,
                photometric=self.photometric,
                columns=self.columns,
                rows=self.rows,
                place=place,
            )
        if self.kind == "BMP24":
            return decode_bitmap(data, columns=self.columns, rows=self.rows, place=place)
        head = read_png_head(data, place=place)
        if (head.columns, head.rows) != (self.columns, self.rows):
            raise SlideError(
                "the PNG is of another size than its level's images.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        return to_rgb(decode_png(data, head, place=place), self.columns, self.rows, place)

    def name(self, row: int) -> str:
        return f"{self.place} image {int(self.list[row, 0])}"

    @cached_property
    def head(self) -> JpegHead:
        """Of the first image, where they are JPEG."""
        return read_head(self.data(0), place=self.name(0))

    @cached_property
    def photometric(self) -> str:
        return "RGB" if self.kind == "JPEG" and len(self.list) and is_rgb(self.head) else YCBCR

    @cached_property
    def encoding(self) -> Encoding:
        """As these images are compressed; `transfer_syntax` only where DICOM has it for them."""
        if self.kind != "JPEG":
            reason = f"its images are {self.kind}, for which DICOM has no transfer syntax"
            return Encoding("", "RGB", is_lossy=False, reason=reason)
        whole = self.columns * self.rows * 3 * len(self.list)
        ratio = float(whole) / max(1, int(self.list[:, 2].sum()))
        if not len(self.list):
            reason = "none of its images is stored"
            return Encoding("", "RGB", is_lossy=True, method=_METHOD, ratio=1.0, reason=reason)
        if not self.head.is_baseline or len(self.head.components) != 3:
            reason = "its images are not three-component JPEG Baseline"
            return Encoding("", "RGB", is_lossy=True, method=_METHOD, ratio=ratio, reason=reason)
        return Encoding(JPEG_BASELINE, self.photometric, is_lossy=True, method=_METHOD, ratio=ratio)


def is_rgb(head: JpegHead) -> bool:
    """Whether the components are RGB, as libjpeg tells it where no container does."""
    if head.is_jfif:
        return False
    if head.adobe_transform is not None:
        return head.adobe_transform == 0
    return head.components == b"RGB"


class ImageCache:
    """Decoded images of all levels of one slide, the latest used ones."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, int], Sheet] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def image(self, images: Images, row: int) -> Sheet:
        key = images.place, row
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        decoded = opaque(images.decode(row))
        with self._lock:
            if key not in self._held:
                self._held[key] = decoded
                self._size += decoded.nbytes
            while self._size > CACHE_BYTES and len(self._held) > 1:
                self._size -= self._held.popitem(last=False)[1].nbytes
        return decoded


@dataclass(frozen=True)
class GridLevel:
    """A level whose images lie edge to edge: each is a tile and is copied."""

    place: str
    columns: int
    rows: int
    images: Images
    across: int
    """How many images a row of the scan counts."""
    concat: int
    shown: NDArray[np.bool_]
    """Which rows of the list are shown at all."""

    @property
    def tile_columns(self) -> int:
        return self.images.columns

    @property
    def tile_rows(self) -> int:
        return self.images.rows

    @property
    def stack(self) -> Stack:
        return RGB_STACK

    @property
    def encoding(self) -> Encoding:
        return self.images.encoding

    @property
    def missing(self) -> int:
        tiles = ceil(self.columns / self.tile_columns) * ceil(self.rows / self.tile_rows)
        return max(0, tiles - int(np.count_nonzero(self.shown)))

    @cached_property
    def _splicer(self) -> Splicer:
        is_plain = self.images.photometric == "RGB"
        return Splicer(b"", is_rgb=is_plain, columns=self.tile_columns, rows=self.tile_rows)

    def frame(self, index: int) -> Frame | None:
        row = self._row(index)
        if row is None:
            return None
        return self._splicer.splice(self.images.data(row), place=self.images.name(row))

    def pixels(self, index: int) -> Pixels:
        row = self._row(index)
        if row is None:
            return np.full((self.tile_rows, self.tile_columns, 3), BACKGROUND, np.uint8)
        return self.images.decode(row)

    def _row(self, index: int) -> int | None:
        """The row in the list of the image that is this tile."""
        down, right = divmod(index, ceil(self.columns / self.tile_columns))
        number = (down * self.across + right) * self.concat
        numbers = self.images.list[:, 0]
        row = int(np.searchsorted(numbers, number))
        is_there = right * self.concat < self.across and row < len(numbers)
        return row if is_there and numbers[row] == number and self.shown[row] else None


@dataclass(frozen=True)
class MosaicLevel:
    """A level that is put together: photos overlap, or lie between its pixels.

    Where photos overlap, the one further right and down lies on top, as OpenSlide shows it.
    """

    place: str
    columns: int
    rows: int
    images: Images
    parts: Parts
    reason: str
    cache: ImageCache

    @property
    def tile_columns(self) -> int:
        return TILE

    @property
    def tile_rows(self) -> int:
        return TILE

    @property
    def stack(self) -> Stack:
        return RGB_STACK

    @property
    def encoding(self) -> Encoding:
        stored = self.images.encoding
        return Encoding(
            "",
            "RGB",
            is_lossy=stored.is_lossy,
            method=stored.method,
            ratio=stored.ratio,
            reason=stored.reason or self.reason,
        )

    def frame(self, index: int) -> Frame | None:
        raise SlideError(f"{self.reason}.", place=f"{self.place} tile {index}")

    def pixels(self, index: int) -> Pixels:
        down, right = divmod(index, ceil(self.columns / TILE))
        canvas = Canvas(TILE, TILE)
        width, height = ceil(self.parts.width), ceil(self.parts.height)
        for part in self._touching(index):
            image = self.cache.image(self.images, int(self.parts.image[part]))
            left, top = float(self.parts.left[part]), float(self.parts.top[part])
            picture = crop(image, left, top, width, height)
            canvas.lay(
                picture,
                float(self.parts.x[part]) - right * TILE,
                float(self.parts.y[part]) - down * TILE,
            )
            if canvas.is_covered:
                break
        return canvas.pixels()

    def _touching(self, index: int) -> NDArray[np.int64]:
        """The parts that touch a tile, those on top first."""
        tiles, parts = self._entries
        first, last = np.searchsorted(tiles, [index, index + 1])
        return parts[first:last]

    @cached_property
    def _entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tile and part, one pair for every part that touches a tile, by tile and then by rank."""
        across, down = ceil(self.columns / TILE), ceil(self.rows / TILE)
        left, right = _span(self.parts.x, ceil(self.parts.width), across)
        top, bottom = _span(self.parts.y, ceil(self.parts.height), down)
        wide, high = np.maximum(right - left, 0), np.maximum(bottom - top, 0)
        counts = wide * high
        if int(counts.sum()) > MAXIMUM_ENTRIES:
            raise SlideError(
                "its photos overlap more than any scanner's.",
                place=self.place,
                remedy="The slide is damaged: copy it again from its origin.",
            )
        part = np.repeat(np.arange(len(counts)), counts)
        nth = np.arange(len(part)) - np.repeat(np.cumsum(counts) - counts, counts)
        tile = (top[part] + nth // wide[part]) * across + left[part] + nth % wide[part]
        order = np.lexsort((-self.parts.column[part], -self.parts.row[part], tile))
        return tile[order], part[order]


def _span(
    at: NDArray[np.float64], length: int, tiles: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and one past the last tile that parts from `at` on touch, inside the level."""
    first = np.clip(np.floor(at) // TILE, 0, tiles).astype(np.int64)
    last = np.clip(np.ceil((at + length) / TILE), 0, tiles).astype(np.int64)
    return first, last
