"""Decodes and encodes single frames; what is encoded holds no comments of its encoder."""

from __future__ import annotations

import imagecodecs
import numpy as np
import simplejpeg
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit

from bigpicture.dicom.jpeg import bare
from bigpicture.dicom.jpeg2000 import without_comments
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.slide import Pixels, Samples
from bigpicture.dicom.syntax import FrameForm
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
    """Decode a stored frame of 8-bit samples to RGB, shape (rows, columns, 3); grey is repeated.

    `samples.decode_samples` tells what it holds. Raises `SlideError`.
    """
    form = FrameForm(transfer_syntax, photometric, columns, rows, samples)
    return to_rgb(decode_samples(frame, form, place=place), columns, rows, place)


def to_rgb(decoded: object, columns: int, rows: int, place: str) -> Pixels:
    """Grey and grey with alpha become RGB, alpha goes; anything else raises `SlideError`."""
    pixels = np.asarray(decoded)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.shape[:2] != (rows, columns):
        raise SlideError(
            "the frame decodes to other pixels than declared.",
            place=place,
            remedy="It is damaged: copy it again from its origin, or export it again.",
        )
    if pixels.shape[2] < 3:
        pixels = np.repeat(pixels[:, :, :1], 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])


def encode_jpeg(pixels: Samples, *, quality: int = QUALITY, is_subsampled: bool = False) -> bytes:
    """Encode RGB as JPEG Baseline in YCbCr, chroma 4:4:4 or 4:2:2."""
    chroma = "422" if is_subsampled else "444"
    return bare(
        simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels), quality=quality, colorsubsampling=chroma
        )
    )


def encode_jpeg_rgb(pixels: Samples, *, quality: int = QUALITY) -> bytes:
    """Encode RGB as JPEG Baseline without a colour transform."""
    stream = imagecodecs.jpeg8_encode(
        np.ascontiguousarray(pixels), level=quality, colorspace="RGB", outcolorspace="RGB"
    )
    return bare(bytes(stream), is_rgb=True)


def encode_jpeg_grey(pixels: Samples, *, quality: int = QUALITY) -> bytes:
    """Encode one channel of 8 bits as JPEG Baseline."""
    return bare(
        simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=quality, colorspace="GRAY")
    )


def encode_jpeg2000(pixels: Samples, *, bits: int = 0) -> bytes:
    """Encode RGB, or one channel of 8 or 16 bits, as a reversible JPEG 2000 codestream: no loss.

    `bits` of each sample are used; all of them where it is 0.
    """
    is_grey = pixels.shape[2] == 1
    from_codec = imagecodecs.jpeg2k_encode(
        np.ascontiguousarray(pixels[:, :, 0] if is_grey else pixels),
        level=0,
        codecformat="j2k",
        reversible=True,
        mct=not is_grey,
        bitspersample=bits or None,
    )
    return without_comments(bytes(from_codec))
