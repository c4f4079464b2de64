"""The directories of an NDPI file: a classic TIFF's, with their high 32 bits behind them.

Hamamatsu's links to directories are 64 bits wide, and the upper halves of a directory's values
follow it, four bytes an entry, where a TIFF has the next thing it likes (OpenSlide's page on the
format, "NDPI File"). Text always stands elsewhere in the file, even where it would fit the entry.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.dicom.tiff import (
    MAXIMUM_TAGS,
    Directory,
    Tag,
    TiffFile,
    tag_name,
)
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

FORMAT, STARTS, STARTS_HIGH = 65420, 65426, 65432
MAXIMUM_DIRECTORIES = 1024
"""Focal planes times levels, and two more: no scan comes near."""
FIRST_PRIVATE, LAST_PRIVATE = 65324, 65535
MAXIMUM_TEXT_BYTES = 64 << 10
MAXIMUM_VALUE_BYTES = 64 << 20

_CLASSIC_SIZE = 1 << 32
_TEXT, _LONG = 2, 4
# Bytes of a value, by its type (TIFF 6.0 section 2).
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


@dataclass(frozen=True)
class NdpiDirectory(Directory):
    """A directory whose single numbers may have an upper half."""

    high: dict[int, int]

    def number(self, code: int, absent: int) -> int:
        try:
            return super().number(code, absent)
        except (ValueError, OverflowError) as error:  # a float that is no number
            raise self.damaged(f"tag {tag_name(code)} holds no number") from error

    def wide(self, code: int) -> int:
        """The number of a tag, all 64 bits of it; 0 where it is absent."""
        return self.number(code, 0) | self.high.get(code, 0) << 32

    def is_private(self, code: int) -> bool:
        return FIRST_PRIVATE <= code <= LAST_PRIVATE


def is_ndpi(source: ByteSource, head: bytes) -> bool:
    """Whether the first directory has Hamamatsu's tag; reads nothing else."""
    if head[:4] != b"II*\0" or source.size < 12:
        return False
    at = _link(head[4:12], source)
    if at + 2 > source.size:
        return False
    count = int.from_bytes(source.read(at, 2), "little")
    raw = source.read(at + 2, min(12 * count, source.size - at - 2))
    code = FORMAT.to_bytes(2, "little")
    return any(raw[entry : entry + 2] == code for entry in range(0, len(raw), 12))


def read_ndpi(source: ByteSource, *, place: str) -> TiffFile:
    """Read every directory; raises `SlideError` naming the directory that is damaged."""
    return TiffFile(source, place, tuple(_chain(source, place)))


def _link(raw: bytes, source: ByteSource) -> int:
    """A link to a directory. A file that 32 bits reach may come from a writer of plain TIFFs."""
    width = 4 if source.size < _CLASSIC_SIZE else 8
    return int.from_bytes(raw[:width], "little")


def _chain(source: ByteSource, place: str) -> Iterator[NdpiDirectory]:
    seen: set[int] = set()
    offset = _link(_take(source, 4, 8, place), source)
    while offset:
        label = f"{place} IFD {len(seen)}"
        if offset in seen:
            raise _damaged("its directories link back to each other in a loop", label)
        if len(seen) == MAXIMUM_DIRECTORIES:
            raise _damaged(f"it has more than {MAXIMUM_DIRECTORIES} directories", label)
        seen.add(offset)
        directory, offset = _directory(source, offset, label)
        yield directory


def _directory(source: ByteSource, offset: int, place: str) -> tuple[NdpiDirectory, int]:
    (count,) = struct.unpack("<H", _take(source, offset, 2, place))
    if count > MAXIMUM_TAGS:
        raise _damaged(f"a directory claims {count} tags", place)
    start = offset + 2
    end = start + 12 * count
    raw = _take(source, start, 12 * count, place)
    following = _link(_take(source, end, min(8, max(4, source.size - end)), place), source)
    upper = [0] * count
    if source.size >= _CLASSIC_SIZE:
        upper = list(struct.unpack(f"<{count}I", _take(source, end + 8, 4 * count, place)))
    tags: dict[int, Tag] = {}
    high: dict[int, int] = {}
    for number in range(count):
        code, kind, length, value = struct.unpack_from("<HHII", raw, 12 * number)
        if kind not in _SIZES:
            raise _damaged(f"tag {code} has the unknown type {kind}", place)
        size = length * _SIZES[kind]
        at = start + 12 * number + 8
        if size > (MAXIMUM_TEXT_BYTES if kind in {1, _TEXT, 7} else MAXIMUM_VALUE_BYTES):
            raise _damaged(f"tag {tag_name(code)} claims {size} bytes", place)
        far = value | upper[number] << 32
        if size > 4 or (kind == _TEXT and 0 < far <= source.size - size):
            at = far  # text always stands elsewhere, in Hamamatsu's own files
        elif kind == _LONG and length == 1:
            high[code] = upper[number]
        if at + size > source.size:
            raise _damaged(f"the value of tag {tag_name(code)} lies past the end", place)
        tags[code] = Tag(code, kind, length, at)
    return NdpiDirectory(source, "<", place, tags, (), high), following


def _take(source: ByteSource, offset: int, length: int, place: str) -> bytes:
    if offset + length > source.size:
        raise _damaged("a directory lies past the end of the file", place)
    return source.read(offset, length)


def _damaged(what: str, place: str) -> SlideError:
    return SlideError(
        f"the file is damaged: {what}.",
        place=place,
        remedy="Copy it again from its origin, or rescan the slide.",
    )
