"""Hamamatsu VMS: a text file that names JPEG images laid side by side, and a smaller one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.glass import placement
from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.key_file import has_group, read_key_file
from bigpicture.dicom.picture import MOST_PIXELS, draw_jpeg
from bigpicture.dicom.restart import HEAD_BYTES, JpegStream
from bigpicture.dicom.restart_level import Mosaic, RestartLevel, remarks, restart_level
from bigpicture.dicom.scale import credible, scale_remarks
from bigpicture.dicom.slide import Associated, Channel, OpenedSlide, Pixels, Scanner, VendorSlide
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

GROUP = "Virtual Microscope Specimen"
UNCOMPRESSED = "Uncompressed Virtual Microscope Specimen"
MAXIMUM_IMAGES = 4096
MAXIMUM_LAYERS = 256

_IMAGE = re.compile(r"ImageFile(?:\(([0-9]{1,9}(?:,[0-9]{1,9}){0,2})\))?")


@dataclass(frozen=True)
class _Index:
    """What the VMS file says: its keys' values, and the file of each (layer, row, column)."""

    place: str
    values: Mapping[str, str]
    images: Mapping[tuple[int, int, int], str]
    shape: tuple[int, int, int]

    def number(self, key: str) -> float:
        """A number as the scanner writes it, some with a semicolon behind; 0 where it is none."""
        try:
            value = float(self.values.get(key, "").rstrip("; "))
        except ValueError:
            return 0.0
        return value if isfinite(value) else 0.0


def recognises(candidate: Candidate) -> bool:
    return candidate.source is not None and has_group(candidate.head, GROUP, UNCOMPRESSED)


def open_vms(candidate: Candidate) -> VendorSlide:
    """Open a VMS; raises `SlideError` where a file of it is missing, damaged or of another kind.

    The images are cut at their restart markers, which are searched for: the list of them that
    lies beside (`.opt`) is not of all of them, and cannot be relied on.
    """
    if has_group(candidate.head, UNCOMPRESSED):
        raise SlideError(
            "this is a Hamamatsu VMU slide, which this release does not read.",
            place=candidate.place,
            rule="VMS, whose images are JPEG; those of VMU are uncompressed (NGR)",
            remedy="Export it from the scanner's software as NDPI or DICOM.",
        )
    assert candidate.source is not None
    index = _index(candidate.source, candidate.place)
    base = _base(candidate, index)
    levels, told = _levels(candidate, index, base)
    mpp = credible(
        index.number("PhysicalWidth") / 1000 / base.columns,
        index.number("PhysicalHeight") / 1000 / base.rows,
    )
    is_placed = {"XOffsetFromSlideCentre", "YOffsetFromSlideCentre"} <= index.values.keys()
    offset = index.number("XOffsetFromSlideCentre"), index.number("YOffsetFromSlideCentre")
    spacing = index.number("LayerSpacing") / 1000
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(candidate, index)),
        fields=tuple(_fields(candidate.source, candidate.place)),
        mpp=mpp,
        profile=None,
        remarks=(*told, *remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
        describe_channels=lambda _: [Channel()] if base.stack.samples == 1 else [],
        plane_spacing=spacing if index.shape[0] > 1 and spacing > 0 else 0.0,
        placement=placement(offset, (base.columns, base.rows), mpp) if is_placed else None,
    )


def _index(source: FileSource, place: str) -> _Index:
    values: dict[str, str] = {}
    images: dict[tuple[int, int, int], str] = {}
    for group, key, value in read_key_file(source, place=place):
        if group != GROUP:
            continue
        found = _IMAGE.fullmatch(key)
        at = _position(found[1]) if found else None
        if key in values or at in images:
            raise _wrong(place, "it says one thing twice", "each key once")
        if at is None:
            values[key] = value
        else:
            images[at] = value
    shape = (
        _count(values.get("NoLayers", "1"), MAXIMUM_LAYERS, place),
        _count(values.get("NoJpegRows", ""), MAXIMUM_IMAGES, place),
        _count(values.get("NoJpegColumns", ""), MAXIMUM_IMAGES, place),
    )
    layers, rows, columns = shape
    if layers * rows * columns > MAXIMUM_IMAGES or len(images) != layers * rows * columns:
        raise _wrong(place, "it names more or fewer images than it says", "one for each place")
    if any(at[0] >= layers or at[1] >= rows or at[2] >= columns for at in images):
        raise _wrong(place, "it names an image at a place that it does not have", "all inside")
    return _Index(place, values, images, shape)


