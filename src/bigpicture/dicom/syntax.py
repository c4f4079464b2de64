"""Transfer syntaxes of slides: their media types and what a frame in each of them is."""

from __future__ import annotations

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    JPEG2000MC,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEG2000MCLossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

NATIVE = frozenset({str(ExplicitVRLittleEndian), str(ImplicitVRLittleEndian)})

_MEDIA_TYPES: dict[str, str] = {
    **dict.fromkeys(
        map(str, (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)),
        "image/jpeg",
    ),
    **dict.fromkeys(map(str, (JPEGLSLossless, JPEGLSNearLossless)), "image/jls"),
    **dict.fromkeys(map(str, (JPEG2000, JPEG2000Lossless)), "image/jp2"),
    **dict.fromkeys(map(str, (JPEG2000MC, JPEG2000MCLossless)), "image/jpx"),
    **dict.fromkeys(map(str, (HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL)), "image/jphc"),
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{last}" for last in (110, 111, 112)), "image/jxl"),
    str(RLELossless): "image/dicom-rle",
    **dict.fromkeys(NATIVE, "application/octet-stream"),
}


def frame_media_type(transfer_syntax: str) -> str:
    """The media type of one stored frame (PS3.18 table 8.7.3-5); bytes where none is known."""
    return _MEDIA_TYPES.get(transfer_syntax, "application/octet-stream")
