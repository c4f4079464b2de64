"""The level of a photograph: a frame that is copied, or tiles that are made from its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from threading import Lock

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.codecs import JPEG_BASELINE, decode_frame
from bigpicture.dicom.exif import UPRIGHT
from bigpicture.dicom.jpeg import YCBCR, JpegHead, Splicer
from bigpicture.dicom.png import PngHead, decode_png
from bigpicture.dicom.read import MAXIMUM_TILE_SIDE
from bigpicture.dicom.slide import RGB_STACK, Encoding, Frame, Samples, Stack
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

TILE = 512
"""Side of the tiles of a picture that is encoded again."""
COPIED_PIXELS = 1 << 26
"""Of a frame that is copied: who looks at a part of it must decode all of it."""
ORIENTATIONS = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}
"""Exif's: quarter turns to the left that follow the mirroring, if any."""
_MIRRORED = frozenset({2, 4, 5, 7})
_METHOD = "ISO_10918_1"


@dataclass(frozen=True)
class JpegPicture:
    """A JPEG whose head was read: grey, colour or CMYK."""

    data: bytes
    head: JpegHead
    place: str

    @property
    def columns(self) -> int:
        return self.head.columns

    @property
    def rows(self) -> int:
        return self.head.rows

    @property
    def stack(self) -> Stack:
        return Stack(samples=1) if len(self.head.components) == 1 else RGB_STACK

    @property
    def reason(self) -> str:
        """Why it cannot be copied; empty where it can."""
        if len(self.head.components) == 4:
            return "its four inks (CMYK) are no colours of DICOM"
        if not self.head.is_baseline:
            return "it is not JPEG Baseline"
        if max(self.columns, self.rows) > MAXIMUM_TILE_SIDE:
            return f"a side is longer than {MAXIMUM_TILE_SIDE} pixels"
        if self.columns * self.rows > COPIED_PIXELS:
            return f"it has more than {COPIED_PIXELS >> 20} million pixels"
        return ""

    @property
    def encoding(self) -> Encoding:
        whole = self.columns * self.rows * self.stack.samples
        ratio = whole / max(1, len(self.data) - self.head.length)
        name = "MONOCHROME2" if self.stack.samples == 1 else "RGB" if self.is_plain else YCBCR
        return Encoding(JPEG_BASELINE, name, is_lossy=True, method=_METHOD, ratio=ratio)

    @property
    def is_plain(self) -> bool:
        """Whether its three components are RGB, as libjpeg tells it."""
        if self.head.is_jfif or len(self.head.components) != 3:
            return False
        if self.head.adobe_transform is not None:
            return self.head.adobe_transform == 0
        return self.head.components == b"RGB"

    @cached_property
    def frame(self) -> Frame:
        splicer = Splicer(b"", is_rgb=self.is_plain, columns=self.columns, rows=self.rows)
        return splicer.splice(self.data, place=self.place)

    def decode(self) -> Samples:
        if len(self.head.components) == 4:
            return self._from_inks()
        pixels = decode_frame(
            self.data,
            transfer_syntax=JPEG_BASELINE,
            photometric=self.encoding.photometric,
            columns=self.columns,
            rows=self.rows,
            samples=self.stack.samples,
            place=self.place,
        )
        return pixels[:, :, : self.stack.samples]

    def _from_inks(self) -> Samples:
        """CMYK as light: Adobe stores the inks the other way round and says so by its segment."""
        try:
            inks = np.asarray(imagecodecs.jpeg8_decode(self.data, outcolorspace="CMYK"))
        except Exception as error:  # the codec raises several kinds on damaged input
            raise SlideError(
                f"the picture cannot be decoded ({type(error).__name__}).",
                place=self.place,
                remedy="It is damaged: copy it again from its origin.",
            ) from error
        light = inks if self.head.adobe_transform is not None else 255 - inks
        lit = light[:, :, :3].astype(np.uint16) * light[:, :, 3:] // 255
        return lit.astype(np.uint8)

    @property
    def remarks(self) -> tuple[str, ...]:
        if len(self.head.components) != 4:
            return ()
        return (f"{self.place}: its inks (CMYK) became RGB without a profile; colours may differ.",)


