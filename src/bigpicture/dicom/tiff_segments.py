"""Where the tiles or strips of a TIFF image lie, a million of them perhaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.errors import SlideError

SHARED, SHARED_SLACK = 256, 256 << 20
"""Some writers store one blank tile for all: so many times the file's bytes, and so many more."""
_STEP = 1 << 16
"""So many are checked at once: in cache, and in memory that does not grow with the slide."""


@dataclass(frozen=True)
class Segments:
    """Offset and length of each, in the integers that the file has (16, 32 or 64 bits)."""

    starts: NDArray[np.unsignedinteger]
    lengths: NDArray[np.unsignedinteger]

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> tuple[int, int]:
        starts, lengths = self._plain
        return starts[index], lengths[index]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(*self._plain, strict=True)

    @cached_property
    def _plain(self) -> tuple[memoryview[int], memoryview[int]]:
        """Plain integers come out of a memoryview: numpy's own cost a microsecond each."""
        return self.starts.data, self.lengths.data

    @cached_property
    def total(self) -> int:
        """Compressed bytes."""
        return int(self.lengths.sum(dtype=np.uint64))

    @property
    def first_present(self) -> int | None:
        """The first that has bytes."""
        number = int(np.argmax(self.lengths != 0)) if len(self) else 0
        return number if len(self) and self.lengths[number] else None

    def check(self, *, size: int, longest: int, place: str) -> None:
        """Raise `SlideError` where one lies outside the file's `size`, or is absurdly long.

        `longest` is what the samples of one take when they are packed as badly as can be.
        """
        for first in range(0, len(self), _STEP):
            self._check_some(first, size=size, longest=longest, place=place)
        if self.total > SHARED * size + SHARED_SLACK:
            raise SlideError(
                "its tiles or strips share their bytes so often that it would grow beyond measure.",
                place=place,
                rule=f"all together at most {SHARED} times the file",
                remedy="The file is damaged or hostile: copy it again from its origin.",
            )

    def _check_some(self, first: int, *, size: int, longest: int, place: str) -> None:
        part = slice(first, first + _STEP)
        starts, lengths = (each[part].astype(np.uint64) for each in (self.starts, self.lengths))
        room = np.uint64(size) - np.minimum(starts, np.uint64(size))
        outside = (lengths > room) | (starts > np.uint64(size))
        if bool(outside.any()):
            number = first + int(np.argmax(outside))
            raise SlideError(
                f"tile or strip {number} lies past the end of the file.",
                place=f"{place} tile {number}",
                remedy="The file is truncated or damaged: copy it again from its origin.",
            )
        long = lengths > np.uint64(longest)
        if bool(long.any()):
            number = first + int(np.argmax(long))
            raise SlideError(
                f"tile or strip {number} claims more bytes than its pixels can need.",
                place=f"{place} tile {number}",
                rule=f"at most {longest} bytes",
                remedy="The file is damaged: copy it again from its origin.",
            )


def native(numbers: NDArray[np.generic]) -> NDArray[np.unsignedinteger]:
    """Unsigned, in this machine's byte order; without a copy where they are it already."""
    kind = np.dtype(f"u{numbers.dtype.itemsize}")
    return numbers.astype(kind, copy=False)
