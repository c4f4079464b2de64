"""Losses: how the pixels of an image were compressed, as MSMdad 6.2.12 and 6.2.13 state it."""

from __future__ import annotations

from decimal import Decimal

from pydicom.dataset import Dataset
from pydicom.uid import HTJ2K, JPEG2000, JPEG2000MC, JPEGLSNearLossless

from bigpicture.dicom.fact import first_number, first_said, number, numbers, said, several, text
from bigpicture.dicom.syntax import HIGH_THROUGHPUT, JPEG_DCT, JPEG_LOSSLESS, JPEG_LS, NATIVE, RLE
from bigpicture.model.attribute import Attribute

LOSSY = {
    "ISO_10918_1": "JPEG Lossy",
    "ISO_14495_1": "JPEG-LS Near-lossless",
    "ISO_15444_1": "JPEG 2000 Irreversible",
    "ISO_15444_15": "High-Throughput JPEG 2000 Irreversible",
    "ISO_13818_2": "MPEG2",
    "ISO_14496_10": "MPEG-4 AVC/H.264",
    "ISO_23008_2": "HEVC/H.265 Lossy",
    "ISO_18181_1": "JPEG XL Lossy",
}
"""Defined terms of Lossy Image Compression Method (PS3.3 C.7.6.1.1.5.1) in MSMdad's words."""
_BY_SYNTAX = {
    **dict.fromkeys(JPEG_DCT, LOSSY["ISO_10918_1"]),
    str(JPEGLSNearLossless): LOSSY["ISO_14495_1"],
    str(JPEG2000): LOSSY["ISO_15444_1"],
    str(JPEG2000MC): LOSSY["ISO_15444_1"],
    str(HTJ2K): LOSSY["ISO_15444_15"],
    "1.2.840.10008.1.2.4.111": LOSSY["ISO_18181_1"],
    "1.2.840.10008.1.2.4.112": LOSSY["ISO_18181_1"],
}
_MAY_BE_LOSSLESS = {str(JPEG2000), str(JPEG2000MC), str(HTJ2K), "1.2.840.10008.1.2.4.112"}
"""Transfer syntaxes that carry either; the header decides (PS3.5 A.4.4)."""
_LOSSLESS = {
    **dict.fromkeys(JPEG_LOSSLESS, "JPEG Lossless"),
    **dict.fromkeys(JPEG_LS, "JPEG-LS Lossless"),
    **dict.fromkeys(HIGH_THROUGHPUT, "High-Throughput JPEG 2000 Reversible"),
    "1.2.840.10008.1.2.4.90": "JPEG 2000 Reversible",
    "1.2.840.10008.1.2.4.91": "JPEG 2000 Reversible",
    "1.2.840.10008.1.2.4.92": "JPEG 2000 Reversible",
    "1.2.840.10008.1.2.4.93": "JPEG 2000 Reversible",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.112": "JPEG XL Lossless",
    RLE: "RLE Lossless",
}


def status(header: Dataset) -> str:
    """NOT COMPRESSED, LOSSLESS, or LOSSY: once lossy, always lossy (PS3.3 C.7.6.1.1.5)."""
    if _was_lossy(header) or _is_lossy(header):
        return "LOSSY"
    return "NOT COMPRESSED" if _syntax(header) in NATIVE | {""} else "LOSSLESS"


def compressions(header: Dataset, stored: int | None) -> Attribute | None:
    """The steps in their order; None where there was none.

    `stored` is how many bytes the pixels take now: the ratio of a step that the header does not
    tell, which is that of every lossless one, is known only by it.
    """
    steps = _lossy_steps(header, stored)
    syntax = _syntax(header)
    if syntax in _LOSSLESS and not _is_lossy(header):
        steps.append((_LOSSLESS[syntax], _ratio(header, stored)))
    return several("image_compressions", [_step(*each) for each in steps]) if steps else None


def _lossy_steps(header: Dataset, stored: int | None) -> list[tuple[str, Decimal | None]]:
    told = [LOSSY.get(each, each) for each in said(header, "LossyImageCompressionMethod")]
    ratios: list[Decimal | None] = [*numbers(header, "LossyImageCompressionRatio")]
    if not told and _is_lossy(header):
        told = [_BY_SYNTAX[_syntax(header)]]
    known = [ratios[at] if at < len(ratios) else None for at in range(len(told))]
    if told and known[-1] is None and _is_lossy(header):
        known[-1] = _ratio(header, stored)
    return list(zip(told, known, strict=True))


def _step(method: str, ratio: Decimal | None) -> Attribute | None:
    is_known = ratio is not None and ratio > 0
    return several(
        "image_compression",
        [
            number("ratio", ratio) if ratio is not None and is_known else None,
            text("method", method),
        ],
    )


def _was_lossy(header: Dataset) -> bool:
    return first_said(header, "LossyImageCompression") == "01"


def _is_lossy(header: Dataset) -> bool:
    """Whether the frames as they are stored were made with a loss."""
    syntax = _syntax(header)
    if syntax in _MAY_BE_LOSSLESS:
        return first_said(header, "LossyImageCompression") != "00"
    return syntax in _BY_SYNTAX


def _ratio(header: Dataset, stored: int | None) -> Decimal | None:
    """Bytes of the frames by themselves, padding with them, to those that are stored."""
    wanted = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
    sizes = [first_number(header, each) for each in wanted]
    frames = first_number(header, "NumberOfFrames") or Decimal(1)
    if not stored or None in sizes:
        return None
    whole = frames / 8
    for size in sizes:
        whole *= size or 0
    return round(whole / stored, 2) or None


def _syntax(header: Dataset) -> str:
    meta = getattr(header, "file_meta", None)
    return str(meta.get("TransferSyntaxUID", "")) if meta is not None else ""