@dataclass(frozen=True)
class PngPicture:
    """A PNG whose head was read."""

    source: ByteSource
    head: PngHead
    place: str

    @property
    def columns(self) -> int:
        return self.head.columns

    @property
    def rows(self) -> int:
        return self.head.rows

    @property
    def stack(self) -> Stack:
        if not self.head.is_grey:
            return RGB_STACK
        return Stack(samples=1, bits=16 if self.head.bits == 16 else 8)

    @property
    def reason(self) -> str:
        return "it is a PNG, for which DICOM has no transfer syntax"

    @property
    def encoding(self) -> Encoding:
        return Encoding("", "RGB" if self.stack.samples == 3 else "MONOCHROME2", is_lossy=False)

    @property
    def frame(self) -> Frame:
        raise SlideError(f"{self.reason}.", place=self.place)

    def decode(self) -> Samples:
        return decode_png(self.source.read(0, self.source.size), self.head, place=self.place)

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()


Picture = JpegPicture | PngPicture


class PhotoLevel:
    """The one level of a photograph: a single frame that is copied, or tiles made from it."""

    def __init__(self, picture: Picture, orientation: int) -> None:
        self._picture = picture
        self._orientation = orientation
        self._lock = Lock()
        self._whole: Samples | None = None

    @property
    def place(self) -> str:
        return self._picture.place

    @property
    def _is_sideways(self) -> bool:
        return ORIENTATIONS[self._orientation] % 2 == 1

    @property
    def columns(self) -> int:
        return self._picture.rows if self._is_sideways else self._picture.columns

    @property
    def rows(self) -> int:
        return self._picture.columns if self._is_sideways else self._picture.rows

    @property
    def tile_columns(self) -> int:
        return TILE if self._reason else self.columns

    @property
    def tile_rows(self) -> int:
        return TILE if self._reason else self.rows

    @property
    def stack(self) -> Stack:
        return self._picture.stack

    @cached_property
    def _reason(self) -> str:
        if self._picture.reason:
            return self._picture.reason
        return "" if self._orientation == UPRIGHT else "its camera was held turned, by its Exif"

    @property
    def encoding(self) -> Encoding:
        stored = self._picture.encoding
        if not self._reason:
            return stored
        photometric = "MONOCHROME2" if self.stack.samples == 1 else "RGB"
        return Encoding(
            "",
            photometric,
            is_lossy=stored.is_lossy,
            method=stored.method,
            ratio=stored.ratio,
            reason=self._reason,
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        return self._picture.remarks

    def frame(self, index: int) -> Frame:
        if self._reason:
            raise SlideError(f"{self._reason}.", place=f"{self.place} tile {index}")
        return self._picture.frame

    def pixels(self, index: int) -> Samples:
        whole = self._decoded()
        if not self._reason:
            return whole
        down, right = divmod(index, ceil(self.columns / TILE))
        tile = whole[down * TILE : (down + 1) * TILE, right * TILE : (right + 1) * TILE]
        room = ((0, TILE - tile.shape[0]), (0, TILE - tile.shape[1]), (0, 0))
        # The last column and row repeat, so that lossy coding leaves no edge.
        return _typed(np.pad(tile, room, mode="edge"))

    def _decoded(self) -> Samples:
        """The picture, upright; decoded once, whichever thread comes first."""
        with self._lock:
            if self._whole is None:
                self._whole = _upright(self._picture.decode(), self._orientation)
            return self._whole


def _upright(pixels: Samples, orientation: int) -> Samples:
    """Turned as Exif says (CIPA DC-008, Orientation): mirrored first, then by quarters."""
    if orientation == UPRIGHT:
        return pixels
    mirrored = pixels[:, ::-1] if orientation in _MIRRORED else pixels
    return _typed(np.rot90(mirrored, ORIENTATIONS[orientation]))


def _typed(pixels: NDArray[np.generic]) -> Samples:
    if pixels.dtype == np.uint16:
        return np.ascontiguousarray(pixels, np.uint16)
    return np.ascontiguousarray(pixels, np.uint8)
