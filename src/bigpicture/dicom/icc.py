"""ICC profiles: the texts they carry, and the profile without them (ICC.1:2010)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from bigpicture.model.errors import SlideError

MAXIMUM_TAGS = 256
MAXIMUM_BYTES = 16 << 20
_HEADER = 128
# What turns numbers into colours, and the types that hold nothing but numbers (clauses 9 and 10).
_COLOUR_TAGS = frozenset(
    b"wtpt bkpt rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC chad chrm lumi "
    b"A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 gamt cicp".split()
)
_NUMBER_TYPES = frozenset([b"XYZ ", b"curv", b"para", b"sf32", b"mft1", b"mft2", b"mAB ", b"mBA ",
                           b"chrm", b"cicp"])  # fmt: skip
_CLASSES = (b"mntr", b"scnr", b"prtr", b"spac")
_D50 = struct.pack(">3I", 0x0000F6D6, 0x00010000, 0x0000D32D)
"""The illuminant that every profile has (clause 7.2.16)."""
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
"""How many numbers a curve of each kind has (clause 10.18)."""
_TEXT = re.compile(rb"[\x20-\x7e]{4,}")
_WIDE_TEXT = re.compile(rb"(?:\0[\x20-\x7e]){4,}")


class _Tag(NamedTuple):
    name: bytes
    kind: bytes
    data: bytes


def is_profile(data: bytes) -> bool:
    return len(data) >= _HEADER + 4 and data[36:40] == b"acsp"


def colour_space(data: bytes) -> str:
    """The four letters of the space whose numbers it explains: `RGB`, `GRAY`, `CMYK`."""
    return data[16:20].decode("ascii", "replace").strip()


def texts(data: bytes, *, place: str) -> Iterator[tuple[str, str]]:
    """Tag and text of everything in a profile that is no colour; raises `SlideError`."""
    made = struct.unpack_from(">6H", data, 24)
    codes = (data[at : at + 4].decode("ascii", "replace") for at in (4, 40, 48, 52, 80))
    yield "header", " ".join([*codes, *map(str, made)]).replace("\0", "")
    for tag in _tags(data, place):
        if not _is_colour(tag):
            text = _localised(tag.data) if tag.kind == b"mluc" else _printable(tag.data[8:])
            yield tag.name.decode("ascii", "replace").strip(), text


def without_texts(data: bytes, *, place: str) -> bytes:
    """The profile with its colours only: no names, makers, dates or serial numbers.

    Raises `SlideError` where it is damaged.
    """
    kept = [(tag.name, _numbers(tag)) for tag in _tags(data, place) if _is_colour(tag)]
    plain = [(name, text) for name, text in ((b"desc", "camera"), (b"cprt", "CC0-1.0"))]
    wide = data[8] >= 4
    tags = sorted([*kept, *((name, _named(text, name, is_wide=wide)) for name, text in plain)])
    start = _HEADER + 4 + 12 * len(tags)
    table, body = b"", b""
    for name, value in tags:
        table += name + struct.pack(">II", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    return _header(data, start + len(body)) + struct.pack(">I", len(tags)) + table + body


def _header(data: bytes, size: int) -> bytes:
    """Version, class, spaces and intent stay, as the standard has them; all else goes."""
    made = struct.pack(">6H", 1970, 1, 1, 0, 0, 0)
    version = data[8:10] + bytes(2)
    kind = data[12:16] if data[12:16] in _CLASSES else b"mntr"
    space, between = data[16:20], data[20:24] if data[20:24] in (b"XYZ ", b"Lab ") else b"XYZ "
    intent = min(struct.unpack_from(">I", data, 64)[0], 3)
    told = struct.pack(">I4x", size) + version + kind + space + between + made + b"acsp" + bytes(4)
    return (told + bytes(20) + struct.pack(">I", intent) + _D50).ljust(_HEADER, b"\0")


def _named(text: str, name: bytes, *, is_wide: bool) -> bytes:
    if is_wide:
        encoded = text.encode("utf-16-be")
        head = struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(encoded), 28)
        return b"mluc" + head + encoded
    if name == b"cprt":
        return b"text" + bytes(4) + text.encode() + b"\0"
    short = text.encode() + b"\0"
    return b"desc" + bytes(4) + struct.pack(">I", len(short)) + short + bytes(78)


def _tags(data: bytes, place: str) -> Iterator[_Tag]:
    if not is_profile(data) or len(data) > MAXIMUM_BYTES:
        raise _damaged(place)
    (count,) = struct.unpack_from(">I", data, _HEADER)
    if count > MAXIMUM_TAGS or _HEADER + 4 + 12 * count > len(data):
        raise _damaged(place)
    for number in range(count):
        name, offset, length = struct.unpack_from(">4sII", data, _HEADER + 4 + 12 * number)
        if offset + length > len(data):
            raise _damaged(place)
        yield _Tag(name, data[offset : offset + 4], data[offset : offset + length])


def _is_colour(tag: _Tag) -> bool:
    return tag.name in _COLOUR_TAGS and tag.kind in _NUMBER_TYPES


def _numbers(tag: _Tag) -> bytes:
    """The numbers of a tag without what lies behind them, where their type tells how many."""
    data = tag.data
    length = len(data)
    if tag.kind == b"XYZ ":
        length = 20
    elif tag.kind == b"curv" and len(data) >= 12:
        length = 12 + 2 * struct.unpack_from(">I", data, 8)[0]
    elif tag.kind == b"para" and len(data) >= 12:
        length = 12 + 4 * _PARAMETERS.get(struct.unpack_from(">H", data, 8)[0], 7)
    elif tag.kind == b"sf32":
        length = 8 + 4 * 9
    return tag.kind + bytes(4) + data[8:length]


def _localised(data: bytes) -> str:
    """The strings of a `mluc`, one a language, without the languages' own letters."""
    if len(data) < 16:
        return ""
    count, size = struct.unpack_from(">II", data, 8)
    found: list[str] = []
    for number in range(min(count, MAXIMUM_TAGS)):
        at = 16 + number * max(size, 12)
        if at + 12 > len(data):
            break
        length, offset = struct.unpack_from(">II", data, at + 4)
        found.append(data[offset : offset + length].decode("utf-16-be", "replace").strip("\0"))
    return "\n".join(found)


def _printable(data: bytes) -> str:
    wide = [part[1::2] for part in _WIDE_TEXT.findall(data)]
    return "\n".join(part.decode("ascii") for part in (*_TEXT.findall(data), *wide))


def _damaged(place: str) -> SlideError:
    return SlideError(
        "its colour profile is damaged.",
        place=place,
        rule="ICC.1:2010",
        remedy="Save the image again, with or without a profile.",
    )
