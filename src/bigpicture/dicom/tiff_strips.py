"""A TIFF level in strips, presented as tiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.slide import BACKGROUND, Encoding, Frame, Pixels
from bigpicture.dicom.tiff_level import JPEG, LOSSLESS, UNCOMPRESSED, TiffLevel
from bigpicture.model.errors import SlideError

STRIP_TILE_SIDE = 512
"""Side of the tiles that strips are cut into."""
MAXIMUM_STRIP_BYTES = 1 << 30
"""Decoded; a strip must be decoded whole."""


@dataclass(frozen=True)
class StripedLevel(TiffLevel):
    """A level in strips, presented as tiles of 512 × 512 pixels, one band of rows in memory."""

    _band: dict[int, Pixels] = field(default_factory=dict, compare=False, repr=False)
    _strip: dict[int, Pixels] = field(default_factory=dict, compare=False, repr=False)

    @property
    def tile_columns(self) -> int:
        return STRIP_TILE_SIDE

    @property
    def tile_rows(self) -> int:
        return STRIP_TILE_SIDE

    @cached_property
    def strip_rows(self) -> int:
        return max(1, min(self.directory.number(278, self.rows), self.rows))

    @cached_property
    def strips(self) -> NDArray[np.uint64]:
        return self.segments(273, 279, ceil(self.rows / self.strip_rows))

    @property
    def encoding(self) -> Encoding:
        is_lossy = self.compression not in LOSSLESS
        method = ""
        if is_lossy:
            method = "ISO_10918_1" if self.compression == JPEG else "ISO_15444_1"
        reason = "the source is in strips, which DICOM does not have"
        whole = self.columns * self.rows * 3
        ratio = whole / max(1, int(self.strips[:, 1].sum()))
        return Encoding("", "RGB", is_lossy=is_lossy, method=method, ratio=ratio, reason=reason)

    def frame(self, index: int) -> Frame | None:
        raise SlideError("strips cannot be copied as tiles.", place=f"{self.place} tile {index}")

    def pixels(self, index: int) -> Pixels:
        across = ceil(self.columns / STRIP_TILE_SIDE)
        row, column = divmod(index, across)
        band = self._band.get(row)
        if band is None:
            band = self._read_band(row * STRIP_TILE_SIDE)
            self._band.clear()
            self._band[row] = band
        left = column * STRIP_TILE_SIDE
        part = band[:, left : left + STRIP_TILE_SIDE]
        # The last column and row repeat, so that lossy coding leaves no edge.
        below, right = STRIP_TILE_SIDE - part.shape[0], STRIP_TILE_SIDE - part.shape[1]
        return np.pad(part, ((0, below), (0, right), (0, 0)), mode="edge")

    def _read_band(self, top: int) -> Pixels:
        bottom = min(top + STRIP_TILE_SIDE, self.rows)
        parts: list[Pixels] = []
        row = top
        while row < bottom:
            number = row // self.strip_rows
            first = number * self.strip_rows
            last = min(first + self.strip_rows, self.rows)
            parts.append(self._rows(number, first, row, min(last, bottom), last))
            row = min(last, bottom)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _rows(self, number: int, first: int, start: int, stop: int, last: int) -> Pixels:
        """Rows `start` to `stop` of strip `number`, which holds rows `first` to `last`."""
        offset, length = (int(value) for value in self.strips[number])
        place = f"{self.place} strip {number}"
        if self.compression == UNCOMPRESSED:
            width = self.columns * self.samples
            if length < (last - first) * width:
                raise SlideError("it is shorter than its rows.", place=place)
            data = self.directory.source.read(
                offset + (start - first) * width, (stop - start) * width
            )
            return self.decode(data, self.columns, stop - start, place)
        if number not in self._strip:
            self._strip.clear()
            self._strip[number] = self._whole_strip(offset, length, last - first, place)
        return self._strip[number][start - first : stop - first]

    def _whole_strip(self, offset: int, length: int, rows: int, place: str) -> Pixels:
        if length == 0:
            return np.full((rows, self.columns, 3), BACKGROUND, np.uint8)
        if self.columns * rows * max(self.samples, 3) > MAXIMUM_STRIP_BYTES:
            raise SlideError(
                f"a strip of {self.columns} × {rows} pixels is too large to decode.",
                place=place,
                rule=f"at most {MAXIMUM_STRIP_BYTES >> 20} MiB decoded",
                remedy="Write the slide with tiles, or with strips of fewer rows.",
            )
        return self.decode(self.directory.source.read(offset, length), self.columns, rows, place)
