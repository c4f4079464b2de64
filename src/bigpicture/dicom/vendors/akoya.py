"""QPTIFF (Akoya, formerly PerkinElmer): a TIFF each image of which is described by their XML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.markup import MAXIMUM_BYTES, Markup, read_markup
from bigpicture.dicom.scale import Mpp, parse_mpp, resolution_mpp, scale_remarks
from bigpicture.dicom.slide import Associated, Channel, OpenedSlide, Scanner, VendorSlide
from bigpicture.dicom.tiff import Directory
from bigpicture.dicom.tiff_pyramid import (
    StackPyramid,
    associated_image,
    build_pyramid,
    build_stacks,
    is_reduction,
    is_tiled,
    missing_remarks,
    size,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.fluorophore import known_fluorophore
from bigpicture.model.image import Flavour

DESCRIPTION = 270
PROFILE = 34675
ROOT = "PerkinElmer-QPI-ImageDescription"
FULL, REDUCED = "FullResolution", "ReducedResolution"

MAXIMUM_CHANNELS = 256
_START = 1 << 12
_ROOT = re.compile(r"[\s\ufeff]*(?:<[?!][^>]*>\s*)*<" + ROOT + r"[\s>/]")
_FLAVOURS = {"Thumbnail": Flavour.THUMBNAIL, "Label": Flavour.LABEL}
_POWER = re.compile(r"(\d+(?:\.\d+)?)\s*x", re.IGNORECASE)
_WITHIN = re.compile(r"[-(]\s*([^-()]+?)\s*\)?$")
"""A dye behind the marker it makes visible: `CD4-AF647`, `PD-1 (Opal 540)`."""


@dataclass(frozen=True)
class Described:
    """A directory with the elements of its description; none where it is not Akoya's."""

    directory: Directory
    markup: tuple[Markup, ...]

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The texts right below the root."""
        return {each.name: each.text.strip() for each in self.markup if each.parent == ROOT}

    @property
    def kind(self) -> str:
        return self.values.get("ImageType", "")


def recognises(candidate: Candidate) -> bool:
    return candidate.tiff is not None and _is_described(candidate.tiff.directories[0])


def _is_described(directory: Directory) -> bool:
    tag = directory.tags.get(DESCRIPTION)
    if tag is None:
        return False
    return (
        _ROOT.match(_decoded(directory.source.read(tag.offset, min(tag.size, _START)))) is not None
    )


def _decoded(raw: bytes) -> str:
    """Their XML says that it is UTF-16; written it is UTF-8, but for what begins with its mark."""
    coding = "utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    return raw.decode(coding, "replace").rstrip("\0")


def open_akoya(candidate: Candidate) -> VendorSlide:
    """Open a QPTIFF; raises `SlideError` where its channels and levels do not fit together."""
    tiff = candidate.tiff
    assert tiff is not None
    described = [_described(each) for each in tiff.directories]
    bases, reduced = _pyramid(described)
    base = bases[0].directory
    levels = _levels(bases, reduced)
    mpp = resolution_mpp(base) or _stated_mpp(described)
    used = {each.directory.place for level in (bases, *reduced) for each in level}
    return OpenedSlide(
        format=VENDOR.format,
        place=candidate.place,
        levels=levels,
        associated=tuple(_associated(described, used)),
        fields=tuple(_fields(described)),
        mpp=mpp,
        profile=("TIFF.InterColorProfile", base.raw(PROFILE)) if PROFILE in base.tags else None,
        remarks=(*missing_remarks(levels), *scale_remarks(mpp, candidate.place)),
        describe=_scanner,
        describe_channels=lambda kept: _channels(bases, kept),
    )


def _described(directory: Directory) -> Described:
    if not _is_described(directory):
        return Described(directory, ())
    place = f"{directory.place} ImageDescription"
    if directory.tags[DESCRIPTION].size > 2 * MAXIMUM_BYTES:
        raise SlideError("its XML is too long.", place=place, remedy="Export the slide again.")
    text = _decoded(directory.raw(DESCRIPTION)).lstrip("\ufeff")
    return Described(directory, tuple(read_markup(text, place=place)))


def _pyramid(described: Sequence[Described]) -> tuple[list[Described], list[list[Described]]]:
    """The images of full resolution, one a channel, and those of each reduced one, in file order.

    Raises `SlideError` where a resolution has other channels than the full one.
    """
    bases = [each for each in described if each.kind == FULL]
    # Written by others, the first image may not say what it is.
    bases = bases or [each for each in described[:1] if not each.kind]
    if not bases or len(bases) > MAXIMUM_CHANNELS:
        raise SlideError(
            f"it has {len(bases)} images of full resolution.",
            place=described[0].directory.place,
            rule=f"one a channel, 1 to {MAXIMUM_CHANNELS}",
            remedy="Export the slide again from the scanner's software.",
        )
    levels: dict[tuple[int, int], list[Described]] = {}
    for each in described:
        if _is_reduced(each, bases[0].directory):
            levels.setdefault(size(each.directory), []).append(each)
    names = [_name(each) for each in bases]
    for level in levels.values():
        if len(level) != len(bases) or any(
            all(pair) and pair[0] != pair[1] for pair in zip(names, map(_name, level), strict=True)
        ):
            raise level[0].directory.damaged("a reduced level has other channels than the full one")
    return bases, list(levels.values())


def _is_reduced(image: Described, base: Directory) -> bool:
    if image.kind and image.kind != REDUCED:
        return False
    is_marked = image.kind == REDUCED or image.directory.number(254, 0) == 1
    return is_marked and is_tiled(image.directory) and is_reduction(image.directory, base)


def _name(image: Described) -> str:
    return "/".join(image.values.get(key, "") for key in ("Name", "Biomarker")).strip("/")


def _levels(bases: Sequence[Described], reduced: Sequence[Sequence[Described]]) -> StackPyramid:
    """Brightfield is one image of three samples, fluorescence one image of one sample a channel."""
    samples = {each.directory.number(277, 1) for each in bases}
    if samples == {3} and len(bases) == 1:
        return build_pyramid([each.directory for level in (bases, *reduced) for each in level])
    if samples != {1}:
        raise SlideError(
            "its images are neither one RGB image nor channels of one sample each.",
            place=bases[0].directory.place,
            rule="brightfield: one image of 3 samples; fluorescence: 1 sample a channel",
            remedy="Export one scan of the slide.",
        )
    images = [
        [level[number].directory for level in (bases, *reduced)] for number in range(len(bases))
    ]
    return build_stacks(images, planes=1, paths=len(bases), is_channel=True)


def _stated_mpp(described: Sequence[Described]) -> Mpp | None:
    """PixelSizeMicrons of the resolution that was scanned with; it is nominal."""
    for image in described:
        for element in image.markup:
            if element.name == "PixelSizeMicrons" and element.parent == "ScanResolution":
                return parse_mpp(element.text)
    return None


def _associated(described: Sequence[Described], used: set[str]) -> Iterator[Associated]:
    for image in described:
        if image.directory.place not in used:
            flavour = _FLAVOURS.get(image.kind, Flavour.OVERVIEW)
            yield associated_image(image.directory, flavour)


def _fields(described: Sequence[Described]) -> Iterator[Field]:
    """Names are those below the root; what lies deeper is told under that name.

    A profile of the scan repeats itself: each of its values is told once.
    """
    told: set[tuple[str, str]] = set()
    for image in described:
        yield from image.directory.fields()
        for field in _markup_fields(image):
            if not field.name.startswith("Akoya.ScanProfile"):
                yield field
            elif (field.name, field.value) not in told:
                told.add((field.name, field.value))
                yield field


def _markup_fields(image: Described) -> Iterator[Field]:
    above = ROOT
    for element in image.markup:
        place = f"{image.directory.place} ImageDescription line {element.line}"
        if element.parent in {"", ROOT}:
            above, name = element.name, f"Akoya.{element.name}"
        else:
            name = f"Akoya.{above}.{element.name}"
        for attribute, value in element.attributes.items():
            yield Field(place, f"{name}@{attribute}", value)
        text = element.text.strip()
        if name == "Akoya.ScanProfile" and text.startswith("{"):
            yield from _json_fields(text, place)
        elif text:
            yield Field(place, name, text)


def _json_fields(text: str, place: str) -> Iterator[Field]:
    """Newer software writes the profile as JSON; each value is told under its own key."""
    try:
        waiting: list[tuple[str, object]] = [("", json.loads(text))]
    except (ValueError, RecursionError) as error:
        raise SlideError(
            "its ScanProfile is no JSON.", place=place, remedy="Export the slide again."
        ) from error
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            for name, inner in cast("dict[str, object]", value).items():
                yield Field(place, "Akoya.ScanProfile@key", name)
                waiting.append((name, inner))
        elif isinstance(value, list):
            waiting.extend((key, inner) for inner in cast("list[object]", value))
        elif value is not None and not isinstance(value, bool):
            yield Field(place, f"Akoya.ScanProfile.{key}", str(value))


def _scanner(kept: Mapping[str, str]) -> Scanner:
    software = kept.get("Akoya.AcquisitionSoftware", "")
    power = _POWER.match(kept.get("Akoya.Objective", "").strip())
    return Scanner(
        manufacturer="Akoya Biosciences",
        model=kept.get("Akoya.InstrumentType") or software.partition(" ")[0],
        software=software,
        magnification=float(power[1]) if power else None,
    )


def _channels(bases: Sequence[Described], kept: Mapping[str, str]) -> Sequence[Channel]:
    """One for each image of one sample, from what the rules keep of every channel."""
    if bases[0].directory.number(277, 1) != 1:
        return ()

    def value(image: Described, key: str) -> str:
        # Values of one name share a rule; the first one among the kept tells that it keeps them.
        first = next((each.values[key] for each in bases if each.values.get(key)), None)
        return image.values.get(key, "") if kept.get(f"Akoya.{key}") == first else ""

    return tuple(
        Channel(
            dye=_dye(value(image, "Name"), value(image, "Biomarker")),
            colour=_colour(value(image, "Color")),
            exposure=_milliseconds(value(image, "ExposureTime")),
        )
        for image in bases
    )


def _dye(name: str, biomarker: str) -> str:
    """A fluorophore out of the name of the filter or the marker, else the name."""
    within = [found[1] for found in map(_WITHIN.search, (name, biomarker)) if found]
    for text in (*within, name, biomarker):
        if known_fluorophore(text):
            return known_fluorophore(text)
    return name


def _colour(text: str) -> tuple[int, int, int] | None:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or not all(part.isdecimal() and len(part) <= 3 for part in parts):
        return None
    red, green, blue = (min(int(part), 255) for part in parts)
    return red, green, blue


def _milliseconds(text: str) -> float | None:
    """Exposure times are written in microseconds."""
    try:
        microseconds = float(text)
    except ValueError:
        return None
    return microseconds / 1000 if 0 < microseconds < 1e12 else None


VENDOR = Vendor("akoya-qptiff", recognises, open_akoya, (".qptiff", ".tif", ".tiff"))
