"""What a tiled and a striped TIFF level share: checked declarations and decoding."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.jpeg import JpegHead, read_head
from bigpicture.dicom.jpeg2000 import read_codestream
from bigpicture.dicom.read import MAXIMUM_SIDE, MAXIMUM_TILE_SIDE
from bigpicture.dicom.slide import RGB_STACK, Pixels, Stack
from bigpicture.dicom.tiff import Directory
from bigpicture.model.errors import SlideError

UNCOMPRESSED, _LZW, JPEG, _DEFLATE, _PACKBITS = 1, 5, 7, 8, 32773
_OLD_DEFLATE, _ZSTD, _ZSTD_OLD = 32946, 50000, 34926
APERIO_YCBCR, _APERIO_RGB, _PLAIN_JPEG2000 = 33003, 33005, 34712
JPEG2000S = frozenset({APERIO_YCBCR, _APERIO_RGB, _PLAIN_JPEG2000})
LOSSLESS = frozenset({UNCOMPRESSED, _LZW, _DEFLATE, _PACKBITS, _OLD_DEFLATE, _ZSTD, _ZSTD_OLD})

_WHITE_IS_ZERO, _GREY, RGB, _YCBCR = 0, 1, 2, 6


@dataclass(frozen=True)
class TiffLevel:
    """One resolution inside a TIFF."""

    directory: Directory
    trusts_jfif: bool = False
    """Whether a JFIF segment (YCbCr) outweighs the tag that says RGB: not to libtiff and OpenSlide,
    but to Bio-Formats, which writes such files."""

    @property
    def place(self) -> str:
        return self.directory.place

    @property
    def columns(self) -> int:
        return self._side(256)

    @property
    def rows(self) -> int:
        return self._side(257)

    @property
    def stack(self) -> Stack:
        return RGB_STACK

    @cached_property
    def compression(self) -> int:
        return self.directory.number(259, UNCOMPRESSED)

    @cached_property
    def photometric(self) -> int:
        return self.directory.number(262, -1)

    @cached_property
    def samples(self) -> int:
        return self.directory.number(277, 1)

    def _side(self, code: int) -> int:
        side = self.directory.number(code, 0)
        if not 1 <= side <= MAXIMUM_SIDE:
            raise SlideError(
                f"an image side of {side} pixels is impossible.",
                place=self.place,
                rule=f"1 to {MAXIMUM_SIDE}",
                remedy="The file is damaged or no slide.",
            )
        return side

    def check(self) -> None:
        """Raise `SlideError` where these are no 8-bit brightfield pixels that can be decoded."""
        self._check_upright()
        bits = {int(bits) for bits in self.directory.numbers(258)} or {1}
        wrong = ""
        if bits != {8}:
            wrong = f"samples have {', '.join(map(str, sorted(bits)))} bits"
        elif self.samples not in {1, 2, 3, 4}:
            wrong = f"pixels have {self.samples} samples"
        elif self.photometric not in {_WHITE_IS_ZERO, _GREY, RGB, _YCBCR}:
            wrong = f"the photometric interpretation is {self.photometric}"
        elif self.compression not in LOSSLESS | JPEG2000S | {JPEG}:
            wrong = f"the compression is {self.compression}"
        elif self.directory.number(284, 1) != 1 and self.samples > 1:
            wrong = "colours lie in separate planes"
        elif self.photometric == _YCBCR and self.compression in LOSSLESS:
            wrong = "YCbCr pixels are not JPEG"
        elif int(self.directory.number(339, 1)) != 1:
            wrong = "samples are signed or floating point"
        elif self.directory.number(317, 1) not in {1, 2}:
            wrong = f"the predictor is {self.directory.number(317, 1)}"
        if wrong:
            raise SlideError(
                f"{wrong}.",
                place=self.place,
                rule="8-bit grey, RGB or YCbCr brightfield, interleaved; JPEG, JPEG 2000, LZW, "
                "Deflate, PackBits, Zstandard or none",
                remedy="Export the slide as 8-bit RGB brightfield.",
            )

    def _check_upright(self) -> None:
        """Rows run from the top, columns from the left: frames are copied, so nothing can turn."""
        orientation = self.directory.number(274, 1)
        if orientation != 1:
            raise SlideError(
                f"its Orientation (tag 274) is {orientation}, not 1: it is turned or mirrored.",
                place=self.place,
                rule="TIFF 6.0, Orientation: 1, the first row at the top, the first column left",
                remedy="Export the slide upright, with Orientation 1 or without the tag.",
            )

    def segments(self, offsets: int, counts: int, needed: int) -> NDArray[np.uint64]:
        """Offset and length of the first `needed` segments, shape (needed, 2), inside the file."""
        starts = self.directory.numbers(offsets).astype(np.uint64)
        lengths = self.directory.numbers(counts).astype(np.uint64)
        is_plain = self.compression == UNCOMPRESSED and needed == 1 == len(starts)
        if is_plain and not len(lengths):
            # TIFF 6.0 readers accept a single uncompressed strip without its byte count.
            lengths = np.array([self.columns * self.rows * self.samples], np.uint64)
        if len(starts) < needed or len(lengths) < needed:
            raise self.directory.damaged(
                f"{needed} tiles or strips are declared, {min(len(starts), len(lengths))} listed"
            )
        pairs = np.stack([starts[:needed], lengths[:needed]], axis=1)
        size = np.uint64(self.directory.source.size)
        outside = (pairs[:, 0] > size) | (pairs[:, 1] > size) | (pairs.sum(axis=1) > size)
        if bool(outside.any()):
            number = int(np.argmax(outside))
            raise SlideError(
                f"tile or strip {number} lies past the end of the file.",
                place=f"{self.place} tile {number}",
                remedy="The file is truncated or damaged: copy it again from its origin.",
            )
        return pairs

    def decode(self, data: bytes, columns: int, rows: int, place: str) -> Pixels:
        """Decode one tile or strip to RGB, shape (rows, columns, 3); raises `SlideError`."""
        try:
            if self.compression == JPEG:
                decoded = self._decode_jpeg(data, columns, rows, place)
            elif self.compression in JPEG2000S:
                decoded = self._decode_jpeg2000(data, columns, rows, place)
            else:
                decoded = self._decode_lossless(data, columns, rows)
        except SlideError:
            raise
        except Exception as error:  # codecs raise a dozen kinds on damaged input
            raise SlideError(
                f"it cannot be decoded ({type(error).__name__}).",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            ) from error
        return self._coloured(decoded)

    def is_rgb(self, head: JpegHead) -> bool:
        """Whether the components of a JPEG stream are RGB."""
        return self.photometric == RGB and not (self.trusts_jfif and head.is_jfif)

    @cached_property
    def jpeg_tables(self) -> bytes:
        return self.directory.raw(347)

    def _decode_jpeg(self, data: bytes, columns: int, rows: int, place: str) -> NDArray[np.uint8]:
        head = read_head(data, place=place)
        # A last strip may be coded at full height.
        if head.columns != columns or not rows <= head.rows <= MAXIMUM_TILE_SIDE:
            raise SlideError(
                f"the JPEG stream is {head.columns} × {head.rows} pixels, its tile "
                f"{columns} × {rows}.",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            )
        stored = {RGB: "RGB", _YCBCR: "YCBCR"}.get(self.photometric)
        if stored == "RGB" and not self.is_rgb(head):
            stored = "YCBCR"
        decoded = imagecodecs.jpeg8_decode(
            data,
            tables=self.jpeg_tables or None,
            colorspace=stored,
            outcolorspace="RGB" if stored else None,
        )
        return np.asarray(decoded)[:rows]

    def _decode_jpeg2000(
        self, data: bytes, columns: int, rows: int, place: str
    ) -> NDArray[np.uint8]:
        stream = read_codestream(data, place=place)
        if (stream.columns, stream.rows) != (columns, rows):
            raise SlideError("the JPEG 2000 stream is of another size than its tile.", place=place)
        decoded = np.asarray(imagecodecs.jpeg2k_decode(data))
        if self.compression == APERIO_YCBCR and not stream.has_colour_transform:
            return _from_ycbcr(decoded)
        return decoded

    def _decode_lossless(self, data: bytes, columns: int, rows: int) -> NDArray[np.uint8]:
        wanted = columns * rows * self.samples
        if self.compression in {_DEFLATE, _OLD_DEFLATE}:
            data = zlib.decompressobj().decompress(data, wanted)
        elif self.compression == _LZW:
            data = bytes(imagecodecs.lzw_decode(data, out=wanted))
        elif self.compression == _PACKBITS:
            data = bytes(imagecodecs.packbits_decode(data, out=wanted))
        elif self.compression in {_ZSTD, _ZSTD_OLD}:
            data = bytes(imagecodecs.zstd_decode(data, out=wanted))
        pixels = np.frombuffer(data, np.uint8, wanted).reshape(rows, columns, self.samples)
        if self.directory.number(317, 1) == 2:
            pixels = np.cumsum(pixels, axis=1, dtype=np.uint8)
        return pixels

    def _coloured(self, decoded: NDArray[np.uint8]) -> Pixels:
        pixels = decoded if decoded.ndim == 3 else decoded[:, :, None]
        if pixels.shape[2] < 3:
            pixels = np.repeat(pixels[:, :, :1], 3, axis=2)
            if self.photometric == _WHITE_IS_ZERO:
                pixels = 255 - pixels
        return np.ascontiguousarray(pixels[:, :, :3])


def _from_ycbcr(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """ITU-R BT.601 full range, as JFIF has it."""
    luma, blue, red = (pixels[..., n].astype(np.float32) for n in range(3))
    blue -= 128
    red -= 128
    channels = (luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue)
    return np.clip(np.rint(np.stack(channels, axis=-1)), 0, 255).astype(np.uint8)
