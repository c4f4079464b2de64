"""What a DICOM slide leaves out or contradicts where the meaning is certain, as remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydicom.dataset import Dataset

from bigpicture.dicom.dicom_level import DicomLevel
from bigpicture.dicom.placement import USUAL_ORIENTATION, orientation
from bigpicture.dicom.read import Instance

_TOLERANCE = 0.02
"""Of the size of the imaged volume: half a tile more or less is usual."""


def doubts(levels: Sequence[DicomLevel], place: str) -> Iterator[str]:
    """Remarks on the levels of a slide, finest first.

    Instances are counted, not named: remarks go on into the report, and names of files may carry
    people's.
    """
    instances = [each for level in levels for each in level.parts.instances]
    for what, is_so in _DOUBTS:
        count = sum(is_so(each) for each in instances)
        if count:
            yield f"{place}: {what} ({count} of {len(instances)} instances)."
    yield from _of_finest(levels[0].instance, place)
    frames = {str(each.header.get("FrameOfReferenceUID", "")) for each in instances}
    if len(frames) > 1:
        yield (
            f"{place}: its levels name {len(frames)} frames of reference, but one series: they "
            "were taken for one slide."
        )
    if levels[0].contradicts_itself:
        yield (
            f"{levels[0].place}: it declares RGB, but its JPEG streams say YCbCr (JFIF); "
            "the declaration was followed, as OpenSlide does: look at its colours."
        )


def _of_finest(finest: Instance, place: str) -> Iterator[str]:
    kinds = [str(part) for part in finest.header.get("ImageType", None) or []]
    if kinds[3:4] == ["RESAMPLED"]:
        yield (
            f"{place}: its finest level calls itself resampled: a finer one may exist that was "
            "not handed over."
        )
    turned = orientation(finest)
    if turned is not None and turned != USUAL_ORIENTATION:
        yield (
            f"{place}: its image is turned on the glass (0048,0102); pixels stay as they are, "
            "where it lies on the glass does not go on."
        )
    if _contradicts_volume(finest):
        yield (
            f"{place}: Imaged Volume Width and Height do not fit its pixel spacing; the spacing "
            "was taken."
        )


def _contradicts_volume(instance: Instance) -> bool:
    level = instance.level
    sides = (
        ("ImagedVolumeWidth", level.columns * level.mpp_x / 1000),
        ("ImagedVolumeHeight", level.rows * level.mpp_y / 1000),
    )
    for keyword, side in sides:
        told = instance.header.get(keyword, None)
        if told not in (None, "") and abs(float(told) - side) > _TOLERANCE * side:
            return True
    return False


def _spacing_is_outside(instance: Instance) -> bool:
    return _measures(instance.header) is None and "PixelSpacing" in instance.header


def _has_no_spacing(instance: Instance) -> bool:
    header = instance.header
    is_absent = _measures(header) is None and "PixelSpacing" not in header
    return is_absent and instance.level.mpp_x > 0


def _measures(header: Dataset) -> object:
    shared = header.get("SharedFunctionalGroupsSequence", None)
    measures = shared[0].get("PixelMeasuresSequence", None) if shared else None
    return measures[0].get("PixelSpacing", None) if measures else None


def _lacks(keyword: str) -> Callable[[Instance], bool]:
    return lambda instance: instance.header.get(keyword, None) in (None, "")


_DOUBTS: tuple[tuple[str, Callable[[Instance], bool]], ...] = (
    (
        "it does not say how its tiles lie (0020,9311); their number or positions make it certain",
        _lacks("DimensionOrganizationType"),
    ),
    (
        "it does not count its frames (0028,0008); as many are there as its matrix needs",
        _lacks("NumberOfFrames"),
    ),
    (
        "it names no total pixel matrix (0048,0006); one frame is all of it",
        _lacks("TotalPixelMatrixColumns"),
    ),
    (
        "its pixel spacing (0028,0030) stands outside of Pixel Measures and was taken",
        _spacing_is_outside,
    ),
    (
        "it states no pixel spacing; it was worked out from the imaged volume's size",
        _has_no_spacing,
    ),
)
