"""ZISRAW, the container of Zeiss CZI: its segments, where its subblocks lie, what is attached.

The file is a row of segments, each with its name and length. Three of them list the others: the
directory of subblocks (pixels), that of attachments, and the metadata in XML. By Zeiss's published
description of the format; all numbers are little endian.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.markup import MAXIMUM_BYTES
from bigpicture.model.errors import IntegrityError, SlideError
from bigpicture.model.source import ByteSource

FILE, DIRECTORY, SUBBLOCK = b"ZISRAWFILE", b"ZISRAWDIRECTORY", b"ZISRAWSUBBLOCK"
METADATA, ATTACHMENTS, ATTACHMENT = b"ZISRAWMETADATA", b"ZISRAWATTDIR", b"ZISRAWATTACH"

SEGMENT = struct.Struct("<16sqq")
_HEADER = struct.Struct("<iiii16s16siqqiq")
_ENTRY = struct.Struct("<2siqiib5xi")
_DIMENSION = struct.Struct("<4siifi")
_ATTACHMENT = struct.Struct("<2s10xqi16s8s80s")
_LISTED = 128
"""Bytes of the directory before its entries."""
_ATTACHED = 256
"""Bytes of an attachment, and of the list of attachments, before what they hold."""

MAXIMUM_SUBBLOCKS = 2_000_000
MAXIMUM_ATTACHMENTS = 10_000
MAXIMUM_DIMENSIONS = 40
_JPEG_HEAD = 1 << 18

SINGLE = {
    b"T": "points in time",
    b"R": "rotations",
    b"I": "directions of illumination",
    b"B": "acquisition blocks",
    b"V": "views",
    b"H": "phases",
}
"""Dimensions of which a slide has one value each; what several of them are called."""
_COUNTED = {b"C": 9, b"Z": 10, b"S": 11, b"M": 12}
"""Dimensions whose start has a column of its own."""
_COLUMNS = 13


@dataclass(frozen=True)
class Subblocks:
    """The listed subblocks, one row each: shape (count, 13).

    Positions are bytes in the file. `left`, `top`, `width` and `height` are pixels of the finest
    level (the first two may be negative), `columns` and `rows` those that are stored; where they
    are fewer, the subblock belongs to a reduced level. `mosaic` orders what overlaps.
    """

    table: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.table)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Subblocks:
        return Subblocks(self.table[chosen])

    @property
    def position(self) -> NDArray[np.int64]:
        return self.table[:, 0]

    @property
    def pixel_type(self) -> NDArray[np.int64]:
        return self.table[:, 1]

    @property
    def compression(self) -> NDArray[np.int64]:
        return self.table[:, 2]

    @property
    def left(self) -> NDArray[np.int64]:
        return self.table[:, 3]

    @property
    def top(self) -> NDArray[np.int64]:
        return self.table[:, 4]

    @property
    def size(self) -> NDArray[np.int64]:
        """Width and height, shape (count, 2)."""
        return self.table[:, 5:7]

    @property
    def stored(self) -> NDArray[np.int64]:
        """Columns and rows, shape (count, 2)."""
        return self.table[:, 7:9]

    @property
    def channel(self) -> NDArray[np.int64]:
        return self.table[:, 9]

    @property
    def plane(self) -> NDArray[np.int64]:
        return self.table[:, 10]

    @property
    def scene(self) -> NDArray[np.int64]:
        return self.table[:, 11]

    @property
    def mosaic(self) -> NDArray[np.int64]:
        return self.table[:, 12]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A named file inside the file: where its bytes begin, and its type (`CZI`, `JPG`, ...)."""

    name: str
    kind: str
    position: int
    number: int


@dataclass(frozen=True)
class Window:
    """A part of a source, as a source: what is embedded counts its positions from its own start."""

    source: ByteSource
    start: int
    size: int

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise IntegrityError(f"{length} bytes at {offset} lie outside its {self.size} bytes.")
        return self.source.read(self.start + offset, length)


