"""TIFF: a BigTIFF written in one pass, pixel data first and directories last."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import BinaryIO


class Tag(IntEnum):
    """Tags that slides use (TIFF 6.0, section 8; 32997 is Aperio's)."""

    SUBFILE = 254
    WIDTH = 256
    LENGTH = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    DESCRIPTION = 270
    STRIP_OFFSETS = 273
    SAMPLES = 277
    ROWS_PER_STRIP = 278
    STRIP_COUNTS = 279
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANAR = 284
    RESOLUTION_UNIT = 296
    SOFTWARE = 305
    PREDICTOR = 317
    TILE_WIDTH = 322
    TILE_LENGTH = 323
    TILE_OFFSETS = 324
    TILE_COUNTS = 325
    JPEG_TABLES = 347
    SUBSAMPLING = 530
    DEPTH = 32997


_TYPES: dict[Tag, str] = {
    Tag.DESCRIPTION: "ascii",
    Tag.SOFTWARE: "ascii",
    Tag.JPEG_TABLES: "bytes",
    Tag.X_RESOLUTION: "ratio",
    Tag.Y_RESOLUTION: "ratio",
    Tag.TILE_OFFSETS: "long8",
    Tag.STRIP_OFFSETS: "long8",
    Tag.TILE_COUNTS: "long",
    Tag.STRIP_COUNTS: "long",
    Tag.WIDTH: "long",
    Tag.LENGTH: "long",
    Tag.SUBFILE: "long",
    Tag.ROWS_PER_STRIP: "long",
    Tag.DEPTH: "long",
}
_CODES = {
    "ascii": (2, "s"),
    "short": (3, "H"),
    "long": (4, "I"),
    "bytes": (7, "s"),
    "ratio": (5, "I"),
    "long8": (16, "Q"),
}

Value = int | str | bytes | Sequence[int]
Page = Mapping[Tag, Value]


class BigTiff:
    """An open BigTIFF: `add` pixel data in any order, then `finish` with its pages.

    Source: the BigTIFF design, libtiff.gitlab.io/libtiff/specification/bigtiff.html.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        stream.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0))
        self._end = 16

    def add(self, data: bytes) -> int:
        """Append data on an even boundary and return its offset."""
        if self._end % 2:
            self._stream.write(b"\0")
            self._end += 1
        offset = self._end
        self._stream.write(data)
        self._end += len(data)
        return offset

    def finish(self, pages: Sequence[Page]) -> None:
        """Write the directories, each linked from the one before."""
        link = 8
        for page in pages:
            entries = [self._entry(tag, page[tag]) for tag in sorted(page)]
            body = struct.pack("<Q", len(entries)) + b"".join(entries) + struct.pack("<Q", 0)
            offset = self.add(body)
            self._stream.seek(link)
            self._stream.write(struct.pack("<Q", offset))
            self._stream.seek(self._end)
            link = offset + 8 + 20 * len(entries)

    def _entry(self, tag: Tag, value: Value) -> bytes:
        code, letter = _CODES[_TYPES.get(tag, "short")]
        if isinstance(value, str):
            value = value.encode("ascii") + b"\0"
        if isinstance(value, bytes):
            count, packed = len(value), value
        else:
            numbers = [value] if isinstance(value, int) else list(value)
            packed = struct.pack(f"<{len(numbers)}{letter}", *numbers)
            count = len(numbers) // 2 if letter == "I" and code == 5 else len(numbers)
        if len(packed) > 8:
            packed = struct.pack("<Q", self.add(packed))
        return struct.pack("<HHQ8s", int(tag), code, count, packed.ljust(8, b"\0"))
