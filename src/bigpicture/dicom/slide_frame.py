"""Reads from a slide's finest instance what results refer to."""

from __future__ import annotations

from typing import cast

from pydicom.dataset import Dataset

from bigpicture.dicom.read import read_instance
from bigpicture.model.errors import SlideError
from bigpicture.model.slide_frame import SlideFrame
from bigpicture.model.source import ByteSource


def read_frame(source: ByteSource, *, place: str = "instance") -> SlideFrame:
    """The frame of a DICOM whole-slide instance, its finest level; raises `SlideError`."""
    instance = read_instance(source, place=place)
    level = instance.level
    mpp = (level.mpp_x, level.mpp_y) if level.mpp_x > 0 and level.mpp_y > 0 else None
    return frame_of(instance.header, size=(level.columns, level.rows), mpp=mpp, place=place)


def frame_of(
    header: Dataset,
    *,
    size: tuple[int, int],
    mpp: tuple[float, float] | None,
    place: str = "instance",
) -> SlideFrame:
    """What the header says; `size` is columns and rows, `mpp` micrometres per pixel (x, y)."""
    along_row, along_column = _orientation(header, place)
    specimens = header.get("SpecimenDescriptionSequence") or [Dataset()]
    return SlideFrame(
        study_uid=_text(header, "StudyInstanceUID"),
        series_uid=_text(header, "SeriesInstanceUID"),
        instance_uid=_text(header, "SOPInstanceUID"),
        frame_of_reference_uid=_text(header, "FrameOfReferenceUID"),
        columns=size[0],
        rows=size[1],
        mpp=mpp,
        origin=_origin(header),
        along_row=along_row,
        along_column=along_column,
        patient=_text(header, "PatientID"),
        sex=_text(header, "PatientSex"),
        accession_number=_text(header, "AccessionNumber"),
        container=_text(header, "ContainerIdentifier"),
        specimen=_text(specimens[0], "SpecimenIdentifier"),
        specimen_uid=_text(specimens[0], "SpecimenUID"),
    )


def _text(header: Dataset, keyword: str) -> str:
    return str(header.get(keyword) or "")


def _origin(header: Dataset) -> tuple[float, float]:
    """The slide's corner where the header tells nothing."""
    for item in header.get("TotalPixelMatrixOriginSequence") or ():
        x = item.get("XOffsetInSlideCoordinateSystem")
        y = item.get("YOffsetInSlideCoordinateSystem")
        if x is not None and y is not None:
            return float(x), float(y)
    return 0.0, 0.0


Axis = tuple[float, float, float]


def _orientation(header: Dataset, place: str) -> tuple[Axis, Axis]:
    """Unit vectors of the matrix's x and y axis; with the label left where nothing is told."""
    told = header.get("ImageOrientationSlide")
    if not told:
        return (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)
    numbers = [float(one) for one in told]
    row, column = numbers[:3], numbers[3:]
    lengths = [sum(one * one for one in axis) for axis in (row, column)]
    is_square = sum(one * other for one, other in zip(row, column, strict=True)) ** 2 < 1e-6
    if len(numbers) != 6 or not is_square or any(abs(one - 1) > 1e-3 for one in lengths):
        raise SlideError("its axes are not at right angles.", place=f"{place} (0048,0102)")
    return cast("Axis", tuple(row)), cast("Axis", tuple(column))
