"""Transfer syntaxes of slides: their media types and what a frame in each of them is."""

from __future__ import annotations

from dataclasses import dataclass

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
MAXIMUM_NATIVE = 0xFFFFFFF0
"""Bytes of uncompressed Pixel Data, whose length field has 32 bits (PS3.5 7.1.2)."""

JPEG_DCT = frozenset({str(JPEGBaseline8Bit), str(JPEGExtended12Bit)})
JPEG_LOSSLESS = frozenset({str(JPEGLossless), str(JPEGLosslessSV1)})
JPEG_LS = frozenset({str(JPEGLSLossless), str(JPEGLSNearLossless)})
JPEG_2000_PART_1 = frozenset({str(JPEG2000), str(JPEG2000Lossless)})
HIGH_THROUGHPUT = frozenset({str(HTJ2K), str(HTJ2KLossless), str(HTJ2KLosslessRPCL)})
RLE = str(RLELossless)

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


@dataclass(frozen=True, slots=True)
class FrameForm:
    """What a header says that a stored frame is (PS3.3 C.7.6.3).

    `bits` are allocated for each of `samples` a pixel (8 or 16), `stored` of them used, from the
    lowest on. `is_planar`: colour by plane (Planar Configuration 1); only native frames heed it.
    """

    transfer_syntax: str
    photometric: str
    columns: int
    rows: int
    samples: int = 3
    bits: int = 8
    stored: int = 8
    is_planar: bool = False


def frame_media_type(transfer_syntax: str) -> str:
    """The media type of one stored frame (PS3.18 table 8.7.3-5); bytes where none is known."""
    return _MEDIA_TYPES.get(transfer_syntax, "application/octet-stream")
