"""A TIFF level in strips, presented as tiles."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from threading import Lock

import numpy as np

from bigpicture.dicom.slide import Encoding, Frame, Samples
from bigpicture.dicom.tiff_codecs import UNCOMPRESSED
from bigpicture.dicom.tiff_level import TiffLevel, joined
from bigpicture.dicom.tiff_segments import Segments
from bigpicture.model.errors import SlideError

STRIP_TILE_SIDE = 512
"""Side of the tiles that strips are cut into."""
KEPT = 2
"""Bands of tiles, and strips, that are kept decoded: one a thread."""


@dataclass(frozen=True)
class StripedLevel(TiffLevel):
    """A level in strips, presented as tiles of 512 × 512 pixels, two bands of rows in memory."""

    _bands: _Kept = field(init=False, compare=False, repr=False)
    _whole_strips: _Kept = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bands", _Kept(self._read_band))
        object.__setattr__(self, "_whole_strips", _Kept(self._read_strip))

    @property
    def tile_columns(self) -> int:
        return STRIP_TILE_SIDE

    @property
    def tile_rows(self) -> int:
        return STRIP_TILE_SIDE

    @cached_property
    def count(self) -> int:
        """How many tiles the level is presented as."""
        return ceil(self.columns / STRIP_TILE_SIDE) * ceil(self.rows / STRIP_TILE_SIDE)

    @cached_property
    def strip_rows(self) -> int:
        return max(1, min(self.directory.number(278, self.rows), self.rows))

    @cached_property
    def strip_count(self) -> int:
        return ceil(self.rows / self.strip_rows)

    @cached_property
    def strips(self) -> Segments:
        """Where they lie; those of further colours, if these are separate, follow the first's."""
        shape = (self.columns, self.strip_rows)
        return self.segments(273, 279, self.strip_count * self.parts, shape=shape)

    @cached_property
    def missing(self) -> int:
        """How many strips have no bytes."""
        return self.lengths_missing(279, self.strip_count)

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        whole = self.size_of(self.columns, self.rows) * self.parts
        ratio = whole / max(1, self.strips.total)
        reason = "the source is in strips, which DICOM does not have"
        return replace(self.reencoding(reason), ratio=ratio)

    def frame(self, index: int) -> Frame | None:
        raise SlideError("strips cannot be copied as tiles.", place=f"{self.place} tile {index}")

    def pixels(self, index: int) -> Samples:
        across = ceil(self.columns / STRIP_TILE_SIDE)
        row, column = divmod(index, across)
        band = self._bands.get(row)
        left = column * STRIP_TILE_SIDE
        part = band[:, left : left + STRIP_TILE_SIDE]
        # The last column and row repeat, so that lossy coding leaves no edge.
        below, right = STRIP_TILE_SIDE - part.shape[0], STRIP_TILE_SIDE - part.shape[1]
        return np.pad(part, ((0, below), (0, right), (0, 0)), mode="edge")

    def _read_band(self, number: int) -> Samples:
        top = number * STRIP_TILE_SIDE
        bottom = min(top + STRIP_TILE_SIDE, self.rows)
        self.check_memory(self.columns, bottom - top, place=f"{self.place} rows {top} to {bottom}")
        parts: list[Samples] = []
        row = top
        while row < bottom:
            strip = row // self.strip_rows
            last = min((strip + 1) * self.strip_rows, self.rows)
            parts.append(self._rows(strip, row, min(last, bottom)))
            row = min(last, bottom)
        return joined(parts, axis=0)

    def _rows(self, number: int, start: int, stop: int) -> Samples:
        """Rows `start` to `stop` of the image, all of which lie in strip `number`."""
        first = number * self.strip_rows
        if self.compression != UNCOMPRESSED:
            return self._whole_strips.get(number)[start - first : stop - first]
        place = f"{self.place} strip {number}"
        last = min(first + self.strip_rows, self.rows)
        before, size = (self.size_of(self.columns, rows) for rows in (start - first, stop - start))
        parts: list[bytes] = []
        for offset, length in self._places(number):
            if length and length < self.size_of(self.columns, last - first):
                raise SlideError(
                    "it is shorter than its rows.",
                    place=place,
                    remedy="It is damaged: copy it again from its origin, or export it again.",
                )
            parts.append(self.directory.source.read(offset + before, size) if length else b"")
        return self._decode_rows(parts, stop - start, place)

    def _read_strip(self, number: int) -> Samples:
        place = f"{self.place} strip {number}"
        places = self._places(number)
        rows = min(self.strip_rows, self.rows - number * self.strip_rows)
        packed = sum(length for _, length in places)
        self.check_memory(self.columns, rows, packed=packed, place=place)
        read = self.directory.source.read
        return self._decode_rows([read(*each) if each[1] else b"" for each in places], rows, place)

    def _places(self, number: int) -> list[tuple[int, int]]:
        return [self.strips[number + part * self.strip_count] for part in range(self.parts)]

    def _decode_rows(self, parts: list[bytes], rows: int, place: str) -> Samples:
        if not any(parts):
            return self.empty(self.columns, rows)
        most_rows = max(rows, self.strip_rows)
        return self.decode(parts, self.columns, rows, most_rows=most_rows, place=place)


class _Kept:
    """The last few of what is costly to make, each made once though several threads ask for it."""

    def __init__(self, make: Callable[[int], Samples]) -> None:
        self._make = make
        self._held: dict[int, Future[Samples]] = {}
        self._lock = Lock()

    def get(self, key: int) -> Samples:
        with self._lock:
            held = self._held.get(key)
            made = Future[Samples]() if held is None else held
            if held is None:
                self._held[key] = made
                while len(self._held) > KEPT:
                    del self._held[next(iter(self._held))]
        if held is None:
            try:
                made.set_result(self._make(key))
            except BaseException as error:  # noqa: BLE001  every thread that waits gets it
                with self._lock:
                    self._held.pop(key, None)
                made.set_exception(error)
        return made.result()
