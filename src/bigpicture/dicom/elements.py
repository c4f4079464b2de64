"""Walks the elements of a DICOM file without trusting any length it declares."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from pydicom.datadict import dictionary_VR

from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"

PIXEL_DATA = 0x7FE00010
EXTENDED_OFFSETS = 0x7FE00001
EXTENDED_LENGTHS = 0x7FE00002
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF

MAXIMUM_DEPTH = 32
"""Sequences and items inside each other; real slides need eight (pydicom recurses on each)."""
MAXIMUM_ELEMENTS = 8_000_000
MAXIMUM_HEADER_BYTES = 256 << 20

_LONG_FORM = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN",
                        b"UR", b"UT", b"UV"})  # fmt: skip
_PIXELS = frozenset({PIXEL_DATA, 0x7FE00008, 0x7FE00009})


@dataclass(frozen=True, slots=True)
class Element:
    """A top-level element: `start` of its tag, `value` offset, `length` (-1 where undefined)."""

    tag: int
    vr: str
    start: int
    value: int
    length: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the elements of one file lie, up to and including its pixel data."""

    transfer_syntax: str
    elements: tuple[Element, ...]
    end: int
    """Offset after the header: the start of the pixel data element, or of nothing."""

    def find(self, tag: int) -> Element | None:
        return next((element for element in self.elements if element.tag == tag), None)


@dataclass(slots=True)
class _Cursor:
    """Small reads through one window, so that a remote source is asked rarely."""

    source: ByteSource
    place: str
    window: int = 1 << 16
    start: int = 0
    held: bytes = field(default=b"")

    def read(self, offset: int, length: int) -> bytes:
        if not (self.start <= offset and offset + length <= self.start + len(self.held)):
            if offset + length > self.source.size:
                raise SlideError(
                    f"the file ends inside an element at byte {offset}.",
                    place=self.place,
                    remedy="It is truncated or damaged: copy it again from its origin.",
                )
            span = min(max(self.window, length), self.source.size - offset)
            self.start, self.held = offset, self.source.read(offset, span)
        return self.held[offset - self.start : offset - self.start + length]