def _position(numbers: str | None) -> tuple[int, int, int]:
    """Layer, row and column of `ImageFile(layer,column,row)`, of which leading ones may lack."""
    parts = [int(number) for number in numbers.split(",")] if numbers else []
    if len(parts) == 1:
        return parts[0], 0, 0
    layer, column, row = [0] * (3 - len(parts)) + parts
    return layer, row, column


def _count(text: str, most: int, place: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise _wrong(place, "it does not say how many images it has", f"1 to {most}")
    return int(text)


def _wrong(place: str, what: str, rule: str) -> SlideError:
    return SlideError(
        f"{what}.",
        place=place,
        rule=rule,
        remedy="The file is damaged: copy the slide again from its origin.",
    )


def _base(candidate: Candidate, index: _Index) -> RestartLevel:
    layers, rows, columns = index.shape
    mosaics = [
        Mosaic(
            tuple(
                tuple(_stream(candidate, index, (layer, row, column)) for column in range(columns))
                for row in range(rows)
            )
        )
        for layer in range(layers)
    ]
    return restart_level(mosaics, planes=layers, place=f"{candidate.place} images")


def _stream(candidate: Candidate, index: _Index, at: tuple[int, int, int]) -> JpegStream:
    place = f"{candidate.place} image {at[0]},{at[2]},{at[1]}"
    return JpegStream(candidate.beside(index.images[at]), place=place)


def _levels(
    candidate: Candidate, index: _Index, base: RestartLevel
) -> tuple[tuple[RestartLevel, ...], list[str]]:
    """Level 0 and the map, where there is one; it shows one focal plane only."""
    name = index.values.get("MapFile")
    if not name:
        return (base,), [f"{candidate.place}: it has no map, the smaller image."]
    place = f"{candidate.place} map"
    if index.shape[0] > 1:
        return (base,), [f"{place}: it has one focal plane only; it was left out."]
    level = restart_level([Mosaic(((JpegStream(candidate.beside(name), place=place),),))],
                          place=place)  # fmt: skip
    is_like = level.stack.samples == base.stack.samples
    if not is_like or level.columns >= base.columns or level.rows >= base.rows:
        return (base,), [f"{place}: it is no smaller image of its kind; it was left out."]
    return (base, level), []


def _associated(candidate: Candidate, index: _Index) -> Iterator[Associated]:
    name = index.values.get("MacroImage")
    if name:
        source = candidate.beside(name)
        place = f"{candidate.place} MacroImage"
        head = read_head(source.read(0, min(HEAD_BYTES, source.size)), place=place)
        yield Associated(
            Flavour.OVERVIEW, place, head.columns, head.rows, partial(_draw, source, place)
        )


def _draw(source: FileSource, place: str) -> Pixels:
    return draw_jpeg(source.read(0, min(source.size, MOST_PIXELS)), place=place)


def _fields(source: FileSource, place: str) -> Iterator[Field]:
    for group, key, value in read_key_file(source, place=place):
        name = key or "Text"
        if group != GROUP:
            name = "Group"
        elif _IMAGE.fullmatch(key):
            name = "ImageFile"
        yield Field(f"{place} {name}", f"VMS.{name}", value)


def _scanner(kept: Mapping[str, str]) -> Scanner:
    power = kept.get("VMS.SourceLens", "").rstrip("; ")
    return Scanner(
        manufacturer="Hamamatsu",
        model=kept.get("VMS.HardwareModel", ""),
        serial=kept.get("VMS.HardwareSerial", ""),
        magnification=float(power) if power.replace(".", "", 1).isdecimal() else None,
    )


def belongings(path: Path) -> tuple[Path, ...]:
    """The file and those beside it whose names begin as its name does."""
    if not path.parent.is_dir():
        return (path,)
    others = (each for each in sorted(path.parent.iterdir()) if each != path and each.is_file())
    return (path, *(each for each in others if _belongs(each.name, path.stem)))


def _belongs(name: str, stem: str) -> bool:
    return name.startswith(stem) and not name[len(stem) :][:1].isalnum()


VENDOR = Vendor("hamamatsu-vms", recognises, open_vms, (".vms", ".vmu"), belongings)
