"""Patches: rectangles anywhere in one level, read as fast as their frames can be decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simplejpeg

from bigpicture.dicom.codecs import JPEG_BASELINE
from bigpicture.dicom.jpeg import as_rgb, read_head
from bigpicture.dicom.slide import BACKGROUND, Pixels
from bigpicture.dicom.tiles import TiledInstance, paste

_BYTE = 8
_ENDED_EARLY = "extraneous bytes before marker 0xd9"
"""What libjpeg-turbo warns of, first and only, where a stream goes on after its last row."""
_NEXT_CHROMA = 1
"""Rows below that the chroma of the last one is drawn from (libjpeg's triangle filter)."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the frames of a level begin with, found out once: neighbours share it.

    `stored` are the first bytes of such a frame, `shown` what a decoder is given instead, which
    tells the number of rows at `rows_at`.
    """

    stored: bytes
    shown: bytes
    rows_at: int

    def whole(self, frame: bytes) -> bytes:
        """The frame as a decoder is given it."""
        if self.shown is self.stored:
            return frame
        return self.shown + memoryview(frame)[len(self.stored) :]

    def shorten(self, frame: bytes, rows: int) -> bytes:
        """The frame as one of so many rows: a decoder reads no further."""
        before, after = self.shown[: self.rows_at], self.shown[self.rows_at + 2 :]
        scan = memoryview(frame)[len(self.stored) :]
        return b"".join((before, rows.to_bytes(2, "big"), after, scan))


class Patches:
    """Rectangles of one level. Threads may share one.

    Of 8-bit JPEG in colour a patch costs the decoding of the frames under it and little more: one
    that lies on the grid is its frame, and of a frame whose upper rows are enough only those are
    decoded. The pixels are those of `TiledInstance.region`, which also reads all else.

    A JPEG stream bears no checksum: some damage shows only where a decoder comes to its end, and
    is missed where it stops before. What the vault opens is proven when it is opened, and a file
    by its digests. For bytes that nothing proves, `is_strict` decodes every frame to its end.
    """

    def __init__(self, tiled: TiledInstance, *, is_strict: bool = False) -> None:
        self._tiled = tiled
        self._is_strict = is_strict
        instance, level = tiled.instance, tiled.level
        self._is_plain = (
            instance.transfer_syntax == JPEG_BASELINE
            and (instance.samples, instance.bits) == (3, _BYTE)
            and level.optical_paths == 1
        )
        self._head: _Head | None = None

    def read(self, x: int, y: int, width: int, height: int, *, out: Pixels | None = None) -> Pixels:
        """A rectangle in this level's pixels (origin top left), RGB, shape (height, width, 3).

        It is put into `out`, which is contiguous, where that is given. Outside of the level it is
        background; of several focal planes it shows the middle one.
        Raises `SlideError` where a frame is damaged.
        """
        if not self._is_plain:
            return put(self._tiled.region(x, y, width, height), out)
        level = self._tiled.level
        is_inside = x >= 0 and y >= 0 and x + width <= level.columns and y + height <= level.rows
        if is_inside and (width, height) == (level.tile_columns, level.tile_rows):
            (column, left), (row, top) = divmod(x, width), divmod(y, height)
            if left == top == 0:
                return self._decode(column, row, height, out)
        out = np.empty((height, width, 3), np.uint8) if out is None else out
        if not is_inside:
            out[:] = BACKGROUND
        paste(out, level, x, y, self._decode)
        return out

    def _decode(self, column: int, row: int, rows: int, out: Pixels | None = None) -> Pixels:
        """A tile's `rows` from the top, at least; the whole of it in `out`, where that is given."""
        level = self._tiled.level
        number = self._tiled.number(column, row, plane=level.focal_planes // 2)
        frame = self._tiled.stored(number)
        head = self._head
        if head is None or not frame.startswith(head.stored):
            head = self._head = self._learn(frame, number)
        try:
            if head is not None:
                if rows + _NEXT_CHROMA < level.tile_rows and not self._is_strict:
                    return _decode_top(head, frame, rows + _NEXT_CHROMA, level.tile_columns)
                return simplejpeg.decode_jpeg(head.whole(frame), "RGB", buffer=out)
        except ValueError:
            pass  # what follows decodes it once more, whole, and tells what is wrong with it
        return put(np.asarray(self._tiled.samples(number), np.uint8), out)

    def _learn(self, frame: bytes, number: int) -> _Head | None:
        """The head of a frame; None where it is not one that this way suits."""
        level, place = self._tiled.level, f"{self._tiled.instance.place} frame {number}"
        head = read_head(frame, place=place)
        is_as_declared = (
            head.is_baseline
            and (head.columns, head.rows) == (level.tile_columns, level.tile_rows)
            and len(head.components) == 3
        )
        if not is_as_declared:
            return None
        stored = shown = frame[: head.length]
        is_marked = head.adobe_transform == 0 and not head.is_jfif
        if self._tiled.instance.photometric == "RGB" and not is_marked:
            shown = as_rgb(stored, place=place)
            head = read_head(shown, place=place)
        return _Head(stored, shown, head.rows_at)


def put(pixels: Pixels, out: Pixels | None) -> Pixels:
    """The pixels, in `out` where that is given."""
    if out is None:
        return pixels
    out[:] = pixels
    return out


def _decode_top(head: _Head, frame: bytes, rows: int, columns: int) -> Pixels:
    """The upper `rows` of a frame; raises `ValueError` where they are damaged.

    The decoder warns that the stream goes on, and only its first warning is told: any other one is
    of damage, in the rows that were wanted.
    """
    out = np.empty((rows, columns, 3), np.uint8)
    try:
        simplejpeg.decode_jpeg(head.shorten(frame, rows), "RGB", buffer=out)
    except ValueError as error:
        if _ENDED_EARLY not in str(error):
            raise
    return out
