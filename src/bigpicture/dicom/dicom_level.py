"""A volume instance of a DICOM slide, as a level to convert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray
from pydicom.multival import MultiValue

from bigpicture.dicom.codecs import JPEG_2000, JPEG_2000_LOSSLESS, JPEG_BASELINE, decode_frame
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.index import FrameIndex, build_index
from bigpicture.dicom.jpeg import YCBCR, JpegHead, Splicer, read_head
from bigpicture.dicom.jpeg2000 import without_comments
from bigpicture.dicom.read import Instance
from bigpicture.dicom.slide import (
    BACKGROUND,
    RGB_STACK,
    Encoding,
    Frame,
    Pixels,
    Stack,
)
from bigpicture.dicom.syntax import NATIVE
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

_METHODS = {JPEG_BASELINE: "ISO_10918_1", JPEG_2000: "ISO_15444_1"}


def _first(value: object) -> str:
    """The first of what may be several values, as text."""
    if isinstance(value, MultiValue):
        return str(value[0]) if len(value) else ""
    return "" if value is None else str(value)


def _positive(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0


@dataclass(frozen=True)
class DicomLevel:
    """A volume instance as a level; its frames are copied where another reader can read them."""

    instance: Instance
    source: ByteSource

    def __post_init__(self) -> None:
        instance = self.instance
        wrong = ""
        paths = int(str(instance.header.get("NumberOfOpticalPaths", None) or 1))
        if paths != 1:
            wrong = f"it has {paths} optical paths, as fluorescence has"
        elif instance.bits != 8 or instance.samples != 3:
            wrong = f"pixels have {instance.samples} samples of {instance.bits} bits"
        elif int(str(instance.header.get("TotalPixelMatrixFocalPlanes", None) or 1)) != 1:
            wrong = "it has several focal planes"
        elif "ConcatenationUID" in instance.header:
            wrong = "it is one part of a concatenation"
        if wrong:
            raise SlideError(
                f"{wrong}.",
                place=instance.place,
                rule="8-bit RGB brightfield, one focal plane, one optical path",
                remedy="Export the slide as 8-bit RGB brightfield, one instance a level.",
            )

    @property
    def place(self) -> str:
        return self.instance.place

    @property
    def columns(self) -> int:
        return self.instance.level.columns

    @property
    def rows(self) -> int:
        return self.instance.level.rows

    @property
    def tile_columns(self) -> int:
        return self.instance.level.tile_columns

    @property
    def tile_rows(self) -> int:
        return self.instance.level.tile_rows

    @cached_property
    def index(self) -> FrameIndex:
        return build_index(self.source, self.instance)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The stored frame of each tile, row by row; -1 where there is none."""
        count = self.instance.level.frame_count
        if self.instance.is_tiled_full:
            if len(self.index) != count:
                raise SlideError(
                    f"{count} frames make its total pixel matrix, {len(self.index)} are there.",
                    place=self.place,
                    rule="PS3.3 C.7.6.17.3",
                    remedy="It is damaged: export it again.",
                )
            return np.arange(count)
        return self._sparse_order(count)

    def _sparse_order(self, count: int) -> NDArray[np.int64]:
        """PS3.3 C.8.12.6.1.1: positions count from 1, in pixels of the total matrix."""
        order = np.full(count, -1, np.int64)
        across = ceil(self.columns / self.tile_columns)
        groups = self.instance.header.get("PerFrameFunctionalGroupsSequence", None) or []
        for number, group in enumerate(groups):
            try:
                position = group.PlanePositionSlideSequence[0]
                left = int(position.ColumnPositionInTotalImagePixelMatrix) - 1
                top = int(position.RowPositionInTotalImagePixelMatrix) - 1
            except (AttributeError, IndexError, TypeError) as error:
                raise SlideError(
                    f"frame {number} has no position.", place=self.place, rule="PS3.3 C.8.12.6.1"
                ) from error
            tile = top // self.tile_rows * across + left // self.tile_columns
            if left % self.tile_columns or top % self.tile_rows or not 0 <= tile < count:
                raise SlideError(
                    f"frame {number} does not lie on the grid of tiles.",
                    place=self.place,
                    remedy="Export the slide with tiles side by side.",
                )
            order[tile] = number
        return order

    @property
    def remarks(self) -> Iterator[str]:
        """What a reader of the report should know of this level."""
        missing = int(np.count_nonzero(self.order < 0))
        if missing:
            yield f"{self.place}: {missing} of {len(self.order)} tiles are absent: background now."

    @property
    def contradicts_itself(self) -> bool:
        """Whether the header says RGB and its JPEG streams, by a JFIF segment, YCbCr."""
        is_jpeg = self.instance.transfer_syntax == JPEG_BASELINE
        return is_jpeg and self._is_rgb and self._first_head.is_jfif

    @property
    def stack(self) -> Stack:
        return RGB_STACK

    @property
    def encoding(self) -> Encoding:
        return self._encoding

    @cached_property
    def _encoding(self) -> Encoding:
        """What the header says of earlier lossy compression wins: the first one cost the pixels."""
        header = self.instance.header
        stored = int(self.index.array()[:, 1].sum())
        ratio = self.tile_columns * self.tile_rows * 3 * len(self.index) / max(1, stored)
        told = _first(header.get("LossyImageCompressionRatio", None))
        method = _first(header.get("LossyImageCompressionMethod", None))
        frames = self._frames()
        return replace(
            frames,
            ratio=_positive(told) or ratio,
            method=method if method and method in set(_METHODS.values()) else frames.method,
        )

    def _frames(self) -> Encoding:
        syntax = self.instance.transfer_syntax
        earlier = str(self.instance.header.get("LossyImageCompression", "")) == "01"
        method = _METHODS.get(syntax, "")
        if syntax == JPEG_BASELINE:
            return self._encoding_of_jpeg()
        if syntax in {JPEG_2000, JPEG_2000_LOSSLESS}:
            is_lossy = earlier or syntax == JPEG_2000
            return Encoding(syntax, self.instance.photometric, is_lossy=is_lossy, method=method)
        is_native = syntax in NATIVE and self.instance.photometric == "RGB"
        if is_native and int(str(self.instance.header.get("PlanarConfiguration", 0))) == 0:
            return Encoding(EXPLICIT_LITTLE, "RGB", is_lossy=earlier)
        reason = f"transfer syntax {syntax} is not widely read"
        return Encoding("", "RGB", is_lossy=earlier, method=method, reason=reason)

    @cached_property
    def _first_head(self) -> JpegHead:
        present = np.flatnonzero(self.order >= 0)
        if not len(present):
            raise SlideError("it has no frames.", place=self.place)
        return read_head(self._bytes(int(present[0])), place=f"{self.place} first frame")

    @cached_property
    def _is_rgb(self) -> bool:
        return self._first_head.is_rgb(declared=self.instance.photometric == "RGB")

    def _encoding_of_jpeg(self) -> Encoding:
        head = self._first_head
        if not head.is_baseline or len(head.components) != 3:
            reason = "frames are not three-component JPEG Baseline"
            return Encoding("", "RGB", is_lossy=True, method="ISO_10918_1", reason=reason)
        name = "RGB" if self._is_rgb else YCBCR
        return Encoding(JPEG_BASELINE, name, is_lossy=True, method="ISO_10918_1")

    @cached_property
    def _splicer(self) -> Splicer:
        return Splicer(
            b"",
            is_rgb=self._is_rgb,
            columns=self.tile_columns,
            rows=self.tile_rows,
        )

    def _bytes(self, index: int) -> bytes:
        number = int(self.order[index])
        return self.source.read(*self.index.frame(number)) if number >= 0 else b""

    def frame(self, index: int) -> Frame | None:
        data = self._bytes(index)
        if not data:
            return None
        if self.instance.transfer_syntax == JPEG_BASELINE:
            return self._splicer.splice(data, place=f"{self.place} frame {index}")
        if self.instance.transfer_syntax in {JPEG_2000, JPEG_2000_LOSSLESS}:
            return Frame(b"", without_comments(data))
        return Frame(b"", data)

    def pixels(self, index: int) -> Pixels:
        data = self._bytes(index)
        if not data:
            return np.full((self.tile_rows, self.tile_columns, 3), BACKGROUND, np.uint8)
        return decode_frame(
            data,
            transfer_syntax=self.instance.transfer_syntax,
            photometric=self.instance.photometric,
            columns=self.tile_columns,
            rows=self.tile_rows,
            samples=self.instance.samples,
            place=f"{self.place} frame {index}",
        )
