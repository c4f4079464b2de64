"""The overview: a picture of the whole glass, drawn anew, as an instance beside the pyramid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydicom.uid import UID

from bigpicture.dicom.codecs import JPEG_BASELINE, QUALITY, encode_jpeg
from bigpicture.dicom.colour import srgb_profile
from bigpicture.dicom.header import GLASS_WIDTH, Storage, build_header
from bigpicture.dicom.jpeg import YCBCR
from bigpicture.dicom.optical_path import Optics
from bigpicture.dicom.slide import Frame, Pixels, Scanner
from bigpicture.dicom.subject import Subject
from bigpicture.dicom.witness import Witnessed, witness_instance
from bigpicture.dicom.write import write_instance
from bigpicture.model.image import Flavour, Level

OVERVIEW_NAME = "overview.dcm"
_MICROMETRES = 1000.0
_METHOD = "ISO_10918_1"


def write_overview(
    folder: Path, picture: Pixels, *, subject: Subject, scanner: Scanner, number: int
) -> tuple[Level, str, Witnessed]:
    """Write `picture` (RGB, shape (rows, columns, 3)) as `overview.dcm`: one frame, JPEG.

    None of the source's bytes is in it. Its scale is that of a glass of 76 mm (ISO 8037-1) as wide
    as the picture's longer side: sources do not tell it, and DICOM asks for one; so it stands in a
    frame of reference of its own. `number` counts the instances before it. Returns its level, its
    SOP Instance UID and what a second reader saw of it. Raises `StorageFullError`, `SlideError`.
    """
    rows, columns = picture.shape[:2]
    mpp = GLASS_WIDTH * _MICROMETRES / max(rows, columns)
    level = Level(number, columns, rows, columns, rows, mpp, mpp)
    storage = Storage(
        JPEG_BASELINE, YCBCR, ((_METHOD, 0.0),), is_resampled=False, flavour=Flavour.OVERVIEW
    )
    header = build_header(
        subject=subject,
        scanner=replace(scanner, magnification=None),
        level=level,
        base=level,
        storage=storage,
        optics=Optics(profile=srgb_profile(), channels=(), brightest=()),
    )
    header.FrameOfReferenceUID = UID(subject.overview_frame_uid)
    del header.PyramidUID
    frame = Frame(b"", encode_jpeg(picture, quality=QUALITY))
    seen = write_instance(
        folder / OVERVIEW_NAME,
        header,
        [frame],
        check=lambda path: witness_instance(path, place=OVERVIEW_NAME),
    )
    return level, str(header.SOPInstanceUID), seen
