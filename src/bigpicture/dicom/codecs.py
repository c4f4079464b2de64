"""Decodes and encodes single frames."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
import simplejpeg
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from bigpicture.dicom.jpeg import as_rgb, read_head
from bigpicture.dicom.jpeg2000 import read_codestream
from bigpicture.dicom.slide import Pixels, Samples
from bigpicture.dicom.syntax import NATIVE
from bigpicture.model.errors import SlideError

JPEG_BASELINE = str(JPEGBaseline8Bit)
JPEG_2000 = str(JPEG2000)
JPEG_2000_LOSSLESS = str(JPEG2000Lossless)

QUALITY = 95
"""Of what must be encoded again after lossy compression, at full chroma: no visible loss."""
REDUCED_QUALITY = 90
"""Of generated reduced levels."""


def decode_frame(
    frame: bytes,
    *,
    transfer_syntax: str,
    photometric: str,
    columns: int,
    rows: int,
    samples: int = 3,
    place: str = "frame",
) -> Pixels:
    """Decode a stored frame to RGB, shape (rows, columns, 3).

    The size a stream declares is compared with what the header says before anything is decoded,
    so that a small stream cannot claim much memory. Raises `SlideError`.
    """
    try:
        if transfer_syntax in NATIVE:
            return _native(frame, columns, rows, samples)
        _check_size(frame, transfer_syntax, columns, rows, place)
        decoded = _decode(frame, transfer_syntax, photometric, place)
    except SlideError:
        raise
    except Exception as error:  # codecs raise a dozen kinds on damaged input
        raise SlideError(
            f"the frame cannot be decoded ({type(error).__name__}).",
            place=place,
            remedy="It is damaged: copy the file again from its origin, or rescan the slide.",
        ) from error
    return to_rgb(decoded, columns, rows, place)


def _decode(frame: bytes, transfer_syntax: str, photometric: str, place: str) -> object:
    if transfer_syntax in {JPEG_BASELINE, str(JPEGExtended12Bit)}:
        head = read_head(frame, place=place)
        is_marked = head.adobe_transform == 0 and not head.is_jfif
        if photometric == "RGB" and len(head.components) == 3 and not is_marked:
            frame = as_rgb(frame, place=place)
        return simplejpeg.decode_jpeg(frame, colorspace="RGB")
    if transfer_syntax in {JPEG_2000, JPEG_2000_LOSSLESS}:
        return imagecodecs.jpeg2k_decode(frame)
    if transfer_syntax in {str(JPEGLSLossless), str(JPEGLSNearLossless)}:
        return imagecodecs.jpegls_decode(frame)
    raise SlideError(
        f"frames in transfer syntax {transfer_syntax} cannot be decoded here.",
        place=place,
        remedy="Write the slide as JPEG, JPEG 2000 or uncompressed.",
    )


def _check_size(frame: bytes, transfer_syntax: str, columns: int, rows: int, place: str) -> None:
    if transfer_syntax == JPEG_BASELINE:
        head = read_head(frame, place=place)
        size = head.columns, head.rows
    elif transfer_syntax in {JPEG_2000, JPEG_2000_LOSSLESS}:
        stream = read_codestream(frame, place=place)
        size = stream.columns, stream.rows
    elif transfer_syntax == str(RLELossless):
        return
    else:
        size = _jpegls_size(frame)
    if size != (columns, rows):
        raise SlideError(
            f"the stream is {size[0]} × {size[1]} pixels, its frame {columns} × {rows}.",
            place=place,
            remedy="The file is damaged: export it again.",
        )


def _jpegls_size(frame: bytes) -> tuple[int, int]:
    start = frame.find(b"\xff\xf7")
    rows, columns = struct.unpack_from(">HH", frame, start + 5)
    return columns, rows


def _native(frame: bytes, columns: int, rows: int, samples: int) -> Pixels:
    wanted = columns * rows * samples
    pixels = np.frombuffer(frame, np.uint8, wanted).reshape(rows, columns, samples)
    return to_rgb(pixels, columns, rows, "frame")


def to_rgb(decoded: object, columns: int, rows: int, place: str) -> Pixels:
    """Grey and grey with alpha become RGB, alpha goes; anything else raises `SlideError`."""
    pixels = np.asarray(decoded)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.shape[:2] != (rows, columns):
        raise SlideError("the frame decodes to other pixels than declared.", place=place)
    if pixels.shape[2] < 3:
        pixels = np.repeat(pixels[:, :, :1], 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])


def encode_jpeg(pixels: Samples, *, quality: int = QUALITY, is_subsampled: bool = False) -> bytes:
    """Encode RGB as JPEG Baseline in YCbCr, chroma 4:4:4 or 4:2:2."""
    chroma = "422" if is_subsampled else "444"
    return simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=quality, colorsubsampling=chroma
    )


def encode_jpeg_rgb(pixels: Pixels, *, quality: int = QUALITY) -> bytes:
    """Encode RGB as JPEG Baseline without a colour transform."""
    return bytes(
        imagecodecs.jpeg8_encode(
            np.ascontiguousarray(pixels), level=quality, colorspace="RGB", outcolorspace="RGB"
        )
    )


def encode_jpeg2000(pixels: Samples) -> bytes:
    """Encode RGB as a reversible JPEG 2000 codestream: no loss."""
    from_codec = imagecodecs.jpeg2k_encode(
        np.ascontiguousarray(pixels), level=0, codecformat="j2k", reversible=True, mct=True
    )
    return bytes(from_codec)
