"""Hamamatsu NDPI, and NDPIS, a set of NDPI files that are the channels of one slide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import isfinite
from pathlib import Path

import numpy as np

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.glass import placement
from bigpicture.dicom.key_file import has_group, read_key_file
from bigpicture.dicom.ndpi_fields import directory_fields
from bigpicture.dicom.ndpi_file import STARTS, STARTS_HIGH, NdpiDirectory, is_ndpi, read_ndpi
from bigpicture.dicom.picture import draw_level
from bigpicture.dicom.restart import MAXIMUM_INTERVALS, JpegStream, Starts
from bigpicture.dicom.restart_level import Mosaic, RestartLevel, remarks, restart_level
from bigpicture.dicom.scale import Mpp, resolution_mpp, scale_remarks
from bigpicture.dicom.slide import (
    Associated,
    Channel,
    ChannelsOf,
    OpenedSlide,
    Pixels,
    Scanner,
    VendorSlide,
)
from bigpicture.dicom.tiff_pyramid import associated_image, is_reduction, size, tiff_level
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

SET = "NanoZoomer Digital Pathology Image Set"
MAXIMUM_CHANNELS = 64

LENS, OFFSET_X, OFFSET_Y, FOCUS = 65421, 65422, 65423, 65424
FILTER, WAVELENGTH = 65434, 65451
MAP_LENS = -2
"""Of the map of where tissue is; the overview has -1."""
_MODEL, _SOFTWARE = 272, 305
_JPEG, _JPEG_XR = 7, 22610

_SCANNER_SOFTWARE = re.compile(r"NDP\.\w+(?: [\d.]+)?")
_BETWEEN = " | "


@dataclass(frozen=True)
class _File:
    """One NDPI file; `scans` are those of its directories that show the tissue."""

    place: str
    directories: tuple[NdpiDirectory, ...]

    @property
    def scans(self) -> tuple[NdpiDirectory, ...]:
        return tuple(each for each in self.directories if _float(each, LENS) > 0)

    @property
    def base(self) -> NdpiDirectory:
        return max(self.scans, key=size)

    def planes(self) -> dict[tuple[int, int], dict[int, NdpiDirectory]]:
        """By size, the largest first, the directory of each focal plane, the lowest first."""
        found: dict[tuple[int, int], dict[int, NdpiDirectory]] = {}
        for directory in sorted(self.scans, key=lambda each: each.number(FOCUS, 0)):
            planes = found.setdefault(size(directory), {})
            if directory.number(FOCUS, 0) in planes:
                raise SlideError(
                    "two images have one size and one focal plane.",
                    place=directory.place,
                    remedy="Export the slide again from its scanner's software.",
                )
            planes[directory.number(FOCUS, 0)] = directory
        return dict(sorted(found.items(), reverse=True))


def recognises(candidate: Candidate) -> bool:
    source = candidate.source
    return source is not None and (
        has_group(candidate.head, SET) or is_ndpi(source, candidate.head)
    )


def open_ndpi(candidate: Candidate) -> VendorSlide:
    """Open an NDPI or a set of them; raises `SlideError` where one is damaged or of another kind.

    A file holds a pyramid, each level of it once for each focal plane.
    """
    source = candidate.source
    assert source is not None
    if has_group(candidate.head, SET):
        named = [*_listed(candidate)]
        files = [_read(candidate.beside(name), f"{candidate.place} {key}") for key, name in named]
        fields = [*_set_fields(candidate)]
    else:
        files, fields = [_read(source, candidate.place)], []
    return _slide(candidate.place, files, fields)


def _slide(place: str, files: Sequence[_File], fields: Sequence[Field]) -> VendorSlide:
    levels, told = _levels(files)
    base = files[0].base
    mpp = _mpp(files)
    offset = (_float(base, OFFSET_X), _float(base, OFFSET_Y))
    is_placed = OFFSET_X in base.tags and OFFSET_Y in base.tags
    spacing, uneven = _spacing(files[0])
    return OpenedSlide(
        format=VENDOR.format,
        place=place,
        levels=levels,
        associated=tuple(each for file in files for each in _associated(file)),
        fields=(*fields, *_fields(files)),
        mpp=mpp,
        profile=None,
        remarks=(*told, *uneven, *remarks(levels), *scale_remarks(mpp, place)),
        describe=_scanner,
        describe_channels=_channels(len(files) if _is_fluorescence(files, levels[0]) else 0),
        plane_spacing=spacing,
        placement=placement(offset, size(base), mpp) if is_placed else None,
    )


def _read(source: FileSource, place: str) -> _File:
    directories = read_ndpi(source, place=place).directories
    file = _File(place, tuple(each for each in directories if isinstance(each, NdpiDirectory)))
    if not file.scans:
        raise SlideError(
            "it has no image of tissue, only of the whole glass.",
            place=place,
            remedy="Copy it again from its origin.",
        )
    for directory in file.scans:
        _check(directory, file.base)
    return file


def _check(directory: NdpiDirectory, base: NdpiDirectory) -> None:
    compression = directory.number(259, 0)
    if compression != _JPEG:
        name = "JPEG XR, 16 bits deep" if compression == _JPEG_XR else f"number {compression}"
        raise SlideError(
            f"its compression is {name}, which this release does not read.",
            place=directory.place,
            rule="JPEG",
            remedy="Export the slide as DICOM, or as 8-bit JPEG, from the scanner's software.",
        )
    if size(directory) != size(base) and not is_reduction(directory, base):
        raise SlideError(
            "it is not a smaller image of what the largest one shows.",
            place=directory.place,
            remedy="The file is damaged: copy it again from its origin.",
        )
    if any(code not in directory.tags or directory.tags[code].count != 1 for code in (273, 279)):
        raise directory.damaged("its image is not in one piece")


def _levels(files: Sequence[_File]) -> tuple[tuple[RestartLevel, ...], list[str]]:
    """The levels, and a sentence for each that lacks focal planes of the base and is left out."""
    found = [file.planes() for file in files]
    sizes = list(found[0])
    wanted = list(found[0][sizes[0]])
    levels: list[RestartLevel] = []
    told: list[str] = []
    for file, each in zip(files, found, strict=True):
        if list(each) != sizes or list(each[sizes[0]]) != wanted:
            raise SlideError(
                "its image sizes or focal planes are others than those of the first channel.",
                place=file.place,
                remedy="A file of the set belongs to another slide: copy the set again.",
            )
    for each in sizes:
        scans = [file[each] for file in found]
        place = next(iter(scans[0].values())).place
        if any(list(planes) != wanted for planes in scans):
            told.append(f"{place}: it lacks focal planes of level 0; it was left out.")
            continue
        layers = [Mosaic(((_stream(scan),),)) for planes in scans for scan in planes.values()]
        level = restart_level(layers, planes=len(wanted), paths=len(files), place=place)
        levels.append(level)
    return tuple(levels), told


def _stream(directory: NdpiDirectory) -> JpegStream:
    return JpegStream(
        directory.source,
        offset=directory.wide(273),
        length=directory.wide(279),
        place=directory.place,
        size=size(directory),
        listed=_starts(directory),
    )


def _starts(directory: NdpiDirectory) -> Starts | None:
    """The positions of restart intervals that the file lists; empty where the list is none."""
    tag, upper = directory.tags.get(STARTS), directory.tags.get(STARTS_HIGH)
    if tag is None:
        return None
    if tag.type != 4 or tag.count > MAXIMUM_INTERVALS:
        return np.empty(0, np.uint64)
    starts = directory.numbers(STARTS).astype(np.uint64)
    if upper is not None and (upper.type, upper.count) == (4, tag.count):
        starts |= directory.numbers(STARTS_HIGH).astype(np.uint64) << np.uint64(32)
    return starts


def _spacing(file: _File) -> tuple[float, list[str]]:
    """Micrometres between focal planes, whose places are in nanometres; 0 where they are uneven."""
    places = list(next(iter(file.planes().values())))
    steps = {following - place for place, following in pairwise(places)}
    if len(steps) > 1:
        return 0.0, [f"{file.place}: its focal planes are not evenly spaced."]
    return steps.pop() / 1000 if steps else 0.0, []


def _mpp(files: Sequence[_File]) -> Mpp | None:
    found = [resolution_mpp(file.base) for file in files]
    for file, mpp in zip(files, found, strict=True):
        if mpp != found[0]:
            raise SlideError(
                "its scale is another than that of the first channel.",
                place=file.place,
                remedy="A file of the set belongs to another slide: copy the set again.",
            )
    return found[0]


def _associated(file: _File) -> Iterator[Associated]:
    for directory in file.directories:
        if directory not in file.scans:
            is_map = _float(directory, LENS) == MAP_LENS
            flavour = Flavour.THUMBNAIL if is_map else Flavour.OVERVIEW
            yield replace(associated_image(directory, flavour), draw=partial(_draw, directory))


def _draw(directory: NdpiDirectory) -> Pixels:
    if directory.number(259, 0) != _JPEG:  # a map is not compressed
        return draw_level(tiff_level(directory))
    return draw_level(restart_level([Mosaic(((_stream(directory),),))], place=directory.place))


def _float(directory: NdpiDirectory, code: int) -> float:
    values = directory.numbers(code)
    value = float(values[0]) if len(values) else 0.0
    return value if isfinite(value) else 0.0


def _listed(candidate: Candidate) -> Iterator[tuple[str, str]]:
    """Key and file name of each image of a set, in the order of their numbers."""
    assert candidate.source is not None
    entries = read_key_file(candidate.source, place=candidate.place)
    found = {each.key: each.value for each in entries if each.group == SET}
    count = found.get("NoImages", "")
    if not re.fullmatch("[0-9]{1,9}", count) or not 1 <= int(count) <= MAXIMUM_CHANNELS:
        raise SlideError(
            "it does not say how many images it has.",
            place=candidate.place,
            rule=f"NoImages, 1 to {MAXIMUM_CHANNELS}",
            remedy="Copy the set again from its origin.",
        )
    for number in range(int(count)):
        if not found.get(f"Image{number}"):
            raise SlideError(
                f"it does not name its image {number}.",
                place=candidate.place,
                remedy="Copy the set again from its origin.",
            )
        yield f"Image{number}", found[f"Image{number}"]


def _set_fields(candidate: Candidate) -> Iterator[Field]:
    assert candidate.source is not None
    for group, key, value in read_key_file(candidate.source, place=candidate.place):
        name = "Set.Image" if key.removeprefix("Image").isdecimal() else f"Set.{key or 'Text'}"
        place = f"{candidate.place} {name}"
        yield Field(place, f"Hamamatsu.{name}" if group == SET else "Hamamatsu.Set.Group", value)


def _fields(files: Sequence[_File]) -> Iterator[Field]:
    base = files[0].base
    # Of kept values only the first of a name is handed on, so channels are told in one.
    room = 240 // len(files)
    filters = [file.base.text(FILTER).strip()[:room] for file in files]
    if any(filters):
        yield Field(f"{base.place} filters", "Hamamatsu.Filters", _BETWEEN.join(filters))
    lengths = [f"{_float(file.base, WAVELENGTH):g}" for file in files]
    yield Field(f"{base.place} wavelengths", "Hamamatsu.Wavelengths", " ".join(lengths))
    yield Field(f"{base.place} Model", "Hamamatsu.Model", base.text(_MODEL).strip())
    software = base.text(_SOFTWARE).strip()
    if _SCANNER_SOFTWARE.fullmatch(software):
        yield Field(f"{base.place} Software", "Hamamatsu.Software", software)
    for file in files:
        for directory in file.directories:
            yield from directory_fields(directory)


def _scanner(kept: Mapping[str, str]) -> Scanner:
    return Scanner(
        manufacturer="Hamamatsu",
        model=kept.get("Hamamatsu.Model", ""),
        serial=kept.get("Hamamatsu.ScannerSerialNumber")
        or kept.get("Hamamatsu.Properties.NDP.S/N", ""),
        software=kept.get("Hamamatsu.Software", ""),
        magnification=_number(kept.get("Hamamatsu.SourceLens", "")),
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and value > 0 else None


def _is_fluorescence(files: Sequence[_File], level: RestartLevel) -> bool:
    is_filtered = any(file.base.text(FILTER) or _float(file.base, WAVELENGTH) for file in files)
    return is_filtered or len(files) > 1 or level.stack.samples == 1


def _channels(count: int) -> ChannelsOf:
    """What tells the channels of `count` files, from the fields that hold them side by side."""

    def describe(kept: Mapping[str, str], /) -> Sequence[Channel]:
        dyes = kept.get("Hamamatsu.Filters", "").split(_BETWEEN)
        lengths = kept.get("Hamamatsu.Wavelengths", "").split()
        return [
            Channel(
                dye=dyes[number] if len(dyes) == count else "",
                emission=_number(lengths[number]) if len(lengths) == count else None,
            )
            for number in range(count)
        ]

    return describe


def belongings(path: Path) -> tuple[Path, ...]:
    """An NDPI is alone; the files of a set begin as the set's name does."""
    if path.suffix.lower() != ".ndpis" or not path.parent.is_dir():
        return (path,)
    others = (each for each in sorted(path.parent.iterdir()) if each != path)
    return (path, *(each for each in others if _belongs(each, path.stem)))


def _belongs(path: Path, stem: str) -> bool:
    return (
        path.suffix.lower() == ".ndpi"
        and path.is_file()
        and path.name.startswith(stem)
        and not path.name[len(stem) :][:1].isalnum()
    )


VENDOR = Vendor("hamamatsu-ndpi", recognises, open_ndpi, (".ndpi", ".ndpis"), belongings)
