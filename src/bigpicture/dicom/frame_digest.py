"""The digest of a compressed frame: what it shows, however its stream is wrapped.

It is the witness of a copy, so it reads streams by itself and shares no code with what copies them.
Two frames have equal digests where they decode to the same samples by the same bytes:

- JPEG (ITU-T T.81): the frame header, the quantisation and Huffman tables in force and the restart
  interval, the scan header, and the entropy-coded data up to the end of the image. Where the tables
  stood (in the stream, once for a whole TIFF, or in the standard where a stream leaves them out),
  application segments and comments do not count.
- JPEG 2000 (ISO/IEC 15444-1) and its high-throughput form (15444-15): the codestream without
  comments, and without what tells how long its parts are (TLM, Psot), which changes as they go.
- JPEG-LS (ITU-T T.87): the stream without application segments and comments before its first scan.
- anything else: the bytes.

It is BLAKE3, because every byte of an image is digested twice: on frames of 10 kB it takes half the
time of SHA-256. The coded data of JPEG and JPEG-LS are digested under a key, which is the digest of
all that is in force before them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import Enum

from blake3 import blake3

from bigpicture.dicom.standard_tables import STANDARD
from bigpicture.model.errors import IntegrityError

_END = b"\xff\xd9"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_QUANTISATION, _HUFFMAN, _INTERVAL, _SCAN = 0xDB, 0xC4, 0xDD, 0xDA
_TILE_PART, _DATA, _COMMENT, _PART_LENGTHS = 0xFF90, 0xFF93, 0xFF64, 0xFF55
_PSOT = slice(6, 10)
_APPLICATIONS, _TEXT = frozenset(range(0xE0, 0xF0)), 0xFE


class Kind(Enum):
    """How a stream is read."""

    JPEG = "jpeg"
    JPEG_2000 = "jpeg 2000"
    JPEG_LS = "jpeg-ls"
    BYTES = "bytes"


@dataclass(slots=True)
class _InForce:
    """Tables and headers as the stream sets them, one by one."""

    quantisation: dict[int, bytes] = field(default_factory=dict)
    huffman: dict[int, bytes] = field(default_factory=dict)
    interval: int = 0
    frame: bytes = b""
    scan: bytes = b""

    def canonical(self) -> bytes:
        """All that decides what the entropy-coded data decode to, in one order."""
        parts = [b"JPEG", self.frame, struct.pack(">H", self.interval), self.scan]
        wanted = {self.frame[at + 2] for at in range(7, len(self.frame) - 2, 3)}
        parts += [bytes([each]) + self.quantisation.get(each, b"") for each in sorted(wanted)]
        selectors = self.scan[2 : 1 + 2 * self.scan[0] : 2] if self.scan else b""
        tables = {each >> 4 for each in selectors} | {0x10 | each & 15 for each in selectors}
        given = {**STANDARD, **self.huffman}
        parts += [bytes([each]) + given.get(each, b"") for each in sorted(tables)]
        return b"".join(struct.pack(">I", len(part)) + part for part in parts)


class FrameDigest:
    """Digests of the frames of one level; `tables` is a TIFF's JPEGTables stream, or nothing.

    Neighbouring frames begin alike, so what was read of one head is remembered.
    """

    def __init__(self, kind: Kind, tables: bytes = b"") -> None:
        self._kind = kind
        self._tables = tables
        self._head = b""
        self._key = b""

    def digest(self, stream: bytes | memoryview) -> bytes:
        """32 bytes for what `stream` shows; raises `IntegrityError` where it cannot be read."""
        return self.measure(stream)[0]

    def measure(self, stream: bytes | memoryview) -> tuple[bytes, int, int]:
        """The digest, and where in `stream` the bytes begin and end that no head describes."""
        start = len(self._head)
        if self._kind is Kind.BYTES:
            return blake3(stream).digest(), 0, len(stream)
        if self._kind is Kind.JPEG_2000:
            whole = bytes(stream)
            return _codestream(whole), 0, len(whole)
        if not start or stream[:start] != self._head:
            start = self._learn(bytes(stream))
        end = _end(stream)
        if end < start:
            raise IntegrityError("a frame ends before its data begin.")
        return blake3(stream[start:end], key=self._key).digest(), start, end

    def _learn(self, stream: bytes) -> int:
        if self._kind is Kind.JPEG:
            canonical, start = _jpeg(stream, self._tables)
        else:
            canonical, start = _jpeg_ls(stream)
        self._head = stream[:start]
        self._key = blake3(canonical).digest()
        return start


def _end(stream: bytes | memoryview) -> int:
    """Where the end-of-image marker stands; what follows it (padding, or more) is no image."""
    length = len(stream)
    if stream[length - 2 :] == _END:
        return length - 2
    if stream[length - 3 : length - 1] == _END:
        return length - 3
    found = bytes(stream).rfind(_END)
    return found if found >= 0 else len(bytes(stream).rstrip(b"\0"))


def _jpeg(stream: bytes, tables: bytes) -> tuple[bytes, int]:
    """The canonical form of what stands before the entropy-coded data, and where these begin."""
    found = _InForce()
    if tables:
        _segments(tables, found)
    start = _segments(stream, found)
    if not found.frame or not found.scan:
        raise IntegrityError("a JPEG stream has no frame header or no scan.")
    return found.canonical(), start


def _segments(stream: bytes, found: _InForce) -> int:
    """Read segments into `found` up to the scan, or to the end of a stream of tables only."""
    at = 2
    while at + 4 <= len(stream):
        if stream[at] != 0xFF:
            raise IntegrityError(f"no marker stands at byte {at} of a JPEG stream.")
        marker = stream[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", stream, at + 2)
        payload = stream[at + 4 : at + 2 + length]
        if length < 2 or len(payload) != length - 2:
            raise IntegrityError("a segment of a JPEG stream passes its end.")
        at += 2 + length
        _take(marker, payload, found)
        if marker == _SCAN:
            return at
    return at


def _take(marker: int, payload: bytes, found: _InForce) -> None:
    if marker in _FRAME_HEADERS:
        found.frame = bytes([marker]) + payload
    elif marker == _SCAN:
        found.scan = payload
    elif marker == _INTERVAL and len(payload) == 2:
        (found.interval,) = struct.unpack(">H", payload)
    elif marker == _QUANTISATION:
        at = 0
        while at < len(payload):
            size = 64 << (payload[at] >> 4 & 1)
            found.quantisation[payload[at] & 15] = payload[at : at + 1 + size]
            at += 1 + size
    elif marker == _HUFFMAN:
        at = 0
        while at + 17 <= len(payload):
            size = 17 + sum(payload[at + 1 : at + 17])
            found.huffman[payload[at]] = payload[at : at + size]
            at += size


def _jpeg_ls(stream: bytes) -> tuple[bytes, int]:
    """Frame header and presets as they stand, and where the first scan begins."""
    kept, at = [b"JPEGLS"], 2
    while at + 4 <= len(stream):
        mark, marker, length = struct.unpack_from(">BBH", stream, at)
        if marker == _SCAN:
            return b"".join(kept), at
        if mark != 0xFF or length < 2:
            break
        if marker not in _APPLICATIONS and marker != _TEXT:
            kept.append(stream[at : at + 2 + length])
        at += 2 + length
    raise IntegrityError("a JPEG-LS stream has no scan.")


def _codestream(stream: bytes) -> bytes:
    """The digest of a JPEG 2000 codestream: its main header, then each tile-part."""
    state = blake3(b"JPEG2000")
    at = _header(stream, 2, _TILE_PART, state)
    end = _end(stream)
    while stream[at : at + 2] == b"\xff\x90" and at + 12 <= end:
        (length,) = struct.unpack_from(">I", stream, at + _PSOT.start)
        stop = at + length if length else end
        state.update(stream[at : at + _PSOT.start] + stream[at + _PSOT.stop : at + 12])
        inside = _header(stream, at + 12, _DATA, state)
        if not inside <= stop <= max(end, inside):
            raise IntegrityError("a tile-part of a JPEG 2000 stream passes its end.")
        state.update(memoryview(stream)[inside:stop])
        at = stop
    return state.digest()


def _header(stream: bytes, at: int, last: int, state: blake3) -> int:
    """Take segments up to the marker `last`; returns where it stands."""
    while at + 4 <= len(stream):
        marker, length = struct.unpack_from(">HH", stream, at)
        if marker == last:
            return at
        if marker >> 8 != 0xFF or length < 2:
            break
        if marker not in {_COMMENT, _PART_LENGTHS}:
            state.update(stream[at : at + 2 + length])
        at += 2 + length
    raise IntegrityError("a header of a JPEG 2000 stream is cut short.")
