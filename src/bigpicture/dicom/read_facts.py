"""Read facts: what the header of a file says of its image, the rest of it never looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pydicom
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from bigpicture.dicom.elements import (
    PIXEL_DATA,
    Element,
    Layout,
    read_layout,
)
from bigpicture.dicom.fact import first_said
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.image_facts import glance_facts, instance_facts
from bigpicture.dicom.read import WHOLE_SLIDE, damaged_header
from bigpicture.dicom.syntax import NATIVE
from bigpicture.model.errors import SlideError
from bigpicture.model.slide_facts import InstanceFacts, base_of
from bigpicture.model.source import ByteSource

_GLANCED = frozenset(
    tag_for_keyword(each) or 0
    for each in (
        "ImageType", "SOPClassUID", "Rows", "Columns", "BurnedInAnnotation",
        "TotalPixelMatrixColumns", "TotalPixelMatrixRows", "TotalPixelMatrixFocalPlanes",
        "SpecimenLabelInImage",
    )
)  # fmt: skip
_LOOKED_AT = _GLANCED | frozenset(
    tag_for_keyword(each) or 0
    for each in (
        "SpecificCharacterSet", "AcquisitionDate", "AcquisitionDateTime", "AcquisitionTime",
        "Manufacturer", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions",
        "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "PixelSpacing",
        "BitsAllocated", "BitsStored", "ICCProfile", "LossyImageCompression",
        "LossyImageCompressionRatio", "LossyImageCompressionMethod", "SliceThickness",
        "LongitudinalTemporalInformationModified", "ImagedVolumeWidth", "ImagedVolumeHeight",
        "ImagedVolumeDepth", "TotalPixelMatrixOriginSequence", "FocusMethod",
        "ExtendedDepthOfField", "NumberOfFocalPlanes", "DistanceBetweenFocalPlanes",
        "ImageOrientationSlide", "OpticalPathSequence", "SharedFunctionalGroupsSequence",
    )
)  # fmt: skip
_SHORT = 256
"""Bytes of a value that is glanced at."""
_SHARED_GROUPS = 0x52009229
"""What follows it is told frame by frame, which no attribute of an Image is."""
_META = 0x0002FFFF
_MOST = 32 << 20
"""Bytes of all elements that are looked at; colour profiles are the largest, a few MB."""


def read_image_facts(
    files: Mapping[str, Path],
) -> tuple[dict[str, InstanceFacts], list[SlideError]]:
    """What the headers of an image's files say, by their names, and what is wrong with some.

    Of instances that are not its base no more is read than what they are. Only elements that are
    looked at are parsed, in bounded memory, and never a pixel.
    """
    seen: dict[str, InstanceFacts] = {}
    errors: list[SlideError] = []
    for name, path in files.items():
        try:
            seen[name] = _opened(path, name, _glance)
        except SlideError as error:
            errors.append(error)
    base = base_of(seen.values())
    for name in [name for name, one in seen.items() if one in base]:
        try:
            seen[name] = _opened(files[name], name, _facts)
        except SlideError as error:
            errors.append(error)
            del seen[name]
    return seen, errors


def read_facts(path: Path, place: str) -> InstanceFacts:
    """What the header of one file says; `place` is how messages name it.

    Raises `SlideError` where it is no whole-slide image or is damaged.
    """
    return _opened(path, place, _facts)


def _opened(
    path: Path, place: str, read: Callable[[ByteSource, str], InstanceFacts]
) -> InstanceFacts:
    try:
        with FileSource(path) as source:
            return read(source, place)
    except OSError as error:
        raise SlideError(
            f"it cannot be read: {error.strerror}.",
            place=place,
            remedy="Give yourself the right to read it.",
        ) from error


def _glance(source: ByteSource, place: str) -> InstanceFacts:
    """What an instance is, without its attributes; nothing is parsed but a dozen short values."""
    layout = read_layout(source, place=place, last=max(_GLANCED), inside=frozenset())
    header = Dataset()
    for element in layout.elements:
        if element.tag in _GLANCED and 0 <= element.length <= _SHORT:
            value = source.read(element.value, element.length)
            header.add(_short(element, value))
    _check_is_slide(header, place)
    return glance_facts(header)


def _short(element: Element, value: bytes) -> DataElement:
    told: object = int.from_bytes(value, "little")
    if element.vr not in {"US", "UL"}:
        told = value.decode("ascii", "replace").rstrip("\0 ").split("\\")
    return DataElement(element.tag, element.vr, told, already_converted=True)


def _facts(source: ByteSource, place: str) -> InstanceFacts:
    layout = read_layout(source, place=place, last=_SHARED_GROUPS, inside=_LOOKED_AT)
    try:
        header = pydicom.dcmread(BytesIO(_looked_at(source, layout, place)))
        _check_is_slide(header, place)
        facts = instance_facts(header, _stored(source, header, layout.transfer_syntax, place))
    except SlideError:
        raise
    except Exception as error:  # pydicom raises a dozen kinds on damaged input
        raise damaged_header(error, place) from error
    return facts


def _check_is_slide(header: Dataset, place: str) -> None:
    if first_said(header, "SOPClassUID") != WHOLE_SLIDE:
        raise SlideError(
            "this DICOM file is not a whole-slide image.",
            place=f"{place} (0008,0016)",
            rule=f"SOP Class {WHOLE_SLIDE} (VL Whole Slide Microscopy)",
            remedy="Hand over the slide's instances only.",
        )


def _looked_at(source: ByteSource, layout: Layout, place: str) -> bytes:
    """The file with nothing but its meta information and the elements that are looked at."""
    meta = [each for each in layout.elements if each.tag <= _META]
    rest = [each for each in layout.elements if each.tag > _META]
    begin = rest[0].start if rest else layout.end
    ends = dict(_ends(rest, layout))
    wanted = [each for each in rest if each.tag in _LOOKED_AT and each.start in ends]
    size = begin + sum(ends[each.start] - each.start for each in wanted)
    if size > _MOST or not meta:
        raise SlideError(
            f"what the header says of its image takes {size >> 20} MiB.",
            place=place,
            rule=f"at most {_MOST >> 20} MiB",
            remedy="It is damaged, or was not written as a slide.",
        )
    parts = [source.read(each.start, ends[each.start] - each.start) for each in wanted]
    return b"".join([source.read(0, begin), *parts])


def _ends(elements: list[Element], layout: Layout) -> Iterator[tuple[int, int]]:
    """Start of each element and its end, which is where the next one begins."""
    for at, element in enumerate(elements):
        end = elements[at + 1].start if at + 1 < len(elements) else layout.end
        if end > element.start:
            yield element.start, end


def _stored(source: ByteSource, header: Dataset, syntax: str, place: str) -> int | None:
    """Bytes that the pixels take, where the header does not tell how far they were compressed.

    Finding them walks through the whole header.
    """
    is_told = header.get("LossyImageCompressionRatio", None) not in (None, "", [])
    if syntax in NATIVE or (is_told and header.get("LossyImageCompression", "") == "01"):
        return None
    pixels = read_layout(source, place=place).find(PIXEL_DATA)
    return source.size - pixels.value if pixels else None