@dataclass(frozen=True)
class Zisraw:
    """An opened container. `guids` are those of the set and of this file, in hexadecimal."""

    source: ByteSource
    place: str
    guids: tuple[str, str]
    directory: int
    metadata: int
    attachments: int
    is_pending: bool

    def segment(self, position: int, name: bytes) -> tuple[int, int]:
        """Where the content of the segment at `position` begins, and how many bytes it has."""
        if not 0 <= position <= self.source.size - SEGMENT.size:
            raise damaged(self.place, f"its {_called(name)} lies past the end of the file")
        found, allocated, used = SEGMENT.unpack(self.source.read(position, SEGMENT.size))
        if found.rstrip(b"\0") != name:
            raise damaged(self.place, f"no {_called(name)} lies where it should")
        size = used or allocated
        start = position + SEGMENT.size
        if not 0 <= size <= self.source.size - start:
            raise damaged(self.place, f"its {_called(name)} ends past the end of the file")
        return start, size

    def xml(self) -> str:
        """The metadata; empty where the file has none."""
        if self.metadata <= 0:
            return ""
        start, size = self.segment(self.metadata, METADATA)
        if size < _ATTACHED:
            raise damaged(self.place, "its metadata are cut short")
        (length,) = struct.unpack("<i", self.source.read(start, 4))
        if not 0 <= length <= min(size - _ATTACHED, MAXIMUM_BYTES):
            raise damaged(self.place, f"its metadata cannot be {length} bytes long")
        data = self.source.read(start + _ATTACHED, length)
        try:
            return data.rstrip(b"\0").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise damaged(self.place, "its metadata are not UTF-8") from error

    def subblocks(self) -> Subblocks:
        """What the directory lists, checked; raises `SlideError` where it is no slide."""
        start, size = self.segment(self.directory, DIRECTORY)
        (count,) = struct.unpack("<i", self.source.read(start, 4)) if size >= _LISTED else (-1,)
        most = min(MAXIMUM_SUBBLOCKS, (size - _LISTED) // _ENTRY.size)
        if not 0 < count <= most:
            raise damaged(self.place, f"its directory cannot list {count} subblocks")
        data = self.source.read(start + _LISTED, size - _LISTED)
        listed = array("q")
        once: dict[bytes, int] = {}
        position = 0
        for _ in range(count):
            position = _read_entry(data, position, listed, once, f"{self.place} directory")
        table = np.frombuffer(listed, np.int64).reshape(count, _COLUMNS)
        if bool((table[:, 0] > self.source.size - SEGMENT.size).any()):
            raise damaged(self.place, "it lists subblocks past the end of the file")
        return Subblocks(table)

    def attached(self) -> Iterator[Attachment]:
        """The attachments, in order."""
        if self.attachments <= 0:
            return
        start, size = self.segment(self.attachments, ATTACHMENTS)
        (count,) = struct.unpack("<i", self.source.read(start, 4)) if size >= _ATTACHED else (-1,)
        most = min(MAXIMUM_ATTACHMENTS, (size - _ATTACHED) // _ATTACHMENT.size)
        if not 0 <= count <= most:
            raise damaged(self.place, f"it cannot list {count} attachments")
        for number in range(count):
            at = start + _ATTACHED + number * _ATTACHMENT.size
            entry = _ATTACHMENT.unpack(self.source.read(at, _ATTACHMENT.size))
            schema, position, _, _, kind, name = entry
            if schema != b"A1":
                raise damaged(self.place, "its list of attachments is no list")
            yield Attachment(_text(name), _text(kind), position, number)

    def inside(self, attachment: Attachment) -> Window:
        """The bytes of an attached file."""
        start, size = self.segment(attachment.position, ATTACHMENT)
        return Window(self.source, start + _ATTACHED, max(0, size - _ATTACHED))

    def image_size(self, attachment: Attachment) -> tuple[int, int]:
        """Columns and rows of an attached image; 0 and 0 where they cannot be told.

        It is never copied, so that damage to it does not stop the slide.
        """
        try:
            inside = self.inside(attachment)
            if attachment.kind == "JPG":
                head = read_head(inside.read(0, min(inside.size, _JPEG_HEAD)), place=self.place)
                return head.columns, head.rows
            if attachment.kind == "CZI":
                columns, rows = read_zisraw(inside, place=self.place).subblocks().stored[0]
                return int(columns), int(rows)
        except (SlideError, IntegrityError):
            pass
        return 0, 0


def is_zisraw(head: bytes) -> bool:
    return head.startswith(FILE)


def read_zisraw(source: ByteSource, *, place: str) -> Zisraw:
    """Read the header; raises `SlideError` where it is damaged or one of several files."""
    if source.size < SEGMENT.size + _HEADER.size:
        raise damaged(place, "it is cut short")
    if not is_zisraw(source.read(0, SEGMENT.size)):
        raise damaged(place, "it does not begin as a CZI file")
    fields = _HEADER.unpack(source.read(SEGMENT.size, _HEADER.size))
    major, primary, own, part = fields[0], fields[4], fields[5], fields[6]
    if major != 1:
        raise SlideError(
            f"its version of the CZI format is {major}.",
            place=place,
            rule="version 1",
            remedy="Save the slide again with ZEN.",
        )
    if part != 0:
        raise several_files(place)
    return Zisraw(
        source=source,
        place=place,
        guids=(primary.hex(), own.hex()),
        directory=fields[7],
        metadata=fields[8],
        attachments=fields[10],
        is_pending=fields[9] != 0,
    )


def _read_entry(
    data: bytes, position: int, listed: array[int], once: dict[bytes, int], place: str
) -> int:
    """Add a row of the table from the entry at `position`; return where the next one begins."""
    if position + _ENTRY.size > len(data):
        raise damaged(place, "it ends inside an entry")
    schema, pixel, at, part, compression, _, count = _ENTRY.unpack_from(data, position)
    position += _ENTRY.size
    end = position + count * _DIMENSION.size
    if schema != b"DV" or not 0 < count <= MAXIMUM_DIMENSIONS or end > len(data) or at < 0:
        raise damaged(place, "an entry is no entry")
    if part != 0:
        raise several_files(place)
    row = [at, pixel, compression, *(0,) * (_COLUMNS - 3)]
    for name, start, size, _, stored in _DIMENSION.iter_unpack(data[position:end]):
        axis = name.rstrip(b"\0 ")
        if axis == b"X":
            row[3], row[5], row[7] = start, size, stored
        elif axis == b"Y":
            row[4], row[6], row[8] = start, size, stored
        else:
            _read_dimension(axis, start, size, row, once, place)
    if min(row[5:9]) < 1:
        raise damaged(place, "a subblock has no pixels")
    listed.extend(row)
    return end


def _read_dimension(
    axis: bytes, start: int, size: int, row: list[int], once: dict[bytes, int], place: str
) -> None:
    if axis in _COUNTED and size <= 1:
        row[_COUNTED[axis]] = start
    elif axis not in SINGLE and axis not in _COUNTED:
        raise no_slide(place, "it has a dimension that is not known")
    elif size > 1 or once.setdefault(axis, start) != start:
        raise no_slide(place, f"it has several {SINGLE.get(axis, 'planes in one subblock')}")


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", "replace")


def _called(name: bytes) -> str:
    return {
        DIRECTORY: "directory of subblocks",
        SUBBLOCK: "subblock",
        METADATA: "metadata segment",
        ATTACHMENTS: "list of attachments",
    }.get(name, "attachment")


def damaged(place: str, what: str) -> SlideError:
    return SlideError(
        f"the CZI file is damaged: {what}.",
        place=place,
        remedy="Copy the file again from its origin, or save the slide again with ZEN.",
    )


def no_slide(place: str, what: str) -> SlideError:
    return SlideError(
        f"{what}.",
        place=place,
        rule="one slide at one time: tiles, scenes, channels and focal planes",
        remedy="Export one of them with ZEN.",
    )


def several_files(place: str) -> SlideError:
    return SlideError(
        "it is one of several files.",
        place=place,
        rule="a CZI slide is one file",
        remedy="Save the slide into one file with ZEN.",
    )
