"""JPEG-LS streams: what their header says (ITU-T T.87), and the stream without free text."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.errors import SlideError

_SOF, _SOS, _END, _COM = 0xF7, 0xDA, 0xD9, 0xFE
_APPLICATIONS = range(0xE0, 0xF0)
# T.87 A.1: inside a scan a byte FF is followed by a bit 0, so that FF and more is a marker.
_MARKER = re.compile(rb"\xff[\x80-\xfe]")
_RESTARTS = range(0xD0, 0xD8)


@dataclass(frozen=True, slots=True)
class LosslessHead:
    """Size, components and sample depth; `near` is the largest error that its coder may make."""

    columns: int
    rows: int
    components: int
    bits: int
    near: int
    is_transformed: bool
    """A colour transform outside of the standard, told by an application segment (`mrfx`)."""


def read_jpegls(stream: bytes, *, place: str) -> LosslessHead:
    """Read the segments before the first scan; raises `SlideError` where it is no such stream."""
    frame: tuple[int, int, int, int] | None = None
    is_transformed = False
    for marker, start, end in _segments(stream, place):
        if marker == _SOF:
            if end - start < 10:
                raise _damaged(place, "its frame header is cut short")
            bits, rows, columns, count = struct.unpack_from(">BHHB", stream, start + 4)
            frame = columns, rows, count, bits
        is_transformed = is_transformed or stream[start + 4 : start + 8] == b"mrfx"
        if marker == _SOS:
            if frame is None:
                raise _damaged(place, "its scan comes before its frame header")
            # Ss, Se and Ah/Al of JPEG are NEAR, ILV and the point transform here (T.87 C.2.3).
            if end - start < 8:
                raise _damaged(place, "its scan header is cut short")
            # The decoder looks for seconds past an end without a marker (CharLS 2.4).
            _scan_end(stream, end, place)
            return LosslessHead(*frame, near=stream[end - 3], is_transformed=is_transformed)
    raise _damaged(place, "it has no scan")


def without_applications(stream: bytes, *, place: str) -> bytes:
    """The stream without application and comment segments, and cut after its end.

    Encoders write a SPIFF header there, others whatever they like; the picture needs none of it.
    """
    kept = bytearray(stream[:2])
    for marker, start, end in _segments(stream, place):
        if marker == _END:
            return bytes(kept) + stream[start:end]
        if marker not in _APPLICATIONS and marker != _COM:
            kept += stream[start:end]
            if marker == _SOS:
                kept += stream[end : _scan_end(stream, end, place)]
    raise _damaged(place, "it has no end")


def _segments(stream: bytes, place: str) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment, scans skipped."""
    if stream[:2] != b"\xff\xd8":
        raise _damaged(place, "it does not begin as one")
    position = 2
    while position + 2 <= len(stream):
        marker = stream[position + 1]
        if stream[position] != 0xFF:
            raise _damaged(place, f"no marker stands at byte {position}")
        if marker == _END:
            yield marker, position, position + 2
            return
        if position + 4 > len(stream):
            break
        end = position + 2 + struct.unpack_from(">H", stream, position + 2)[0]
        if end < position + 4 or end > len(stream):
            break
        yield marker, position, end
        position = _scan_end(stream, end, place) if marker == _SOS else end
    raise _damaged(place, "it ends inside a segment")


def _scan_end(stream: bytes, start: int, place: str) -> int:
    for found in _MARKER.finditer(stream, start):
        if found.group()[1] not in _RESTARTS:
            return found.start()
    raise _damaged(place, "its scan has no end")


def _damaged(place: str, what: str) -> SlideError:
    return SlideError(
        f"the JPEG-LS stream is damaged: {what}.",
        place=place,
        remedy="Copy the file again from its origin, or rescan the slide.",
    )
