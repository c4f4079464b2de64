"""DICOM whole-slide images: one instance, or a folder of the instances of one slide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.dicom_level import DicomLevel
from bigpicture.dicom.read import Instance, find_flavour, order_levels, read_instance
from bigpicture.dicom.slide import (
    Associated,
    OpenedSlide,
    Scanner,
    VendorSlide,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.model.source import ByteSource

MAXIMUM_FILES = 4096
MAXIMUM_VALUE = 1 << 16
"""Characters of one field's value that are reported."""
_BINARY = frozenset({"OB", "OW", "OD", "OF", "OL", "OV", "UN"})


def recognises(candidate: Candidate) -> bool:
    if candidate.source is None:
        return any(True for _ in _files(candidate.path))
    return candidate.head[128:132] == b"DICM"


def open_dicom(candidate: Candidate) -> VendorSlide:
    """Open an instance or a folder; raises `SlideError` where it is not one brightfield slide."""
    if candidate.source is not None:
        instance = read_instance(candidate.source, place=candidate.place)
        return _slide(candidate, [(instance, candidate.source)])
    pairs: list[tuple[Instance, ByteSource]] = []
    for path in _files(candidate.path):
        source = candidate.open(path)
        place = f"{candidate.place}/{path.name}"
        # What is of no known flavour may show the label: it counts as an overview and is dropped.
        pairs.append((read_instance(source, place=place, otherwise=Flavour.OVERVIEW), source))
    return _slide(candidate, pairs)


def _belongings(path: Path) -> tuple[Path, ...]:
    """A DICOM slide's other levels lie beside it: readers of one file look for them."""
    return (path, path.parent)


def _files(folder: Path) -> Iterator[Path]:
    """The DICOM files right in a folder, by name; other files are not looked at."""
    found = 0
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.is_symlink():
            continue
        with path.open("rb") as file:
            is_dicom = file.read(132)[128:] == b"DICM"
        if is_dicom:
            found += 1
            if found > MAXIMUM_FILES:
                raise SlideError(f"it has more than {MAXIMUM_FILES} files.", place=folder.name)
            yield path


def _slide(candidate: Candidate, pairs: Sequence[tuple[Instance, ByteSource]]) -> VendorSlide:
    sources = {id(instance.header): source for instance, source in pairs}
    instances = [instance for instance, _ in pairs]
    _check_same(instances, candidate.place)
    volume = order_levels(instances)
    if not volume:
        raise SlideError(
            "no instance holds the slide's tissue.",
            place=f"{candidate.place} (0008,0008)",
            rule="Image Type value 3 is VOLUME",
            remedy="Hand over the folder of all instances of the slide.",
        )
    strange = [each for each in instances if find_flavour(each.header) is None]
    _check_small(strange, volume[0])
    levels = tuple(DicomLevel(each, sources[id(each.header)]) for each in volume)
    finest = volume[0].level
    has_scale = finest.mpp_x > 0 and finest.mpp_y > 0
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(instances)),
        fields=tuple(_fields(instances)),
        mpp=(finest.mpp_x, finest.mpp_y) if has_scale else None,
        profile=_profile(volume[0].header),
        remarks=(*_remarks(levels), *_left_out(strange, candidate.place)),
        describe=_scanner,
    )


def _remarks(levels: Sequence[DicomLevel]) -> Iterator[str]:
    for level in levels:
        yield from level.remarks
    if levels[0].contradicts_itself:
        yield (
            f"{levels[0].place}: it declares RGB, but its JPEG streams say YCbCr (JFIF); "
            "the declaration was followed, as OpenSlide does: look at its colours."
        )


def _left_out(strange: Sequence[Instance], place: str) -> Iterator[str]:
    """Told by size: remarks go on into the report, and names of files may carry people's."""
    for each in strange:
        yield (
            f"{place}: an instance of {each.level.columns} × {each.level.rows} pixels, whose Image "
            "Type (0008,0008) names no flavour of a slide, was left out."
        )


def _check_small(strange: Sequence[Instance], finest: Instance) -> None:
    """What is to be left out is smaller than the finest level, or it may be the finest level."""
    for each in strange:
        columns, rows = each.level.columns, each.level.rows
        if columns >= finest.level.columns or rows >= finest.level.rows:
            raise SlideError(
                "Image Type names no flavour of a slide, and it is no smaller than the finest "
                f"level: {columns} × {rows} pixels.",
                place=f"{each.place} (0008,0008)",
                rule="PS3.3 C.8.12.4.1.1: VOLUME, LABEL, OVERVIEW or THUMBNAIL",
                remedy="Take this instance out of the folder, or export the slide again.",
            )


def _check_same(instances: Sequence[Instance], place: str) -> None:
    series = {str(each.header.get("SeriesInstanceUID", "")) for each in instances}
    if len(series) > 1:
        raise SlideError(
            f"its files belong to {len(series)} series.",
            place=f"{place} (0020,000E)",
            rule="one series is one slide",
            remedy="Hand over one folder a slide.",
        )


def _associated(instances: Sequence[Instance]) -> Iterator[Associated]:
    for each in instances:
        if each.flavour is not Flavour.VOLUME:
            yield Associated(each.flavour, each.place, each.level.columns, each.level.rows)


def _fields(instances: Sequence[Instance]) -> Iterator[Field]:
    for instance in instances:
        yield from _walk(instance.header.file_meta, instance.place)
        yield from _walk(instance.header, instance.place)


def _walk(dataset: Dataset, place: str) -> Iterator[Field]:
    """Every element, those inside sequences too; a sequence is named by what lies in it."""
    for element in dataset:
        if element.tag.group == 0x0002 and not hasattr(dataset, "MediaStorageSOPClassUID"):
            continue
        where = f"{place} ({element.tag.group:04x},{element.tag.element:04x})"
        if element.VR == "SQ":
            for item in element.value:
                yield from _walk(item, place)
        else:
            yield Field(where, _field_name(element), _shown(element))


def _field_name(element: DataElement) -> str:
    group, number = element.tag.group, element.tag.element
    keyword = "" if element.tag.is_private else element.keyword
    return f"DICOM.{keyword or f'({group:04x},{number:04x})'}"


def _shown(element: DataElement) -> str:
    """The value's text; of binary values only what reads as text, for the scan to look for."""
    value = element.value
    if element.VR in _BINARY:
        is_profile = element.keyword == "ICCProfile"
        raw = bytes(value) if isinstance(value, bytes | bytearray) and not is_profile else b""
        text = raw[:MAXIMUM_VALUE].rstrip(b"\0 ").decode("latin-1")
        return text if text.isprintable() else ""
    if value is None:
        return ""
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return "\\".join(str(part) for part in parts)[:MAXIMUM_VALUE]


def _profile(header: Dataset) -> tuple[str, bytes] | None:
    paths = header.get("OpticalPathSequence", None)
    data = paths[0].get("ICCProfile", None) if paths else None
    return ("DICOM.ICCProfile", bytes(data)) if data else None


def _scanner(kept: Mapping[str, str]) -> Scanner:
    power = kept.get("DICOM.ObjectiveLensPower", "")
    return Scanner(
        manufacturer=kept.get("DICOM.Manufacturer", ""),
        model=kept.get("DICOM.ManufacturerModelName", ""),
        serial=kept.get("DICOM.DeviceSerialNumber", ""),
        software=kept.get("DICOM.SoftwareVersions", ""),
        magnification=float(power) if power.replace(".", "", 1).isdigit() else None,
    )


VENDOR = Vendor("dicom", recognises, open_dicom, (".dcm",), _belongings)
