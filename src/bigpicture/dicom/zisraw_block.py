"""One subblock of a CZI file: its compressed bytes, and the samples they decode to."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.jpegxr import MAGIC, jpegxr_size
from bigpicture.dicom.slide import Samples
from bigpicture.dicom.zisraw import SEGMENT, SUBBLOCK, damaged
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

MAXIMUM_BLOCK_BYTES = 1 << 28
"""Of one decoded subblock. Cameras give some 15 MB; a stitched image may be one subblock."""
_BEFORE_ENTRY = 16
_ENTRY = 32
_DIMENSION = 20
_FIXED = 256


class Compression(IntEnum):
    """How a subblock is compressed. `ZSTD_PACKED` begins with a header of its own."""

    NONE = 0
    JPEG = 1
    JPEG_XR = 4
    ZSTD = 5
    ZSTD_PACKED = 6


@dataclass(frozen=True, slots=True)
class Form:
    """What every subblock of a slide holds: `samples` (3: blue, green, red) of `bits` each."""

    samples: int
    bits: int

    @property
    def pixel_bytes(self) -> int:
        return self.samples * self.bits // 8

    @property
    def kind(self) -> type[np.uint8] | type[np.uint16]:
        return np.uint8 if self.bits == 8 else np.uint16


@dataclass(frozen=True, slots=True)
class Block:
    """A subblock: where it lies in the file, how it is compressed, how large it is in pixels."""

    position: int
    compression: int
    columns: int
    rows: int
    form: Form
    place: str

    @property
    def raw_bytes(self) -> int:
        return self.columns * self.rows * self.form.pixel_bytes

    def read(self, source: ByteSource) -> bytes:
        """Its compressed bytes; raises `SlideError` where their length is impossible."""
        start, length = self.extent(source)
        if self.compression == Compression.NONE:
            if length < self.raw_bytes:
                raise damaged(self.place, "it has fewer bytes than pixels")
            length = self.raw_bytes
        return source.read(start, length)

    def extent(self, source: ByteSource) -> tuple[int, int]:
        """Where its pixels lie in the file: position and length in bytes."""
        head = self.position + SEGMENT.size
        if head + _FIXED > source.size:
            raise damaged(self.place, "it lies past the end of the file")
        data = source.read(self.position, SEGMENT.size + _BEFORE_ENTRY + _ENTRY)
        if data[:16].rstrip(b"\0") != SUBBLOCK:
            raise damaged(self.place, "no subblock lies where it should")
        about, attached, length = struct.unpack_from("<iiq", data, SEGMENT.size)
        entry = data[SEGMENT.size + _BEFORE_ENTRY :]
        (dimensions,) = struct.unpack_from("<i", entry, _ENTRY - 4)
        if entry[:2] != b"DV" or min(about, attached, length, dimensions) < 0:
            raise damaged(self.place, "its header is no header")
        fixed = max(_FIXED, _BEFORE_ENTRY + _ENTRY + _DIMENSION * dimensions)
        start = head + fixed + about
        # Compressed noise is a little longer than it was, never by half.
        most = self.raw_bytes + self.raw_bytes // 2 + (1 << 16)
        if length > source.size - start or (self.compression and length > most):
            raise damaged(self.place, f"it cannot be {length} bytes long")
        return start, length

    def decode(self, data: bytes) -> Samples:
        """The samples, RGB or intensities, shape (rows, columns, samples); raises `SlideError`."""
        try:
            decoded = self._decode(data)
        except SlideError:
            raise
        except Exception as error:  # codecs raise a dozen kinds on damaged input
            raise SlideError(
                f"it cannot be decoded ({type(error).__name__}).",
                place=self.place,
                remedy="The file is damaged: copy it again from its origin, or rescan the slide.",
            ) from error
        wanted = (self.rows, self.columns, self.form.samples)
        pixels = decoded[:, :, None] if decoded.ndim == 2 else decoded
        if pixels.shape != wanted or pixels.dtype != self.form.kind:
            raise damaged(self.place, "it decodes to other pixels than declared")
        return np.ascontiguousarray(pixels)

    def _decode(self, data: bytes) -> NDArray[np.uint8 | np.uint16]:
        if self.compression == Compression.JPEG:
            head = read_head(data, place=self.place)
            self._check_size(head.columns, head.rows)
            return np.asarray(imagecodecs.jpeg8_decode(data))
        if self.compression == Compression.JPEG_XR:
            # ZEN keeps a subblock as it is, and labels it all the same, where that is no shorter.
            if data[:3] == MAGIC or len(data) != self.raw_bytes:
                self._check_size(*jpegxr_size(data, place=self.place))
                return np.asarray(imagecodecs.jpegxr_decode(data))
        elif self.compression == Compression.ZSTD:
            data = self._unpack(data)
        elif self.compression == Compression.ZSTD_PACKED:
            data = self._unpack_with_header(data)
        return self._shaped(np.frombuffer(data, np.uint8, self.raw_bytes))

    def _check_size(self, columns: int, rows: int) -> None:
        if (columns, rows) != (self.columns, self.rows):
            raise damaged(
                self.place,
                f"its stream is {columns} × {rows} pixels, not {self.columns} × {self.rows}",
            )

    def _unpack(self, data: bytes) -> bytes:
        return bytes(imagecodecs.zstd_decode(data, out=self.raw_bytes))

    def _unpack_with_header(self, data: bytes) -> bytes:
        """The header is its own length, then chunks: number 1 tells of packing.

        Packed means all low bytes of 16-bit samples first, then all high ones.
        """
        length = data[0] if data else 0
        header = data[:length]
        if length not in {1, 3} or (length == 3 and header[1] != 1):
            raise damaged(self.place, "its Zstandard header is not known")
        unpacked = self._unpack(data[length:])
        if length == 1 or not header[2] & 1:
            return unpacked
        if len(unpacked) % 2:
            raise damaged(self.place, "its bytes are packed in pairs but odd in number")
        return np.frombuffer(unpacked, np.uint8).reshape(2, -1).T.tobytes()

    def _shaped(self, raw: NDArray[np.uint8]) -> NDArray[np.uint8 | np.uint16]:
        samples = raw.view("<u2").astype(np.uint16) if self.form.bits == 16 else raw
        pixels = samples.reshape(self.rows, self.columns, self.form.samples)
        return pixels[:, :, ::-1]
