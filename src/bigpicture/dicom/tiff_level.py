"""What a tiled and a striped TIFF level share: checked declarations and decoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.jpeg import JpegHead, read_head
from bigpicture.dicom.jpeg2000 import Codestream, read_codestream
from bigpicture.dicom.read import MAXIMUM_SIDE
from bigpicture.dicom.slide import BACKGROUND, RGB_STACK, Encoding, Samples, Stack
from bigpicture.dicom.tiff import Directory
from bigpicture.dicom.tiff_codecs import (
    LOSSLESS,
    PREDICTED,
    RARE,
    UNCOMPRESSED,
    decode_rare,
    unpack,
)
from bigpicture.dicom.tiff_segments import Segments, native
from bigpicture.model.errors import SlideError

JPEG, APERIO_YCBCR, _APERIO_RGB, _PLAIN_JPEG2000 = 7, 33003, 33005, 34712
JPEG2000S = frozenset({APERIO_YCBCR, _APERIO_RGB, _PLAIN_JPEG2000})

_METHODS = {JPEG: "ISO_10918_1", **dict.fromkeys(JPEG2000S, "ISO_15444_1")}
"""Defined terms of PS3.3 C.7.6.1.1.5.1; there is none for JPEG XR, WebP and JPEG XL."""
_WHITE_IS_ZERO, _GREY, RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_INTERLEAVED, _SEPARATE = 1, 2
_UNSIGNED, _UNDEFINED = 1, 4

_BRIGHTFIELD_RULE = (
    "8-bit grey, RGB or YCbCr brightfield; JPEG, JPEG 2000, JPEG XR, JPEG XL, WebP, LZW, Deflate, "
    "PackBits, Zstandard, LZMA or none"
)
_CHANNEL_RULE = (
    "one unsigned sample of 8 or 16 bits a pixel; JPEG, JPEG 2000, JPEG XR, JPEG XL, LZW, Deflate, "
    "PackBits, Zstandard, LZMA or none"
)
_REPACKING = 4
"""How many times as long as its samples a compressed tile may be: no codec comes near."""
_SLACK = 1 << 20
"""Bytes for tables and application segments of a tile, however few its pixels are."""


MAXIMUM_DECODED = 512 << 20
"""Bytes of a tile, a strip or a band of tiles: they are held whole."""
LARGE = 64 << 20
MAXIMUM_RATIO = 500
"""Of what is large, decoded to packed: it is all one colour. White glass in small tiles may be."""


@dataclass(frozen=True)
class TiffLevel:
    """One resolution inside a TIFF.

    Its pixels are brightfield: RGB, or grey that is shown as RGB. With `is_channel` they are
    intensities of one optical path, of 8 or 16 bits, and stay what they are; the map of a palette
    image, which only says how to show it, is left aside then.
    """

    directory: Directory
    trusts_jfif: bool = False
    """Whether a JFIF segment (YCbCr) outweighs the tag that says RGB: not to libtiff and OpenSlide,
    but to Bio-Formats, which writes such files."""
    is_channel: bool = False

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
        return Stack(samples=1, bits=self.bits) if self.is_channel else RGB_STACK

    @cached_property
    def compression(self) -> int:
        return self.directory.number(259, UNCOMPRESSED)

    @cached_property
    def photometric(self) -> int:
        return self.directory.number(262, -1)

    @cached_property
    def samples(self) -> int:
        """Samples a pixel has in the file."""
        return self.directory.number(277, 1)

    @cached_property
    def bits(self) -> int:
        return self.directory.number(258, 1)

    @cached_property
    def is_separate(self) -> bool:
        """Whether each colour lies in tiles or strips of its own."""
        return self.samples > 1 and self.directory.number(284, _INTERLEAVED) == _SEPARATE

    @cached_property
    def is_inverted(self) -> bool:
        return self.photometric == _WHITE_IS_ZERO

    @cached_property
    def segment_samples(self) -> int:
        """Samples a pixel has in one tile or strip."""
        return 1 if self.is_separate else self.samples

    @property
    def parts(self) -> int:
        """Tiles or strips that make up one place of the image: one, or one a colour."""
        return self.samples if self.is_separate else 1

    @cached_property
    def sample_type(self) -> np.dtype[np.generic]:
        return np.dtype(f"{self.directory.order}u{self.bits // 8}")

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
        """Raise `SlideError` where these are no pixels that can be decoded."""
        self._check_upright()
        wrong = self._wrong_samples() or self._wrong_compression()
        if wrong:
            raise SlideError(
                f"{wrong}.",
                place=self.place,
                rule=_CHANNEL_RULE if self.is_channel else _BRIGHTFIELD_RULE,
                remedy="Export the slide as 8-bit RGB brightfield."
                if not self.is_channel
                else "Export its channels with 8 or 16 bits each.",
            )

    def _wrong_samples(self) -> str:
        bits = {int(bits) for bits in self.directory.numbers(258)} or {1}
        formats = {int(kind) for kind in self.directory.numbers(339)}
        if not formats <= {_UNSIGNED, _UNDEFINED}:
            return "samples are signed or floating point"
        if bits != {8} and not (self.is_channel and bits == {16}):
            told = " and ".join(map(str, sorted(bits))) if len(bits) <= 4 else "many numbers of"
            return f"samples have {told} bits"
        if self.samples not in ({1} if self.is_channel else {1, 2, 3, 4}):
            return f"pixels have {self.samples} samples"
        known = {_WHITE_IS_ZERO, _GREY}
        known |= {_PALETTE} if self.is_channel else {RGB, _YCBCR}
        if self.photometric not in known:
            return f"the photometric interpretation is {self.photometric}"
        if self.directory.number(284, _INTERLEAVED) not in {_INTERLEAVED, _SEPARATE}:
            return f"the planar configuration is {self.directory.number(284, 0)}"
        return ""

    def _wrong_compression(self) -> str:
        predictor = self.directory.number(317, 1)
        if self.compression not in LOSSLESS | JPEG2000S | RARE | {JPEG}:
            return f"the compression is {self.compression}"
        if self.photometric == _YCBCR and self.compression in LOSSLESS | RARE:
            return "YCbCr pixels are not JPEG"
        if self.compression == JPEG and self.bits != 8:
            return f"JPEG samples have {self.bits} bits"
        if self.is_separate and self.compression in JPEG2000S:
            return "JPEG 2000 colours lie in separate planes"
        if self.is_separate and self.photometric not in {RGB, _GREY}:
            return "colours that are not RGB lie in separate planes"
        if predictor not in {1, 2}:
            return f"the predictor is {predictor}"
        if predictor == 2 and self.compression in LOSSLESS - PREDICTED:
            return "a predictor stands beside a compression that has none"
        if self.directory.number(266, 1) != 1 and self.compression in LOSSLESS:
            return "bits run from the lowest to the highest (FillOrder)"
        return ""

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

    @cached_property
    def is_ycbcr_2000(self) -> bool:
        """Whether JPEG 2000 components are YCbCr: Aperio says it by the compression alone."""
        is_tagged = self.compression == _PLAIN_JPEG2000 and self.photometric == _YCBCR
        return self.compression == APERIO_YCBCR or is_tagged

    def size_of(self, columns: int, rows: int) -> int:
        """Bytes that the samples of one tile or strip take when they are not packed."""
        return columns * rows * self.segment_samples * self.sample_type.itemsize

    def segments(
        self, offsets: int, counts: int, needed: int, *, shape: tuple[int, int]
    ) -> Segments:
        """The first `needed` segments, of at most `shape` (columns, rows), all inside the file."""
        whole = self.size_of(*shape)
        found = Segments(self._listed(offsets, 0), self._listed(counts, whole))
        if len(found.starts) < needed or len(found.lengths) < needed:
            raise self.directory.damaged(
                f"{needed} tiles or strips are declared, "
                f"{min(len(found.starts), len(found.lengths))} listed"
            )
        found = Segments(found.starts[:needed], found.lengths[:needed])
        size = self.directory.source.size
        # The byte counts of an uncompressed image are not needed: no more than its pixels is read.
        longest = min(_REPACKING * whole + _SLACK, MAXIMUM_DECODED)
        longest = size if self.compression == UNCOMPRESSED else longest
        found.check(size=size, longest=longest, place=self.place)
        return found

    def _listed(self, code: int, absent: int) -> NDArray[np.unsignedinteger]:
        numbers = self.directory.numbers(code)
        if numbers.dtype.kind == "f":
            raise self.directory.damaged("offsets or lengths of its tiles are fractions")
        if len(numbers):
            return native(numbers)
        # TIFF 6.0 readers accept a single uncompressed strip without its byte count.
        is_plain = self.compression == UNCOMPRESSED and absent
        return np.array([absent] if is_plain else [], np.uint64)

    def lengths_missing(self, code: int, needed: int) -> int:
        """How many of the first `needed` byte counts of tag `code` are 0, without a look at more.

        A slide is opened with it: a million counts take a millisecond.
        """
        numbers = self.directory.numbers(code)[:needed]
        return len(numbers) - int(np.count_nonzero(numbers))

    def check_memory(self, columns: int, rows: int, *, packed: int = 0, place: str) -> None:
        """Raise `SlideError` where so many pixels cannot be held, or are too many for `packed`."""
        size = max(self.size_of(columns, rows) * self.parts, columns * rows * self.stack.samples)
        is_bomb = packed and size > LARGE and size > MAXIMUM_RATIO * packed
        if size > MAXIMUM_DECODED or is_bomb:
            raise SlideError(
                f"a tile or strip of {columns} × {rows} pixels is too large to decode.",
                place=place,
                rule=f"at most {MAXIMUM_DECODED >> 20} MiB decoded, and from {LARGE >> 20} MiB on "
                f"at most {MAXIMUM_RATIO} times its bytes",
                remedy="Write the slide with smaller tiles, or with strips of fewer rows.",
            )

    @property
    def background(self) -> int:
        """What stands where there are no bytes: glass, or no light."""
        return 0 if self.is_channel else BACKGROUND

    def empty(self, columns: int, rows: int) -> Samples:
        shape = (rows, columns, self.stack.samples)
        if self.stack.bits == 8:
            return np.full(shape, self.background, np.uint8)
        return np.full(shape, self.background, np.uint16)

    def decode(
        self, parts: Sequence[bytes], columns: int, rows: int, *, most_rows: int, place: str
    ) -> Samples:
        """Decode one tile or strip, given as one stream or as one a colour.

        Returns shape (rows, columns, samples of the stack). A strip may be coded with up to
        `most_rows` rows. Raises `SlideError`.
        """
        try:
            decoded = [self._decoded(data, columns, rows, most_rows, place) for data in parts]
            return self._finished(joined(decoded, axis=2), columns, rows, place)
        except SlideError:
            raise
        except Exception as error:  # codecs raise a dozen kinds on damaged input
            raise SlideError(
                f"it cannot be decoded ({type(error).__name__}).",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            ) from error

    def _decoded(self, data: bytes, columns: int, rows: int, most_rows: int, place: str) -> Samples:
        if self.compression == JPEG:
            decoded = self._decode_jpeg(data, columns, rows, most_rows, place)
        elif self.compression in JPEG2000S:
            decoded = self._decode_jpeg2000(data, columns, rows, place)
        elif self.compression in RARE:
            return decode_rare(
                data,
                compression=self.compression,
                shape=(rows, columns, self.segment_samples),
                kind=self.sample_type,
            )
        else:
            return unpack(
                data,
                compression=self.compression,
                shape=(rows, columns, self.segment_samples),
                kind=self.sample_type,
                is_predicted=self.directory.number(317, 1) == 2,
            )
        return decoded if decoded.ndim == 3 else decoded[:, :, None]

    def is_rgb(self, head: JpegHead) -> bool:
        """Whether the components of a JPEG stream are RGB."""
        return self.photometric == RGB and not (self.trusts_jfif and head.is_jfif)

    @cached_property
    def jpeg_tables(self) -> bytes:
        return self.directory.raw(347)

    def _decode_jpeg(
        self, data: bytes, columns: int, rows: int, most_rows: int, place: str
    ) -> NDArray[np.uint8]:
        head = read_head(data, place=place)
        # A last strip may be coded at full height.
        if head.columns != columns or not rows <= head.rows <= most_rows:
            raise SlideError(
                f"the JPEG stream is {head.columns} × {head.rows} pixels, its tile "
                f"{columns} × {rows}.",
                place=place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            )
        if head.bits != 8:
            raise SlideError(
                f"its JPEG stream has {head.bits} bits a sample, not 8.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        if self.segment_samples == 1 != len(head.components):
            raise SlideError(
                f"its JPEG stream has {len(head.components)} components, not one.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        stored = {RGB: "RGB", _YCBCR: "YCBCR"}.get(self.photometric)
        if self.segment_samples == 1:
            stored = None
        elif stored == "RGB" and not self.is_rgb(head):
            stored = "YCBCR"
        decoded = imagecodecs.jpeg8_decode(
            data,
            tables=self.jpeg_tables or None,
            colorspace=stored,
            outcolorspace="RGB" if stored else None,
        )
        return np.asarray(decoded)[:rows]

    def _decode_jpeg2000(self, data: bytes, columns: int, rows: int, place: str) -> Samples:
        stream = read_codestream(data, place=place)
        check_codestream(stream, columns, rows, place=place)
        is_full = set(stream.sampling) == {(1, 1)}
        if not is_full and (stream.components != 3 or not self.is_ycbcr_2000):
            raise SlideError(
                "its JPEG 2000 stream has components of several sizes that are not YCbCr.",
                place=place,
                remedy="Export the slide again, as JPEG or as JPEG 2000 without subsampling.",
            )
        decoded = np.asarray(imagecodecs.jpeg2k_decode(data))
        # The codec takes reduced chroma for YCbCr by itself, as OpenJPEG's programs do.
        if (
            is_full
            and self.is_ycbcr_2000
            and not stream.has_colour_transform
            and stream.components == 3
        ):
            return _from_ycbcr(decoded)
        return decoded

    def _finished(self, decoded: Samples, columns: int, rows: int, place: str) -> Samples:
        """As the stack says: one sample as it is, or RGB."""
        wanted = np.dtype(f"u{self.stack.bits // 8}")
        is_fit = decoded.dtype == wanted and decoded.shape[:2] == (rows, columns)
        if not is_fit or (self.is_channel and decoded.shape[2] != 1):
            raise SlideError(
                "it decodes to other pixels than declared.",
                place=place,
                remedy="It is damaged: copy it again from its origin, or export it again.",
            )
        if self.is_inverted and decoded.shape[2] < 3:
            decoded = np.iinfo(wanted).max - decoded
        if not self.is_channel and decoded.shape[2] < 3:
            decoded = np.repeat(decoded[:, :, :1], 3, axis=2)
        return np.ascontiguousarray(decoded[:, :, : self.stack.samples])

    def reencoding(self, reason: str) -> Encoding:
        """How a level is described that must be encoded again."""
        photometric = "MONOCHROME2" if self.is_channel else "RGB"
        method = _METHODS.get(self.compression, "")
        is_lossy = self.compression not in LOSSLESS
        return Encoding("", photometric, is_lossy=is_lossy, method=method, reason=reason)


def check_codestream(stream: Codestream, columns: int, rows: int, *, place: str) -> None:
    """Raise `SlideError` where a JPEG 2000 stream would decode to another or a larger image."""
    if (stream.columns, stream.rows) != (columns, rows):
        raise SlideError(
            "the JPEG 2000 stream is of another size than its tile.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    if not 1 <= stream.components <= 4 or stream.bits > 16:
        raise SlideError(
            f"the JPEG 2000 stream has {stream.components} components of {stream.bits} bits.",
            place=place,
            rule="1 to 4 of at most 16 bits",
        )


def joined(parts: Sequence[Samples], *, axis: int) -> Samples:
    """The parts next to each other; a single one as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=axis)


def _from_ycbcr(pixels: Samples) -> NDArray[np.uint8]:
    """ITU-R BT.601 full range, as JFIF has it."""
    luma, blue, red = (pixels[..., n].astype(np.float32) for n in range(3))
    blue -= 128
    red -= 128
    channels = (luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue)
    return np.clip(np.rint(np.stack(channels, axis=-1)), 0, 255).astype(np.uint8)
