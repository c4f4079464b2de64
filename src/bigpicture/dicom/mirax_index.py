"""Index.dat of a MIRAX slide: which part of which data file holds each image.

As OpenSlide's description of the format has it: a version of five letters and the slide's
identifier; then 32-bit little-endian numbers. The first two point to tables of records, one for
each value of the hierarchical and of the nonhierarchical part of Slidedat.ini. A record points to
an empty page, whose link leads to the first of a chain of pages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

VERSION = b"01.02"
_IMAGE = 4  # image, offset, length, file
_BLOB = 5  # two numbers without meaning, offset, length, file


class Blob(NamedTuple):
    """Where something lies: number of the data file, offset, length in bytes."""

    file: int
    offset: int
    length: int


@dataclass(frozen=True)
class MiraxIndex:
    """An Index.dat whose head belongs to the slide. `sizes` are those of the data files."""

    source: ByteSource
    place: str
    root: int
    sizes: tuple[int, ...]

    def images(self, record: int) -> NDArray[np.int64]:
        """The images of a hierarchical record: number, offset, length, file; shape (images, 4).

        Numbers are checked to lie inside the files, the image's own number is not.
        """
        pages = list(self._pages(self.root, record, _IMAGE))
        images = np.concatenate(pages) if pages else np.empty((0, _IMAGE), np.int64)
        self._check(images)
        return images

    def blob(self, record: int) -> Blob | None:
        """The first item of a nonhierarchical record; None where it has none."""
        for page in self._pages(self.root + 4, record, _BLOB):
            for item in page[:1]:
                self._check(page[:1, 1:])
                return Blob(int(item[4]), int(item[2]), int(item[3]))
        return None

    def _pages(self, root: int, record: int, width: int) -> Iterator[NDArray[np.int64]]:
        """The pages of a record's chain, shape (items, width)."""
        head = self._number(self._number(root) + 4 * record)
        if head == 0:
            return  # nothing was stored for this value
        if self._number(head) != 0:
            raise self._damaged("a chain of pages does not begin with an empty one")
        at, seen, items = self._number(head + 4), {head}, 0
        while at:
            if at in seen:
                raise self._damaged("its pages link back to each other in a loop")
            seen.add(at)
            count, following = self._number(at), self._number(at + 4)
            items += count
            # Honest pages do not overlap: no chain has more items than the file has room for.
            if items > self.source.size // (4 * width):
                raise self._damaged("it lists more items than it has room for")
            raw = self._take(at + 8, 4 * width * count)
            yield np.frombuffer(raw, "<i4").astype(np.int64).reshape(count, width)
            at = following

    def _check(self, items: NDArray[np.int64]) -> None:
        """The last three columns must be a part of a data file."""
        offset, length, file = items[:, -3], items[:, -2], items[:, -1]
        if len(items) == 0:
            return
        if bool((items[:, 0] < 0).any() | (offset < 0).any() | (length <= 0).any()):
            raise self._damaged("it holds negative numbers, or an image without bytes")
        if bool(((file < 0) | (file >= len(self.sizes))).any()):
            raise self._damaged("it names a data file that Slidedat.ini does not")
        sizes = np.array(self.sizes, np.int64)
        outside = offset + length > sizes[file]
        if bool(outside.any()):
            raise SlideError(
                "an image lies past the end of its data file.",
                place=f"{self.place} data file {int(file[np.argmax(outside)])}",
                remedy="It is truncated or another file: copy the slide again from its origin.",
            )

    def _number(self, offset: int) -> int:
        (number,) = struct.unpack("<i", self._take(offset, 4))
        if number < 0:
            raise self._damaged("a pointer or a count is negative")
        return number

    def _take(self, offset: int, length: int) -> bytes:
        if offset < 0 or offset + length > self.source.size:
            raise self._damaged("a pointer leads past its end")
        return self.source.read(offset, length)

    def _damaged(self, what: str) -> SlideError:
        return SlideError(
            f"the index is damaged: {what}.",
            place=self.place,
            remedy="Copy the slide again from its origin, or rescan it.",
        )


def read_index(
    source: ByteSource, *, identity: str, sizes: tuple[int, ...], place: str
) -> MiraxIndex:
    """Open an Index.dat; raises `SlideError` where it is of another version or slide."""
    head = VERSION + identity.encode("utf-8")
    if source.size < len(head) + 8 or source.read(0, len(VERSION)) != VERSION:
        raise SlideError(
            "the index does not begin as one of version 01.02.",
            place=place,
            remedy="Copy the slide again from its origin, or export it from its viewer.",
        )
    if source.read(0, len(head)) != head:
        raise of_another_slide(place)
    return MiraxIndex(source, place, len(head), sizes)


def check_data_file(source: ByteSource, *, identity: str, number: int, place: str) -> None:
    """Raise `SlideError` where a data file is of another slide, or another one of this slide.

    Its head repeats the slide's identifier and its own number in three digits. Newer slides write
    both as UTF-16 into the same room, so that their second halves are cut off.
    """
    wanted = identity.encode("ascii", "replace")
    length = len(VERSION) + len(wanted) + 3
    if source.size < length:
        raise SlideError("a data file is cut short.", place=place, remedy="Copy the slide again.")
    head = source.read(0, length)[len(VERSION) :]
    is_wide = head.startswith(identity.encode("utf-16-le")[: len(wanted)])
    if not is_wide and not head.startswith(wanted):
        raise of_another_slide(place)
    digits = head[len(wanted) :]
    if not is_wide and digits.isdigit() and int(digits) != number % 1000:
        raise of_another_slide(place, "the data files are in another order than their heads say")


def of_another_slide(place: str, what: str = "the file belongs to another slide") -> SlideError:
    return SlideError(
        f"{what}.",
        place=place,
        rule="Index.dat and the data files repeat the SLIDE_ID of Slidedat.ini",
        remedy="Copy the slide again from its origin, with all files of its folder.",
    )
