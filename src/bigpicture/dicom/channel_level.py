"""A tiled TIFF level that holds the intensities of one channel: grey, 8 bits a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bigpicture.dicom.codecs import JPEG_2000, JPEG_BASELINE
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.jpeg2000 import read_codestream
from bigpicture.dicom.slide import Encoding, Pixels, Stack
from bigpicture.dicom.tiff_level import JPEG, LOSSLESS, UNCOMPRESSED
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.errors import SlideError

_BLACK_IS_ZERO = 1
_GREY = "MONOCHROME2"


@dataclass(frozen=True)
class ChannelLevel(TiledLevel):
    """One channel at one resolution; its frames are MONOCHROME2, and 0 where tiles are missing."""

    @property
    def stack(self) -> Stack:
        return Stack(samples=1)

    def check(self) -> None:
        super().check()
        if self.samples != 1 or self.photometric != _BLACK_IS_ZERO:
            raise SlideError(
                f"a channel has {self.samples} samples a pixel and the photometric "
                f"interpretation {self.photometric}.",
                place=self.place,
                rule="one sample, 0 being black",
                remedy="Export the channels as grey images.",
            )

    @cached_property
    def _encoding(self) -> Encoding:
        present = int(np.count_nonzero(self.tiles[:, 1]))
        stored = int(self.tiles[:, 1].sum())
        whole = self.tile_columns * self.tile_rows
        return replace(self._frames(), ratio=whole * present / max(1, stored))

    def _frames(self) -> Encoding:
        place = f"{self.place} first tile"
        if not self._first or self.compression in LOSSLESS:
            return self._encoding_of_lossless()
        if self.compression == JPEG:
            head = read_head(self._first, place=place)
            syntax = JPEG_BASELINE if head.is_baseline and len(head.components) == 1 else ""
            return _lossy(syntax, "ISO_10918_1", "tiles are not one-component JPEG Baseline")
        stream = read_codestream(self._first, place=place)
        syntax = JPEG_2000 if (stream.components, stream.bits) == (1, 8) else ""
        return _lossy(syntax, "ISO_15444_1", "tiles are not one component of 8 bits")

    def _encoding_of_lossless(self) -> Encoding:
        whole = self.tile_columns * self.tile_rows
        is_native = (
            self.compression == UNCOMPRESSED
            and self.directory.number(317, 1) == 1
            and bool((self.tiles[:, 1] == whole).all())
        )
        if is_native:
            return Encoding(EXPLICIT_LITTLE, _GREY, is_lossy=False)
        return Encoding("", _GREY, is_lossy=False, reason="DICOM has no such lossless compression")

    def pixels(self, index: int) -> Pixels:
        data = self._bytes(index)
        if not data:
            return np.zeros((self.tile_rows, self.tile_columns, 1), np.uint8)
        place = f"{self.place} tile {index}"
        shown = self.decode(data, self.tile_columns, self.tile_rows, place)
        return np.ascontiguousarray(shown[:, :, :1])


def _lossy(syntax: str, method: str, reason: str) -> Encoding:
    return Encoding(syntax, _GREY, is_lossy=True, method=method, reason="" if syntax else reason)
