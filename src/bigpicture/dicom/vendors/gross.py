"""Gross images: photographs of specimens, blocks and cassettes, as JPEG or PNG."""

from __future__ import annotations

from collections.abc import Mapping

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.exif import UPRIGHT
from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.photo_level import ORIENTATIONS, JpegPicture, PhotoLevel, Picture, PngPicture
from bigpicture.dicom.photograph import Beside, beside_jpeg, beside_png
from bigpicture.dicom.png import SIGNATURE, read_png_head
from bigpicture.dicom.slide import OpenedSlide, Scanner, VendorSlide
from bigpicture.model.errors import SlideError
from bigpicture.model.source import ByteSource

MAXIMUM_PIXELS = 1 << 28
"""Of any picture: it is decoded as a whole."""
MAXIMUM_BYTES = 1 << 30
_JPEG = b"\xff\xd8\xff"
# Sequential and progressive Huffman coding (ITU-T T.81 table B.1): what cameras and editors write.
_PROCESSES = frozenset({0xC0, 0xC1, 0xC2})


def recognises(candidate: Candidate) -> bool:
    """A JPEG or PNG by its first bytes."""
    return candidate.head.startswith((_JPEG, SIGNATURE))


def open_gross(candidate: Candidate) -> VendorSlide:
    """Open a photograph; raises `SlideError` where it is damaged, too large or of other pixels.

    Its scale is never told: resolutions in JFIF, Exif and pHYs are for screens and printers.
    """
    source = candidate.source
    assert source is not None
    if source.size > MAXIMUM_BYTES:
        raise SlideError(
            f"the picture is {source.size >> 20} MiB long.",
            place=candidate.place,
            rule=f"at most {MAXIMUM_BYTES >> 20} MiB",
        )
    is_png = candidate.head.startswith(SIGNATURE)
    level, beside = (_png if is_png else _jpeg)(source, candidate.place)
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=(level,),
        associated=tuple(beside.associated),
        fields=tuple(beside.fields),
        mpp=None,
        profile=("Photo.Profile", beside.profile) if beside.profile else None,
        remarks=(*beside.remarks, *level.remarks),
        describe=_camera,
    )


def _camera(_: Mapping[str, str]) -> Scanner:
    """Nothing: a camera's make and model single out its owner more than they help a reader."""
    return Scanner()


def _jpeg(source: ByteSource, place: str) -> tuple[PhotoLevel, Beside]:
    data = source.read(0, source.size)
    head = read_head(data, place=place)
    if head.process not in _PROCESSES or head.bits != 8 or len(head.components) not in {1, 3, 4}:
        raise SlideError(
            f"this JPEG has {len(head.components)} components of {head.bits} bits in process "
            f"{head.process - 0xC0}.",
            place=place,
            rule="grey, colour or CMYK of 8 bits, sequential or progressive",
            remedy="Save it as an ordinary JPEG or as PNG.",
        )
    _check_size(head.columns, head.rows, place)
    beside = beside_jpeg(data[: head.length], place=place, space=_space(len(head.components)))
    picture = JpegPicture(data, head, place)
    return _level(picture, beside), beside


def _png(source: ByteSource, place: str) -> tuple[PhotoLevel, Beside]:
    head = read_png_head(source.read(0, min(64, source.size)), place=place)
    if head.bits == 16 and not head.is_grey:
        raise SlideError(
            "this PNG has 16 bits a colour.",
            place=place,
            rule="8 bits a colour, or 16 bits of grey: DICOM has no whole-slide RGB of 16",
            remedy="Save it with 8 bits a colour; what is lost then is your decision.",
        )
    _check_size(head.columns, head.rows, place)
    beside = beside_png(source, place=place, space="GRAY" if head.is_grey else "RGB")
    return _level(PngPicture(source, head, place), beside), beside


def _space(components: int) -> str:
    """The colours whose profile can be used; those of CMYK are gone with its inks."""
    return {1: "GRAY", 3: "RGB"}.get(components, "")


def _check_size(columns: int, rows: int, place: str) -> None:
    if not (columns and rows) or columns * rows > MAXIMUM_PIXELS:
        raise SlideError(
            f"the picture is {columns} × {rows} pixels.",
            place=place,
            rule=f"1 to {MAXIMUM_PIXELS >> 20} million pixels",
            remedy="Save it smaller, or as a pyramidal TIFF.",
        )


def _level(picture: Picture, beside: Beside) -> PhotoLevel:
    orientation = beside.orientation
    if orientation not in ORIENTATIONS:
        beside.remarks.append(
            f"{picture.place}: its orientation is none of 1 to 8; it is taken to be upright."
        )
        orientation = UPRIGHT
    return PhotoLevel(picture, orientation)


# No endings: a picture in a folder may well be of a label, so that photographs are taken only where
# somebody names them.
VENDOR = Vendor("gross-image", recognises, open_gross)
