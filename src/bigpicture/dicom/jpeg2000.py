"""JPEG 2000 codestreams: what their main header says (ISO/IEC 15444-1 annex A)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from bigpicture.model.errors import SlideError

_SOC_SIZ = b"\xff\x4f\xff\x51"
_COD = 0xFF52
_COM = 0xFF64
_SOT, _SOD, _TLM = 0xFF90, 0xFF93, 0xFF55
_SOT_BYTES, _EOC = b"\xff\x90", b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Codestream:
    """Size, components and transform. `has_comment` tells of a COM segment (free text)."""

    columns: int
    rows: int
    components: int
    bits: int
    sampling: tuple[tuple[int, int], ...]
    is_reversible: bool
    has_colour_transform: bool
    has_comment: bool

    @property
    def photometric(self) -> str:
        """PS3.5 8.2.4: by the multiple component transform; RGB where there is none."""
        if not self.has_colour_transform:
            return "RGB" if self.components == 3 else "MONOCHROME2"
        return "YBR_RCT" if self.is_reversible else "YBR_ICT"


def read_codestream(stream: bytes, *, place: str) -> Codestream:
    """Read SIZ and COD; raises `SlideError` where the stream is damaged or no codestream."""
    if stream[:4] != _SOC_SIZ or len(stream) < 45:
        raise _damaged(place)
    width, height, left, top = struct.unpack_from(">IIII", stream, 8)
    (components,) = struct.unpack_from(">H", stream, 40)
    if len(stream) < 42 + 3 * components or width <= left or height <= top:
        raise _damaged(place)
    parts = [stream[42 + 3 * n : 45 + 3 * n] for n in range(components)]
    coding, has_comment = _segments(stream, place)
    return Codestream(
        columns=width - left,
        rows=height - top,
        components=components,
        bits=max((part[0] & 0x7F) + 1 for part in parts) if parts else 0,
        sampling=tuple((part[1], part[2]) for part in parts),
        # COD: marker, length, Scod, SGcod (progression, 2 layers, transform), SPcod.
        is_reversible=coding[13] == 1,
        has_colour_transform=coding[8] == 1,
        has_comment=has_comment,
    )


def _segments(stream: bytes, place: str) -> tuple[bytes, bool]:
    position, coding, has_comment = 2, b"", False
    while position + 4 <= len(stream):
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == _SOT:
            break
        if marker == _COD:
            coding = stream[position : position + 2 + length]
        has_comment = has_comment or marker == _COM
        position += 2 + max(length, 2)
    if len(coding) < 14:
        raise _damaged(place)
    return coding, has_comment


def without_comments(stream: bytes) -> bytes:
    """The codestream without COM segments, and cut after its last tile-part; pixels are untouched.

    Comments may stand in the main header and in the header of each tile-part, whose length (Psot)
    then shrinks with them (A.4.2); a table of those lengths (TLM, a help that is optional) goes.
    """
    clean, has_shrunk = _without(stream, frozenset({_COM}))
    return _without(stream, frozenset({_COM, _TLM}))[0] if has_shrunk else clean


def _without(stream: bytes, dropped: frozenset[int]) -> tuple[bytes, bool]:
    kept = bytearray(stream[:2])
    position = _copy_header(stream, 2, _SOT, kept, dropped)
    has_shrunk = False
    while stream[position : position + 2] == _SOT_BYTES and position + 12 <= len(stream):
        (length,) = struct.unpack_from(">I", stream, position + 6)
        end = min(position + length, len(stream)) if length else _last(stream)
        begin = len(kept)
        kept += stream[position : position + 12]
        inside = _copy_header(stream, position + 12, _SOD, kept, dropped)
        removed = inside - position - (len(kept) - begin)
        if not position + 12 <= inside <= end:
            return bytes(kept[:begin]) + stream[position:], has_shrunk
        kept += stream[inside:end]
        if length and removed:
            struct.pack_into(">I", kept, begin + 6, max(length - removed, 0))
            has_shrunk = True
        position = end
    end_of_all = _EOC if stream[position : position + 2] == _EOC else b""
    return bytes(kept) + end_of_all, has_shrunk


def _last(stream: bytes) -> int:
    """Where the last tile-part ends that does not tell its length: before EOC."""
    found = stream.rfind(_EOC)
    return found if found >= 0 else len(stream)


def _copy_header(
    stream: bytes, position: int, last: int, kept: bytearray, dropped: frozenset[int]
) -> int:
    """Copy segments up to the marker `last`, but none of `dropped`; returns where it stands."""
    while position + 4 <= len(stream):
        marker, length = struct.unpack_from(">HH", stream, position)
        if marker == last:
            break
        if marker not in dropped:
            kept += stream[position : position + 2 + length]
        position += 2 + max(length, 2)
    return position


def _damaged(place: str) -> SlideError:
    return SlideError(
        "the JPEG 2000 stream is damaged.",
        place=place,
        remedy="Copy the file again from its origin, or rescan the slide.",
    )
