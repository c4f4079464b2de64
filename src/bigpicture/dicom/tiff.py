"""TIFF and BigTIFF directories, read without trusting any offset, count or link in them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import tifffile
from numpy.typing import NDArray

from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

MAXIMUM_DIRECTORIES = 4096
MAXIMUM_TAGS = 4096
MAXIMUM_DEPTH = 4
MAXIMUM_TEXT_BYTES = 64 << 20

SUB_DIRECTORIES = 330
_EXTRA_DIRECTORIES = frozenset({34665, 34853})  # EXIF and GPS
# Where pixels lie and how they are coded: neither text nor a measurement.
_PLUMBING = frozenset({273, 279, 288, 289, 324, 325, 347, 519, 520, 521})
_BINARY = frozenset({34675})  # an ICC profile; its use is asked for by name

_TYPES: dict[int, tuple[str, int]] = {
    1: ("B", 1), 2: ("s", 1), 3: ("H", 2), 4: ("I", 4), 5: ("II", 8), 6: ("b", 1), 7: ("B", 1),
    8: ("h", 2), 9: ("i", 4), 10: ("ii", 8), 11: ("f", 4), 12: ("d", 8), 13: ("I", 4),
    16: ("Q", 8), 17: ("q", 8), 18: ("Q", 8),
}  # fmt: skip


def tag_name(code: int) -> str:
    """TIFF's own name of a tag, or its number where it has none."""
    return str(tifffile.TIFF.TAGS.get(code, None) or code)


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry of a directory; its value is read when asked for."""

    code: int
    type: int
    count: int
    offset: int

    @property
    def size(self) -> int:
        return self.count * _TYPES[self.type][1]

    @property
    def name(self) -> str:
        return tag_name(self.code)


@dataclass(frozen=True)
class Directory:
    """One image file directory (IFD) and the ones below it (SubIFDs)."""

    source: ByteSource
    order: str
    place: str
    tags: dict[int, Tag]
    children: tuple[Directory, ...]

    def numbers(self, code: int) -> NDArray[np.generic]:
        """All numbers of a tag; empty where it is absent. Rationals come as pairs."""
        tag = self.tags.get(code)
        if tag is None:
            return np.empty(0, np.uint64)
        letters = _TYPES[tag.type][0]
        if letters == "s":
            raise self.damaged(f"tag {tag.name} is text where numbers belong")
        raw = self.source.read(tag.offset, tag.size)
        return np.frombuffer(raw, np.dtype(self.order + letters[0]))

    def number(self, code: int, absent: int) -> int:
        values = self.numbers(code)
        return int(values[0]) if len(values) else absent

    def ratio(self, code: int) -> float | None:
        """A rational; None where it is absent or divides by zero."""
        tag = self.tags.get(code)
        values = self.numbers(code)
        if tag is None or not len(values):
            return None
        if tag.type in {5, 10}:
            return float(values[0]) / float(values[1]) if values[1] else None
        return float(values[0])

    def raw(self, code: int) -> bytes:
        tag = self.tags.get(code)
        return self.source.read(tag.offset, tag.size) if tag else b""

    def text(self, code: int) -> str:
        """A text tag, without its NULs; UTF-8 where it is, else Latin-1, as vendors write."""
        raw = self.raw(code).rstrip(b"\0")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    def damaged(self, what: str) -> SlideError:
        return SlideError(
            f"the file is damaged: {what}.",
            place=self.place,
            remedy="Copy it again from its origin, or rescan the slide.",
        )

    def fields(self) -> Iterator[Field]:
        """Every text and number of this directory and those below, as `TIFF.<TagName>`."""
        for tag in self.tags.values():
            if tag.code not in _PLUMBING:
                place = f"{self.place} {tag.name}"
                yield Field(place, f"TIFF.{tag.name}", self._shown(tag))
        for child in self.children:
            yield from child.fields()

    def _shown(self, tag: Tag) -> str:
        if tag.code in _BINARY:
            return ""
        if tag.type == 2 or (tag.type in {1, 7} and tag.count > 4):
            return self.text(tag.code)
        if tag.type in {5, 10}:
            pairs = self.numbers(tag.code).reshape(-1, 2)
            return " ".join(f"{a}/{b}" for a, b in pairs[:64])
        return " ".join(str(number) for number in self.numbers(tag.code)[:64])


@dataclass(frozen=True)
class TiffFile:
    """The directories of one file, in file order."""

    source: ByteSource
    place: str
    directories: tuple[Directory, ...]

    @cached_property
    def all(self) -> tuple[Directory, ...]:
        """The main directories, each followed by those below it."""
        return tuple(_flat(self.directories))


def _flat(directories: tuple[Directory, ...]) -> Iterator[Directory]:
    for directory in directories:
        yield directory
        yield from _flat(directory.children)


def is_tiff(head: bytes) -> bool:
    return head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}


def read_tiff(source: ByteSource, *, place: str) -> TiffFile:
    """Read every directory; raises `SlideError` naming the directory that is damaged."""
    reader = _Reader(source, place)
    return TiffFile(source, place, tuple(reader.chain()))


class _Reader:
    """Follows links between directories, each offset once."""

    def __init__(self, source: ByteSource, place: str) -> None:
        self.source = source
        self.place = place
        self.seen: set[int] = set()
        head = self._take(0, 8, place)
        self.order = "<" if head[:2] == b"II" else ">"
        self.is_big = head[2:4] in {b"+\0", b"\0+"}
        first = self._take(8, 8, place) if self.is_big else head[4:8]
        self.first = struct.unpack(self.order + ("Q" if self.is_big else "I"), first)[0]

    def chain(self) -> Iterator[Directory]:
        offset, number = self.first, 0
        while offset:
            directory, offset = self._directory(offset, f"{self.place} IFD {number}", 0)
            yield directory
            number += 1
        if number == 0:
            raise SlideError(
                "the file has no image.", place=self.place, remedy="Copy it again from its origin."
            )

    def _directory(self, offset: int, place: str, depth: int) -> tuple[Directory, int]:
        if offset in self.seen:
            raise SlideError(
                "its directories link back to each other in a loop.",
                place=place,
                remedy="The file is damaged: copy it again from its origin.",
            )
        self.seen.add(offset)
        if len(self.seen) > MAXIMUM_DIRECTORIES or depth > MAXIMUM_DEPTH:
            raise SlideError(
                f"it has more than {MAXIMUM_DIRECTORIES} directories, or they nest too deeply.",
                place=place,
                remedy="No slide needs that: export it again.",
            )
        head, entry, link = ("Q", 20, "Q") if self.is_big else ("H", 12, "I")
        width = struct.calcsize(head)
        (count,) = struct.unpack(self.order + head, self._take(offset, width, place))
        if count > MAXIMUM_TAGS:
            raise SlideError(
                f"a directory claims {count} tags.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        start = offset + width
        raw = self._take(start, count * entry, place)
        tags = dict(self._tags(raw, start, entry, place))
        end = start + count * entry
        step = struct.calcsize(link)
        tail = self._take(end, step, place)
        children = tuple(self._below(tags, place, depth))
        directory = Directory(self.source, self.order, place, tags, children)
        return directory, struct.unpack(self.order + link, tail)[0]

    def _tags(self, raw: bytes, start: int, entry: int, place: str) -> Iterator[tuple[int, Tag]]:
        shape, room = ("HHQ", 8) if self.is_big else ("HHI", 4)
        pointer = "Q" if self.is_big else "I"
        for position in range(0, len(raw), entry):
            code, kind, count = struct.unpack_from(self.order + shape, raw, position)
            if kind not in _TYPES:
                # TIFF 6.0 section 2: readers skip fields of a type they do not know. A slide's
                # own tags are never of one, so it is damage, and privacy cannot be judged.
                raise SlideError(
                    f"tag {code} has the unknown type {kind}.",
                    place=place,
                    remedy="It is damaged: copy it again from its origin, or export it again.",
                )
            size = count * _TYPES[kind][1]
            at = start + position + entry - room
            if size > room:
                (at,) = struct.unpack_from(self.order + pointer, raw, position + entry - room)
            if at + size > self.source.size:
                raise SlideError(
                    f"the value of tag {tag_name(code)} lies past the end of the file.",
                    place=place,
                    remedy="The file is truncated or damaged: copy it again from its origin.",
                )
            yield code, Tag(code, kind, count, at)

    def _below(self, tags: dict[int, Tag], place: str, depth: int) -> Iterator[Directory]:
        for code in (SUB_DIRECTORIES, *sorted(_EXTRA_DIRECTORIES)):
            tag = tags.get(code)
            if tag is None:
                continue
            if tag.count > MAXIMUM_DIRECTORIES:
                raise SlideError(
                    f"it names {tag.count} directories below it.",
                    place=place,
                    remedy="It is damaged: copy it again from its origin, or export it again.",
                )
            holder = Directory(self.source, self.order, place, tags, ())
            for number, offset in enumerate(holder.numbers(code)):
                label = f"{place}.{number}" if code == SUB_DIRECTORIES else f"{place} {tag.name}"
                yield self._directory(int(offset), label, depth + 1)[0]

    def _take(self, offset: int, length: int, place: str) -> bytes:
        if offset + length > self.source.size:
            raise SlideError(
                "a directory lies past the end of the file.",
                place=place,
                remedy="The file is truncated or damaged: copy it again from its origin.",
            )
        return self.source.read(offset, length)