def read_layout(
    source: ByteSource,
    *,
    place: str,
    last: int = UNDEFINED,
    inside: frozenset[int] | None = None,
) -> Layout:
    """Find the elements of a DICOM file (PS3.10 section 7.1), reading only their heads.

    What follows the element `last` is not looked at. Sequences other than those `inside` which to
    look, if it is given, are stepped over where they tell their length.
    Raises `SlideError` where the file is no DICOM file, a length passes the end of the file,
    sequences nest too deeply, or the transfer syntax is one that cannot be read safely.
    """
    cursor = _Cursor(source, place)
    if source.size < 140 or cursor.read(128, 4) != b"DICM":
        raise SlideError(
            "this is not a DICOM file (no DICM at byte 128).",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    position = 132
    syntax = ""
    meta: list[Element] = []
    while position + 8 <= source.size:
        if cursor.read(position, 2) != b"\x02\x00":
            break
        element = _head(cursor, position, implicit=False)
        if element.length < 0 or element.value + element.length > source.size:
            raise SlideError(
                "a length in the file meta information is impossible.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        if element.tag == 0x00020010:
            syntax = (
                cursor.read(element.value, min(element.length, 128))
                .rstrip(b"\0 ")
                .decode("ascii", "replace")
            )
        meta.append(element)
        position = element.value + element.length
    _refuse_syntax(syntax, place)
    implicit = syntax == IMPLICIT_LITTLE
    elements, end = _walk(cursor, position, implicit=implicit, last=last, inside=inside)
    return Layout(syntax, (*meta, *elements), end)


def read_first(source: ByteSource, tags: frozenset[int], *, place: str) -> dict[int, str]:
    """Texts of top-level elements of a file, of which no more is read than up to the last of them.

    The file may be cut behind that. Raises `SlideError` as `read_layout`.
    """
    layout = read_layout(source, place=place, last=max(tags))
    return {
        element.tag: source.read(element.value, min(element.length, 128))
        .rstrip(b"\0 ")
        .decode("ascii", "replace")
        for element in layout.elements
        if element.tag in tags and element.length >= 0
    }


def header_bytes(source: ByteSource, layout: Layout, *, place: str) -> bytes:
    """The file without pixel data and offset tables, for a parser that trusts its input."""
    skipped = [
        element
        for element in layout.elements
        if element.tag in {EXTENDED_OFFSETS, EXTENDED_LENGTHS}
    ]
    end = min((element.start for element in skipped), default=layout.end)
    end = min(end, layout.end)
    if end > MAXIMUM_HEADER_BYTES:
        raise SlideError(
            f"the header is {end >> 20} MiB long.",
            place=place,
            rule=f"at most {MAXIMUM_HEADER_BYTES >> 20} MiB",
            remedy="It is damaged, or was not written as a slide.",
        )
    return source.read(0, end)


def _refuse_syntax(syntax: str, place: str) -> None:
    if syntax == DEFLATED:
        # 1 MB of it inflates to gigabytes in memory; no slide needs it.
        raise SlideError(
            "the header is deflated.",
            place=place,
            rule="transfer syntax 1.2.840.10008.1.2.1.99 is not accepted",
            remedy="Write it as Explicit VR Little Endian.",
        )
    if syntax == EXPLICIT_BIG:
        raise SlideError(
            "the file is big-endian, a transfer syntax DICOM has retired.",
            place=place,
            remedy="Write it as Explicit VR Little Endian.",
        )
    if not syntax:
        raise SlideError(
            "the file names no transfer syntax.",
            place=f"{place} (0002,0010)",
            rule="PS3.10 7.1",
            remedy="It is damaged: export it again.",
        )


def _head(cursor: _Cursor, position: int, *, implicit: bool) -> Element:
    raw = cursor.read(position, 8)
    group, number = struct.unpack_from("<HH", raw)
    tag = group << 16 | number
    if group == 0xFFFE or implicit:
        (length,) = struct.unpack_from("<I", raw, 4)
        vr = "" if group == 0xFFFE else _known_vr(tag)
        return Element(tag, vr, position, position + 8, -1 if length == UNDEFINED else length)
    vr = raw[4:6]
    if vr in _LONG_FORM:
        (length,) = struct.unpack("<I", cursor.read(position + 8, 4))
        shown = -1 if length == UNDEFINED else length
        return Element(tag, vr.decode("ascii"), position, position + 12, shown)
    if not vr.isalpha() or not vr.isupper():
        raise SlideError(
            f"no element begins at byte {position}.",
            place=cursor.place,
            rule="PS3.5 7.1.2",
            remedy="It is truncated or damaged: copy it again from its origin.",
        )
    (length,) = struct.unpack_from("<H", raw, 6)
    return Element(tag, vr.decode("ascii"), position, position + 8, length)


def _known_vr(tag: int) -> str:
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _walk(
    cursor: _Cursor, position: int, *, implicit: bool, last: int, inside: frozenset[int] | None
) -> tuple[list[Element], int]:
    """Top-level elements until the pixel data; what is nested is walked through, not kept."""
    found: list[Element] = []
    open_ends: list[tuple[int, bool]] = []  # end offset (-1: delimited), implicit inside
    size = cursor.source.size
    for _ in range(MAXIMUM_ELEMENTS):
        while open_ends and 0 <= open_ends[-1][0] <= position:
            open_ends.pop()
        if position == size and not open_ends:
            return found, position
        is_implicit = open_ends[-1][1] if open_ends else implicit
        element = _head(cursor, position, implicit=is_implicit)
        if not open_ends:
            if element.tag in _PIXELS or element.tag > last:
                return [*found, element], element.start
            found.append(element)
        _check_length(cursor, element, open_ends)
        position = element.value
        if element.tag in {ITEM_END, SEQUENCE_END}:
            if not open_ends or open_ends[-1][0] >= 0:
                raise SlideError(
                    f"a delimiter at byte {element.start} closes nothing.",
                    place=cursor.place,
                    remedy="It is damaged: copy it again from its origin, or export it again.",
                )
            open_ends.pop()
        elif _is_entered(element, None if open_ends else inside):
            end = -1 if element.length < 0 else element.value + element.length
            # An undefined-length UN holds implicit VR (PS3.5 6.2.2).
            open_ends.append((end, is_implicit or element.vr == "UN"))
        else:
            position += element.length
        if len(open_ends) > 2 * MAXIMUM_DEPTH:
            raise SlideError(
                f"sequences lie more than {MAXIMUM_DEPTH} deep inside each other.",
                place=cursor.place,
                remedy="No slide needs that: export it again.",
            )
    raise SlideError(
        f"it has more than {MAXIMUM_ELEMENTS} elements.",
        place=cursor.place,
        remedy="It is damaged: copy it again from its origin, or export it again.",
    )


def _is_entered(element: Element, inside: frozenset[int] | None) -> bool:
    """Whether what an element holds is walked through, rather than stepped over."""
    if element.length < 0 or element.tag == ITEM:
        return True
    return element.vr == "SQ" and (inside is None or element.tag in inside)


def _check_length(cursor: _Cursor, element: Element, open_ends: list[tuple[int, bool]]) -> None:
    limit = next((end for end, _ in reversed(open_ends) if end >= 0), cursor.source.size)
    if element.value + max(element.length, 0) > limit:
        raise SlideError(
            f"the element at byte {element.start} is longer than what holds it.",
            place=f"{cursor.place} ({element.tag >> 16:04x},{element.tag & 0xFFFF:04x})",
            rule="PS3.5 7.1",
            remedy="It is truncated or damaged: copy it again from its origin.",
        )
