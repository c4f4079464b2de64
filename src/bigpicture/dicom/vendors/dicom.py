"""DICOM whole-slide images: one instance, or a folder of the instances of one slide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from pydicom.dataset import Dataset

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.dicom_doubts import doubts
from bigpicture.dicom.dicom_fields import fields_of
from bigpicture.dicom.dicom_level import DicomLevel
from bigpicture.dicom.dicom_optics import describe_paths, is_fluorescence
from bigpicture.dicom.dicom_parts import Parts, join_levels
from bigpicture.dicom.frame_order import plane_spacing
from bigpicture.dicom.picture import draw_level
from bigpicture.dicom.placement import find_placement
from bigpicture.dicom.read import Instance, find_flavour, read_instance
from bigpicture.dicom.slide import (
    Associated,
    OpenedSlide,
    Pixels,
    Scanner,
    VendorSlide,
)
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.model.source import ByteSource

MAXIMUM_FILES = 4096
_DIRECTORY = b"1.2.840.10008.1.3.10"
"""SOP class of a DICOMDIR: an index of a medium, which a folder may still contain."""


def recognises(candidate: Candidate) -> bool:
    if candidate.source is None:
        return any(True for _ in _files(candidate.path))
    return candidate.head[128:132] == b"DICM"


def open_dicom(candidate: Candidate) -> VendorSlide:
    """Open an instance or a folder; raises `SlideError` where it is not one slide."""
    try:
        return _slide(candidate, list(_instances(candidate)))
    except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
        # pydicom gives what stands there: several values for one, text for a sequence.
        raise SlideError(
            f"the header holds a value of another kind than it should ({type(error).__name__}).",
            place=candidate.place,
            remedy="It is damaged: export it again.",
        ) from error


def _instances(candidate: Candidate) -> Iterator[tuple[Instance, ByteSource]]:
    if candidate.source is not None:
        yield read_instance(candidate.source, place=candidate.place), candidate.source
        return
    for path in _files(candidate.path):
        source = candidate.open(path)
        place = f"{candidate.place}/{path.name}"
        # What is of no known flavour may show the label: it counts as an overview and is dropped.
        yield read_instance(source, place=place, otherwise=Flavour.OVERVIEW), source


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
            head = file.read(512)
        if head[128:132] == b"DICM" and _DIRECTORY not in head:
            found += 1
            if found > MAXIMUM_FILES:
                raise SlideError(
                    f"it has more than {MAXIMUM_FILES} files.",
                    place=folder.name,
                    remedy="It is damaged: copy it again from its origin, or export it again.",
                )
            yield path


def _slide(candidate: Candidate, pairs: Sequence[tuple[Instance, ByteSource]]) -> VendorSlide:
    sources = {id(instance.header): source for instance, source in pairs}
    instances = [instance for instance, _ in pairs]
    _check_same(instances, candidate.place)
    volume = [each for each in instances if each.flavour is Flavour.VOLUME]
    joined = join_levels(volume, place=candidate.place)
    if not joined:
        raise SlideError(
            "no instance holds the slide's tissue.",
            place=f"{candidate.place} (0008,0008)",
            rule="Image Type value 3 is VOLUME",
            remedy="Hand over the folder of all instances of the slide.",
        )
    finest = joined[0].first
    strange = [each for each in instances if find_flavour(each.header) is None]
    _check_small(strange, finest)
    levels = tuple(
        DicomLevel(parts, tuple(sources[id(each.header)] for each in parts.instances))
        for parts in joined
    )
    remarks = [remark for level in levels for remark in level.remarks]
    has_scale = finest.level.mpp_x > 0 and finest.level.mpp_y > 0
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(pairs)),
        fields=tuple(fields_of(instances)),
        mpp=(finest.level.mpp_x, finest.level.mpp_y) if has_scale else None,
        profile=_profile(finest.header),
        remarks=(
            *remarks,
            *doubts(levels, candidate.place),
            *_left_out(strange, candidate.place),
        ),
        describe=_scanner,
        describe_channels=describe_paths(_paths(joined[0])),
        plane_spacing=_plane_spacing(joined[0]),
        placement=find_placement(finest),
    )


def _paths(finest: Parts) -> list[Dataset]:
    """What is said of each channel, in the order of the frames.

    Nothing of a colour slide, unless its light came from fluorophores.
    """
    told = [finest.paths.get(name, Dataset()) for name in finest.order.paths]
    is_told = finest.first.samples == 1 or (bool(told) and all(map(is_fluorescence, told)))
    return told if is_told else []


def _plane_spacing(finest: Parts) -> float:
    """As stated, else the same step between all planes' heights, else 0."""
    heights = finest.order.heights
    if len(heights) < 2:
        return 0.0
    steps = [upper - lower for lower, upper in pairwise(heights)]
    stated = plane_spacing(finest.first)
    is_even = max(steps) - min(steps) <= 0.01 * max(steps)
    is_told = finest.order.slots is not None and is_even
    return stated or (round(steps[0], 3) if is_told else 0.0)


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
    """One series, one glass, one pyramid, and no instance twice."""
    volume = [each for each in instances if each.flavour is Flavour.VOLUME]
    for keyword, where, what, among in (
        ("SeriesInstanceUID", "(0020,000E)", "series", instances),
        ("ContainerIdentifier", "(0040,0512)", "slides", volume),
        ("PyramidUID", "(0008,0019)", "pyramids", volume),
    ):
        told = {str(each.header.get(keyword, None) or "") for each in among}
        # Not all of a slide's instances say it; one series they must be.
        if len(told if among is instances else told - {""}) > 1:
            raise SlideError(
                f"its files belong to {len(told)} {what}.",
                place=f"{place} {where}",
                rule="one series, one glass and one pyramid is one slide",
                remedy="Hand over one folder a slide.",
            )
    _check_twice(instances)


def _check_twice(instances: Sequence[Instance]) -> None:
    seen: dict[str, str] = {}
    for each in instances:
        uid = str(each.header.get("SOPInstanceUID", None) or each.place)
        if uid in seen:
            raise SlideError(
                "the same instance stands in two files.",
                place=f"{seen[uid]}, {each.place} (0008,0018)",
                rule="each instance once",
                remedy="Take one of the two out of the folder.",
            )
        seen[uid] = each.place


def _associated(pairs: Sequence[tuple[Instance, ByteSource]]) -> Iterator[Associated]:
    for each, source in pairs:
        if each.flavour is not Flavour.VOLUME:
            sides = each.level.columns, each.level.rows
            yield Associated(each.flavour, each.place, *sides, partial(_draw, each, source))


def _draw(instance: Instance, source: ByteSource) -> Pixels:
    (parts,) = join_levels([instance], place=instance.place)
    return draw_level(DicomLevel(parts, (source,)))


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
        magnification=float(power) if power.replace(".", "", 1).isdecimal() else None,
    )


VENDOR = Vendor("dicom", recognises, open_dicom, (".dcm",), _belongings)
