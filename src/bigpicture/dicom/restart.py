"""One large JPEG stream and its restart intervals, each of which can be decoded by itself.

Hamamatsu writes a whole resolution as one JPEG. Every so many units (MCUs) it sets a restart
marker, where prediction starts anew (ITU-T T.81 F.2.1.3.1), so that what stands between two of
them can be taken out and put together differently without a bit of it changing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import cached_property
from math import ceil
from threading import Lock

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.huffman import flat_interval, segments
from bigpicture.dicom.jpeg import ADOBE_RGB, START, JpegHead, read_head
from bigpicture.dicom.read import MAXIMUM_SIDE
from bigpicture.dicom.slide import Pixels
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

Starts = NDArray[np.uint64]

JPEG_SIDE = 65_500
"""The largest side that libjpeg decodes."""
MAXIMUM_INTERVALS = 1 << 24
MAXIMUM_WHOLE_BYTES = 1 << 30
"""Decoded; of a stream without restart markers, which can only be decoded whole."""
ROUNDING = 8
"""Pixels by which a stream without restart markers may be of another size than it was to be."""
HEAD_BYTES = 256 << 10
CHUNK = 4 << 20
CHECKED = 64
"""Of the listed restart positions, spread evenly; each is checked again when it is used."""

_DRI = 0xDD
_RESTART, _END = 0xD0, 0xD9
_MARKER = re.compile(rb"\xff+[^\x00\xff]")


def restart_marker(number: int) -> bytes:
    return bytes((0xFF, _RESTART + number % 8))


class JpegStream:
    """A JPEG stream in a source, `length` bytes from `offset`, read without decoding it.

    `size` (columns, rows) is what the container says; the stream itself cannot say more than
    65 535, and says 0 beyond. `listed` are positions of intervals within the stream that the
    container lists; they are believed where markers stand before them, else searched for.
    """

    def __init__(
        self,
        source: ByteSource,
        *,
        offset: int = 0,
        length: int | None = None,
        place: str,
        size: tuple[int, int] | None = None,
        listed: Starts | None = None,
    ) -> None:
        self.source = source
        self.offset = offset
        self.length = source.size - offset if length is None else length
        self.place = place
        if offset + self.length > source.size or self.length < 4:
            raise self.damaged("it lies past the end of the file")
        head = source.read(offset, min(self.length, HEAD_BYTES))
        self.head: JpegHead = read_head(head, place=place)
        self.columns, self.rows = size or (self.head.columns, self.head.rows)
        self._check()
        self._lock = Lock()
        self._starts = self._trusted(listed) if self.interval and listed is not None else None
        self.was_misled = self._starts is None and listed is not None
        self._is_searched = False

    def damaged(self, what: str) -> SlideError:
        return SlideError(
            f"the JPEG stream is damaged: {what}.",
            place=self.place,
            remedy="Copy the file again from its origin, or rescan the slide.",
        )

    def _check(self) -> None:
        head = self.head
        sides = (self.columns, self.rows)
        if not all(1 <= side <= MAXIMUM_SIDE for side in sides):
            raise self.damaged(f"a size of {sides[0]} × {sides[1]} pixels is impossible")
        whole = 10 + 3 * len(head.components) + 8 + 2 * head.scan_components
        if head.bits != 8 or len(head.components) not in {1, 3} or len(head.tail) != whole:
            raise SlideError(
                "its JPEG stream is not of one or three 8-bit components in one scan.",
                place=self.place,
                remedy="Export the slide as DICOM from the scanner's software.",
            )
        if any(not 1 <= factor <= 4 for pair in head.sampling for factor in pair):
            raise self.damaged("its components are sampled impossibly")
        if self.interval and self.count > MAXIMUM_INTERVALS:
            raise self.damaged(f"it has {self.count} restart intervals")
        is_told = max(sides) <= 0xFFFF
        if is_told and (self.counted != self.units if self.interval else self._is_far):
            raise self.damaged(
                f"it is {head.columns} × {head.rows} pixels, and was to be {sides[0]} × {sides[1]}"
            )

    @cached_property
    def interval(self) -> int:
        """Units from one restart to the next; 0 where there is no restart."""
        found = [body for marker, body in segments(self.head.tables) if marker == _DRI]
        return int.from_bytes(found[-1][:2], "big") if found else 0

    @cached_property
    def unit(self) -> tuple[int, int]:
        """Columns and rows of a unit (T.81 A.2: a scan of one component has one block each)."""
        if len(self.head.components) == 1:
            return 8, 8
        across, down = zip(*self.head.sampling, strict=True)
        return 8 * max(across), 8 * max(down)

    @cached_property
    def units(self) -> tuple[int, int]:
        """How many units it is wide and high."""
        return ceil(self.columns / self.unit[0]), ceil(self.rows / self.unit[1])

    @property
    def counted(self) -> tuple[int, int]:
        """The same by the stream's own words."""
        return ceil(self.head.columns / self.unit[0]), ceil(self.head.rows / self.unit[1])

    @property
    def _is_far(self) -> bool:
        """Whether sizes differ by more than scanners round differently."""
        pairs = ((self.columns, self.head.columns), (self.rows, self.head.rows))
        return any(abs(one - other) > ROUNDING for one, other in pairs)

    @cached_property
    def count(self) -> int:
        """How many intervals there are."""
        return ceil(self.units[0] * self.units[1] / self.interval)

    @cached_property
    def across(self) -> int:
        """Intervals in a row; 0 where rows and intervals do not begin together."""
        if not self.interval or self.units[0] % self.interval:
            return 0
        return self.units[0] // self.interval

    @cached_property
    def samples(self) -> int:
        return len(self.head.components)

    @cached_property
    def is_rgb(self) -> bool:
        """As libjpeg tells: a JFIF segment, Adobe's, or components named R, G and B."""
        if self.samples == 1 or self.head.is_jfif:
            return False
        if self.head.adobe_transform is not None:
            return self.head.adobe_transform == 0
        return self.head.components == b"RGB"

    def written_head(self, columns: int, rows: int) -> bytes:
        """The segments before the scan for a part of this size: tables as they are, no more."""
        tail = bytearray(self.head.tail)
        tail[5:9] = struct.pack(">HH", rows, columns)
        adobe = ADOBE_RGB if self.is_rgb else b""
        return START + adobe + self.head.tables + bytes(tail)

    def blank(self, value: int) -> bytes | None:
        """An interval of one colour, in this stream's tables; None where they have no code."""
        return flat_interval(self.head, value, mcus=self.interval)

    @property
    def starts(self) -> Starts:
        """Where each interval begins and, last, where the stream ends, shape (count + 1,)."""
        with self._lock:
            if self._starts is None:
                self._starts = self._searched()
                self._is_searched = True
            return self._starts

    def pieces(self, first: int, count: int) -> list[bytes]:
        """The bytes of `count` intervals from the `first`, without their markers."""
        found = self._cut(first, count)
        if found is None and not self._is_searched:
            with self._lock:
                self._starts = None
            self.was_misled = True
            found = self._cut(first, count)
        if found is None:
            raise self.damaged(f"interval {first} does not end with its marker")
        return found

    def _cut(self, first: int, count: int) -> list[bytes] | None:
        starts = self.starts[first : first + count + 1].tolist()
        begin, ends = starts[0], [end - starts[0] for end in starts[1:]]
        # No coefficient takes more than 26 bits (T.81 F.1.2), and every other byte may be stuffed.
        units = count * self.interval * self.unit[0] * self.unit[1]
        if ends[-1] > 8 * self.samples * units + 4096:
            raise self.damaged(f"interval {first} is longer than its pixels can be")
        data = self.source.read(self.offset + begin, ends[-1])
        codes = bytes(
            _END if number == self.count - 1 else _RESTART + number % 8
            for number in range(first, first + count)
        )
        marks = [end - 2 for end in ends]
        # Counting is many times faster than looking for markers: each FF is followed by a zero,
        # but those of the markers. Else bytes of FF may fill up before a marker (T.81 B.1.1.2).
        if data.count(b"\xff") - data.count(b"\xff\0") != count:
            found = list(_MARKER.finditer(data))
            if [mark.end() for mark in found] != ends:
                return None
            marks = [mark.start() for mark in found]
        for mark, end, code in zip(marks, ends, codes, strict=True):
            if data[mark] != 0xFF or data[end - 1] != code:
                return None
        return [data[at:mark] for at, mark in zip([0, *ends], marks, strict=False)]

    def _trusted(self, listed: Starts) -> Starts | None:
        """The listed positions with the end, or None where they cannot be right."""
        if len(listed) != self.count or int(listed[0]) != self.head.length:
            return None
        gaps = np.diff(listed.astype(np.int64))
        if bool((gaps < 2).any()) or not int(listed[-1]) < self.length:
            return None
        for number in np.unique(np.linspace(1, self.count - 1, CHECKED, dtype=int)):
            if 0 < number < self.count:
                at = self.offset + int(listed[number]) - 2
                if self.source.read(at, 2) != restart_marker(int(number) - 1):
                    return None
        tail = next(self._markers(int(listed[-1])), None)
        if tail is None or tail[1] != _END:
            return None
        return np.append(listed.astype(np.uint64), np.uint64(tail[0]))

    def _searched(self) -> Starts:
        """The positions by reading all of the stream."""
        starts = np.empty(self.count + 1, np.uint64)
        starts[0] = self.head.length
        number = 0
        for at, code in self._markers(self.head.length):
            if code == _END:
                starts[number + 1] = at
                if number + 1 == self.count:
                    return starts
                break
            if code != _RESTART + number % 8 or number + 1 == self.count:
                break
            number += 1
            starts[number] = at
        raise self.damaged(f"it has {number + 1} restart intervals of {self.count}")

    def _markers(self, position: int) -> Iterator[tuple[int, int]]:
        """Where each marker from `position` on ends, with its code."""
        while self.length - position >= 2:
            data = self.source.read(self.offset + position, min(CHUNK, self.length - position))
            array = np.frombuffer(data, np.uint8)
            places = np.flatnonzero(array[:-1] == 0xFF)
            codes = array[places + 1]
            is_marker = (codes != 0) & (codes != 0xFF)
            pairs = zip(places[is_marker].tolist(), codes[is_marker].tolist(), strict=True)
            for place, code in pairs:
                yield position + place + 2, code
            position += len(data) - 1

    @property
    def is_banded(self) -> bool:
        """Whether some of its rows can be decoded without all the rows before them."""
        return 0 < self.interval * self.unit[0] <= JPEG_SIDE and self.head.is_baseline

    def check_decodable(self) -> None:
        """Raise `SlideError` where it can only be decoded whole, and is too large for that."""
        is_small = self.columns * self.rows * self.samples <= MAXIMUM_WHOLE_BYTES
        is_known = 0 < min(self.head.columns, self.head.rows) <= JPEG_SIDE
        if not self.is_banded and not (is_small and is_known):
            raise SlideError(
                "its JPEG stream has no restart markers, and is too large to decode whole.",
                place=self.place,
                rule=f"at most {MAXIMUM_WHOLE_BYTES >> 20} MiB decoded",
                remedy="Export the slide as DICOM from the scanner's software.",
            )

    def band(self, top: int, bottom: int, whole: dict[int, Pixels]) -> Pixels:
        """Rows `top` to `bottom`, decoded, shape (bottom - top, columns, samples).

        `whole` remembers the last stream that had to be decoded whole.
        """
        if self.is_banded:
            high = self.unit[1]
            first = top // high
            return self._unit_rows(first, ceil(bottom / high))[
                top - first * high : bottom - first * high, : self.columns
            ]
        if id(self) not in whole:
            whole.clear()
            whole[id(self)] = self._whole()
        return whole[id(self)][top:bottom]

    def _unit_rows(self, first: int, stop: int) -> Pixels:
        """Rows of units, decoded interval by interval and put side by side."""
        wide, high = self.unit
        across = self.units[0]
        begin, end = first * across, stop * across
        start, last = begin // self.interval, ceil(end / self.interval)
        # Upsampling of rows looks at the rows beside them: then each interval is decoded alone.
        many = 1 if high > 8 else max(1, JPEG_SIDE // high)
        parts = [
            self._strip(number, min(many, last - number)) for number in range(start, last, many)
        ]
        units = np.concatenate(parts)[begin - start * self.interval : end - start * self.interval]
        shaped = units.reshape(stop - first, across, high, wide, self.samples)
        return shaped.swapaxes(1, 2).reshape((stop - first) * high, across * wide, self.samples)

    def _strip(self, first: int, count: int) -> Pixels:
        """Units of `count` intervals, shape (units, rows, columns, samples)."""
        wide, high = self.unit
        total = self.units[0] * self.units[1]
        rest = total - (first + count - 1) * self.interval
        if rest < self.interval and count > 1:
            parts = (self._strip(first, count - 1), self._strip(first + count - 1, 1))
            return np.concatenate(parts)
        along = min(self.interval, rest)
        stream = self.written_head(along * wide, count * high)
        stream += join(self.pieces(first, count))
        decoded = self.decode(stream, along * wide, count * high)
        shaped = decoded.reshape(count, high, along, wide, self.samples)
        return shaped.swapaxes(1, 2).reshape(count * along, high, wide, self.samples)

    def _whole(self) -> Pixels:
        """All of it; one or two pixels short of its size where the scanner rounded otherwise."""
        head = self.head
        limit = 8 * self.samples * (head.columns + 32) * (head.rows + 32)
        if self.length > limit + HEAD_BYTES:
            raise self.damaged("it is longer than its pixels can be")
        if head.columns * head.rows * self.samples > MAXIMUM_WHOLE_BYTES:
            raise self.damaged("it is larger than its container says")
        data = self.source.read(self.offset + head.length, self.length - head.length)
        stream = self.written_head(head.columns, head.rows) + data
        decoded = self.decode(stream, head.columns, head.rows)[: self.rows, : self.columns]
        below, right = self.rows - decoded.shape[0], self.columns - decoded.shape[1]
        return np.pad(decoded, ((0, below), (0, right), (0, 0)), mode="edge")

    def decode(self, stream: bytes, columns: int, rows: int) -> Pixels:
        """Decode a part of this stream to RGB or grey, shape (rows, columns, samples)."""
        stored = None if self.samples == 1 else "RGB" if self.is_rgb else "YCBCR"
        try:
            decoded = np.asarray(
                imagecodecs.jpeg8_decode(
                    stream, colorspace=stored, outcolorspace="RGB" if stored else None
                )
            )
        except Exception as error:  # the codec raises several kinds on damaged input
            raise self.damaged(f"it cannot be decoded ({type(error).__name__})") from error
        if decoded.dtype != np.uint8 or decoded.size != columns * rows * self.samples:
            raise self.damaged("it decodes to other pixels than declared")
        return decoded.reshape(rows, columns, self.samples)


def join(pieces: list[bytes]) -> bytes:
    """Intervals as one scan: their markers counted anew from 0 to 7, then the end of the image."""
    marked = (piece + restart_marker(number) for number, piece in enumerate(pieces[:-1]))
    return b"".join(marked) + pieces[-1] + bytes((0xFF, _END))
