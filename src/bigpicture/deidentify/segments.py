"""Segments: the texts that may stand among the pixels of an instance, found frame after frame.

Application and comment segments of JPEG and JPEG-LS, comments and boxes of JPEG 2000, and what
follows the end of an image inside its frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import hyperscan
import numpy as np
from numpy.typing import NDArray

from bigpicture.deidentify.engine import compiled
from bigpicture.dicom.syntax import (
    HIGH_THROUGHPUT,
    JPEG_2000_PART_1,
    JPEG_DCT,
    JPEG_LOSSLESS,
    JPEG_LS,
)
from bigpicture.model.source import ByteSource

_MARKED = JPEG_DCT | JPEG_LOSSLESS | JPEG_LS
_JPEG_2000 = JPEG_2000_PART_1 | HIGH_THROUGHPUT
# Inside a scan 0xFF is followed by zero or a restart; those two begin only where a segment does.
_MARKERS = [b"\\xff\\x%02x" % marker for marker in (*range(0xE0, 0xF0), 0xFE, 0xD9)]
# Never by chance in so many bytes.
_CONTAINERS = [
    rb"\x1f\x8b\x08[\x00-\x1f]....[\x00\x02\x04][\x00-\x0d\xff]", rb"PK\x03\x04[\x0a-\x3f]\x00",
    rb"BZh[1-9]1AY&SY", rb"\xfd7zXZ\x00",
]  # fmt: skip
_BEFORE, _BEHIND = 64, 1 << 20
"""Bytes around the head of a container that are read as text."""
_LONGEST_REMEMBERED = 4 << 10
_REMEMBERED = 4096
_SOC, _SOT, _SOD, _COM, _EOC = b"\xff\x4f", 0xFF90, b"\xff\x93", 0xFF64, b"\xff\xd9"
_QUIET = frozenset({0xFF51, 0xFF52, 0xFF53, 0xFF5C, 0xFF5D, 0xFF5E, 0xFF5F, 0xFF55, 0xFF57, 0xFF58,
                    0xFF60, 0xFF61, 0xFF50, 0xFF63, 0xFF59})  # fmt: skip
"""Segments of numbers only: SIZ, COD, COC, QCD, QCC, RGN, POC, TLM, PLM, PLT, PPM, PPT,
CAP, CRG, CPF."""


@dataclass
class Segments:
    """Finds the texts among the frames from `starts` to `ends` (offsets in `source`, ascending).

    `syntax` is the transfer syntax; where it has no segments, only containers are.
    """

    source: ByteSource
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    syntax: str
    _seen: set[bytes] = field(default_factory=set[bytes], repr=False)
    _head: bytes = field(default=b"", repr=False)
    _database: hyperscan.Database | None = field(default=None, repr=False)

    def within(self, data: bytes, base: int, length: int) -> Iterator[tuple[int, int]]:
        """(start, end) in the file of the texts that begin in the first `length` bytes of `data`.

        `base` is where `data` lies in the file; it should go on a little past `length`. A text
        whose beginning was seen before, such as a segment that every frame repeats, is told once.
        """
        hits = self._marks(data)
        for start, end in self._texts(hits, data, base):
            if base <= start < base + length and self._is_new(data, start - base, end - base):
                yield start, end
        if self.syntax in _JPEG_2000:
            yield from self._codestreams(data, base, length)

    def _marks(self, data: bytes) -> list[tuple[int, int]]:
        if self._database is None:
            expressions = [*_CONTAINERS, *(_MARKERS if self.syntax in _MARKED else [])]
            self._database = compiled(expressions, [0] * len(expressions))
        hits: list[tuple[int, int]] = []

        def note(number: int, _start: int, end: int, *_: object) -> None:
            hits.append((number, end))

        self._database.scan(data, match_event_handler=note)
        return hits

    def _texts(
        self, hits: list[tuple[int, int]], data: bytes, base: int
    ) -> Iterator[tuple[int, int]]:
        last = int(self.ends[-1]) if len(self.ends) else base + len(data)
        ended: list[int] = []
        passed = 0
        for number, end in hits:
            if number < len(_CONTAINERS):
                if base + end > passed:
                    passed = base + end + _BEHIND
                    yield max(base + end - _BEFORE, base), min(passed, last)
            elif data[end - 1] == _EOC[1]:
                ended.append(base + end)
            elif end + 2 <= len(data):
                (length,) = struct.unpack_from(">H", data, end)
                yield base + end + 2, min(base + end + max(length, 2), last)
        yield from self._behind(np.array(ended, np.int64))

    def _behind(self, ended: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
        """What stands in a frame behind its image, more than the byte that makes it even."""
        if not len(ended) or not len(self.ends):
            return
        frames = np.minimum(np.searchsorted(self.ends, ended), len(self.ends) - 1)
        rest = self.ends[frames] - ended
        for place in np.flatnonzero(rest > 1):
            yield int(ended[place]), int(self.ends[frames[place]])

    def _is_new(self, data: bytes, start: int, end: int) -> bool:
        """Whether these bytes were not told before; what reaches beyond `data` counts as new."""
        if end > len(data) or start < 0:
            return True
        text = data[start:end]
        if text in self._seen:
            return False
        if len(self._seen) < _REMEMBERED and len(text) <= _LONGEST_REMEMBERED:
            self._seen.add(text)
        return True

    def _codestreams(self, data: bytes, base: int, length: int) -> Iterator[tuple[int, int]]:
        first, last = np.searchsorted(self.starts, (base, base + length))
        for number in range(int(first), int(last)):
            start, end = int(self.starts[number]), int(self.ends[number])
            is_here = end <= base + len(data)
            stream = (
                data[start - base : end - base] if is_here else self.source.read(start, end - start)
            )
            for begin, stop in self._codestream(stream, end - start):
                yield start + begin, start + stop

    def _codestream(self, stream: bytes, length: int) -> Iterator[tuple[int, int]]:
        """Texts of one frame; of a damaged stream what is there."""
        if not stream.startswith(_SOC):
            begin = stream.find(_SOC + b"\xff\x51")
            yield 0, begin if begin >= 0 else length
            if begin < 0:
                return
            stream = bytes(begin) + stream[begin:]
        else:
            begin = 0
        position = begin + 2
        if not begin and self._head and stream.startswith(self._head):
            position = len(self._head) - 2
        else:
            for place, stop in _header(stream, position, _SOT):
                if stop > place:
                    yield place, stop
                position = stop
            if not begin:
                self._head = stream[: position + 2]
        yield from _tile_parts(stream, position, length)


def _header(stream: bytes, position: int, last: int) -> Iterator[tuple[int, int]]:
    """The texts of a header up to the marker `last`; at the end an empty one, where it stands."""
    while position + 4 <= len(stream):
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == last:
            break
        if marker < 0xFF00:
            break
        after = position + 2 + max(length, 2)
        if marker not in _QUIET:
            yield position + 4, after
        position = after
    yield position, position


def _tile_parts(stream: bytes, position: int, length: int) -> Iterator[tuple[int, int]]:
    """The texts in the headers of tile-parts, and what follows the last of them."""
    while position + 12 <= len(stream) and stream[position : position + 2] == b"\xff\x90":
        (size,) = struct.unpack_from(">I", stream, position + 6)
        inside = position + 12
        if stream[inside : inside + 2] != _SOD:
            yield from (
                (place, stop) for place, stop in _header(stream, inside, 0xFF93) if stop > place
            )
        if not size:  # A.4.2: up to the end of the codestream
            found = stream.rfind(_EOC)
            position = found if found >= 0 else len(stream)
            break
        position += max(size, 14)
    if stream[position : position + 2] == _EOC:
        position += 2
    if position + 1 < length and position <= len(stream):
        yield position, length
