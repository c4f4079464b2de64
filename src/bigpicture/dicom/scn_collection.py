"""The collection that a Leica SCN file describes: its images, where they lie and what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from bigpicture.dicom.markup import Markup
from bigpicture.model.errors import SlideError

MAXIMUM_NANOMETRES = 1_000_000_000
"""A metre: no slide is longer, and no place on it further off."""

_NUMBER = re.compile(r"-?\d{1,10}")
_FILTER = re.compile(r"(?:BP)?\s*(\d{3,4}(?:\.\d+)?)\s*/\s*\d+(?:\.\d+)?")
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{6})")


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle on the glass in nanometres, from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """The image of one resolution, focal plane `z` and channel `c`: its directory and size."""

    columns: int
    rows: int
    z: int
    c: int
    directory: int


@dataclass(frozen=True, slots=True)
class FilterCube:
    """A channel's cube; wavelengths (nm) are the middles of its filters, `BP 405/60` 405."""

    index: int
    name: str = ""
    colour: tuple[int, int, int] | None = None
    excitation: float | None = None
    emission: float | None = None


@dataclass
class ScnImage:
    """One image of the collection: the overview, or a region that was scanned."""

    place: str
    view: View | None = None
    dimensions: list[Dimension] = field(default_factory=list["Dimension"])
    cubes: list[FilterCube] = field(default_factory=list["FilterCube"])
    illumination: str = ""
    objective: str = ""
    model: str = ""
    version: str = ""
    spacing: float = 0.0
    """Nanometres from one focal plane to the next, 0 where it is not told."""


@dataclass(frozen=True, slots=True)
class ScnCollection:
    """All images of a file, in its order, with the size of the glass in nanometres."""

    width: int
    height: int
    images: tuple[ScnImage, ...]

    def is_overview(self, image: ScnImage) -> bool:
        """Whether it shows the whole glass, and with it the label."""
        return image.view == View(0, 0, self.width, self.height)


def read_collection(markup: Sequence[Markup], *, place: str) -> ScnCollection:
    """What the XML describes; raises `SlideError` where its numbers or parts are missing."""
    glass = next((each for each in markup if each.name == "collection"), None)
    if glass is None:
        raise _damaged("it describes no collection of images", place)
    images: list[ScnImage] = []
    for element in markup:
        if element.name == "image" and element.parent == "collection":
            images.append(ScnImage(f"{place} line {element.line}"))
        elif images:
            _read_part(images[-1], element)
    for image in images:
        if image.view is None:
            raise _damaged("an image does not say where it lies", image.place)
    width, height = (_length(glass, side, place) for side in ("sizeX", "sizeY"))
    return ScnCollection(width, height, tuple(images))


def _read_part(image: ScnImage, element: Markup) -> None:
    """Add what one element says to the image it belongs to."""
    told, text = element.attributes, element.text.strip()
    match element.name, element.parent:
        case "view", "image":
            image.view = _view(element, image.place)
            image.spacing = _spacing(told)
        case "dimension", "pixels":
            image.dimensions.append(_dimension(element, image.place))
        case "device", "image":
            image.model, image.version = told.get("model", ""), told.get("version", "")
        case "objective", _:
            image.objective = text
        case "illuminationSource", _:
            image.illumination = text
        case "channel", "channelSettings":
            index = _number(told, "index", image.place, len(image.cubes))
            image.cubes.append(FilterCube(index, colour=_colour(told.get("rgb", ""))))
        case name, "fluorescenceCube" if image.cubes:
            image.cubes[-1] = _with_filter(image.cubes[-1], name, text)
        case _:
            pass


def _view(element: Markup, place: str) -> View:
    told = element.attributes
    return View(
        _number(told, "offsetX", place, 0),
        _number(told, "offsetY", place, 0),
        _length(element, "sizeX", place),
        _length(element, "sizeY", place),
    )


def _dimension(element: Markup, place: str) -> Dimension:
    told = element.attributes
    return Dimension(
        _number(told, "sizeX", place),
        _number(told, "sizeY", place),
        _number(told, "z", place, 0),
        _number(told, "c", place, 0),
        _number(told, "ifd", place),
    )


def _with_filter(cube: FilterCube, name: str, text: str) -> FilterCube:
    short = text if name == "shortName" else cube.name
    excitation = _middle(text) if name == "excitationFilter" else cube.excitation
    emission = _middle(text) if name == "suppressionFilter" else cube.emission
    return FilterCube(cube.index, short, cube.colour, excitation, emission)


def _middle(text: str) -> float | None:
    """The middle of a band-pass filter's band, which its name says before its width."""
    found = _FILTER.fullmatch(text)
    return float(found[1]) if found else None


def _colour(text: str) -> tuple[int, int, int] | None:
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        return None
    red, green, blue = bytes.fromhex(found[1])
    return red, green, blue


def _spacing(told: Mapping[str, str]) -> float:
    try:
        spacing = float(told.get("spacingZ", "0"))
    except ValueError:
        return 0.0
    return spacing if isfinite(spacing) and 0 < spacing < MAXIMUM_NANOMETRES else 0.0


def _length(element: Markup, side: str, place: str) -> int:
    length = _number(element.attributes, side, place)
    if length < 1:
        raise _damaged(f"the {side} of its {element.name} is no length", place)
    return length


def _number(told: Mapping[str, str], name: str, place: str, absent: int | None = None) -> int:
    text = told.get(name, "" if absent is None else str(absent)).strip()
    if not _NUMBER.fullmatch(text) or abs(int(text)) > MAXIMUM_NANOMETRES:
        raise _damaged(f"its {name} is no number that can be", place)
    return int(text)


def _damaged(what: str, place: str) -> SlideError:
    return SlideError(
        f"the description of the slide is damaged: {what}.",
        place=place,
        remedy="Copy the file again from its origin, or export it again.",
    )
