"""The frame that stands where a source holds no bytes for a tile: background, encoded alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from bigpicture.dicom.codecs import (
    JPEG_BASELINE,
    encode_jpeg,
    encode_jpeg2000,
    encode_jpeg_grey,
    encode_jpeg_rgb,
)
from bigpicture.dicom.jpeg import Splicer
from bigpicture.dicom.slide import (
    BACKGROUND,
    RGB_STACK,
    Encoding,
    Frame,
    Samples,
    SourceLevel,
    Stack,
)
from bigpicture.dicom.syntax import NATIVE
from bigpicture.dicom.tiff_tiles import TiledLevel
from bigpicture.model.image import Level


class Background:
    """Fills in for missing tiles of one level, and counts how often it did."""

    def __init__(self, encoding: Encoding, level: Level, stack: Stack) -> None:
        self._encoding = encoding
        self._level = level
        self._stack = stack
        self.used = 0

    def fill(self, source: SourceLevel) -> Iterator[Frame]:
        """The frames of `source` in order, without gaps."""
        for frame in self._frames(source):
            if frame is None:
                self.used += 1
            yield frame or self._frame

    def _frames(self, source: SourceLevel) -> Iterator[Frame | None]:
        if type(source) is TiledLevel:
            return source.frames()
        return map(source.frame, range(self._level.frame_count))

    @cached_property
    def _frame(self) -> Frame:
        columns, rows = self._level.tile_columns, self._level.tile_rows
        is_colour = self._stack.samples == RGB_STACK.samples
        kind = np.uint8 if self._stack.bits == RGB_STACK.bits else np.uint16
        shade = BACKGROUND if is_colour else 0
        pixels: Samples = np.full((rows, columns, self._stack.samples), shade, kind)
        syntax = self._encoding.transfer_syntax
        if syntax in NATIVE:
            return Frame(b"", pixels.tobytes())
        if syntax != JPEG_BASELINE:
            return Frame(b"", encode_jpeg2000(pixels))
        is_rgb = self._encoding.photometric == "RGB"
        if not is_colour:
            stream = encode_jpeg_grey(pixels)
        else:
            stream = encode_jpeg_rgb(pixels) if is_rgb else encode_jpeg(pixels)
        splicer = Splicer(b"", is_rgb=is_rgb, columns=columns, rows=rows)
        return splicer.splice(stream, place="background")
