"""What an Olympus VSI file says of each image whose pixels lie beside it, and how its fields go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import isfinite

from bigpicture.dicom.scale import Mpp, credible
from bigpicture.dicom.sis_volume import UNIT, VALUE, Property
from bigpicture.model.allowance import Field
from bigpicture.model.fluorophore import known_fluorophore

_COLLECTION, _IMAGE, _FRAME, _DIMENSION = 2000, 2001, 2002, 2007
_STACK, _PART, _FILE, _DEVICES = 2005, 2008, 2018, 2043
_SUBTYPE, _MICROSCOPE, _MODEL = 120130, 40500, 120132

SETS = {
    2: "Document", 2109: "Document", 2062: "Slide", 2000: "Collection", 2001: "Image",
    2002: "Frame", 2004: "Collection", 2005: "Stack", 2006: "Frame", 2007: "Dimension",
    2008: "Dimension", 2011: "Display", 2012: "Layer", 2013: "Layer", 2017: "Annotation",
    2018: "File", 2024: "Blob", 2029: "Sample", 2043: "Device",
}  # fmt: skip
"""Volumes by their tag; a volume of another tag counts to the one around it."""

_RECORDS = frozenset({2043})
"""Of the volumes above, those that are records of several devices; else a record is a value."""

# Names of the fields that are used; all others go by their number.
NAMES = {
    ("Document", 34): "ProductName", ("Document", 35): "ProductVersion",
    ("File", 2053): "Boundary", ("File", 2410): "TileOrigin",
    ("Stack", 2015): "CreationTime", ("Stack", 2019): "Scale", ("Stack", 2030): "Name",
    ("Stack", 2074): "Type", ("Dimension", 2004): "Colours", ("Dimension", 2012): "ZStart",
    ("Dimension", 2013): "ZIncrement", ("Dimension", 2021): "Name", ("Dimension", 2023): "Meaning",
    ("Dimension", 2417): "Emission", ("Dimension", 2419): "Channel",
    ("Dimension", 2474): "Excitation", ("Device", 100002): "Exposure",
    ("Device", 120060): "Magnification", ("Device", 120061): "NumericalAperture",
    ("Device", 120079): "RefractiveIndex", ("Device", 120063): "ObjectiveName",
}  # fmt: skip
FLUOROPHORE = "Olympus.Dimension.Fluorophore"
MICROSCOPE = "Olympus.Device.Microscope"

_UNIT = re.compile(r"10\^(-?\d{1,2})([a-z]+)\^1")
_MICRO, _NANO = -6, -9


class Meaning(StrEnum):
    """What a coordinate of a chunk counts."""

    UNTOLD = ""
    Z = "focal planes"
    TIME = "points of time"
    SPECTRUM = "wavelengths"
    CHANNEL = "channels"
    PHASE = "phases"


_MEANINGS = {
    1: Meaning.Z, 2: Meaning.TIME, 3: Meaning.SPECTRUM, 4: Meaning.CHANNEL, 9: Meaning.PHASE
}  # fmt: skip
# Where no meaning is stated, what a dimension's properties are of says it.
_MARKS = (
    (Meaning.Z, frozenset({2012, 2013, 2014})),
    (Meaning.TIME, frozenset({2100, 2016, 2017})),
    (Meaning.SPECTRUM, frozenset({2039, 2040, 2041})),
)

LEFT_OUT = {
    1: "overview", 2: "sample mask", 4: "focus map", 8: "sharpness map", 16: "height map",
    32: "texture map", 256: "macro image", 1024: "focus points",
}  # fmt: skip
"""Types of stacks that are not the scan."""
_PREVIEWS = frozenset({"overview", "label", "macro image", "macro"})


@dataclass(frozen=True)
class VsiImage:
    """One image: `number` is that of the folder with its pixels (stack10001)."""

    number: int
    volume: Property

    @cached_property
    def kind(self) -> int | None:
        found = self._stack(2074)
        number = found.number() if found else None
        return None if number is None else int(number)

    @cached_property
    def name(self) -> str:
        found = self._stack(2030)
        return found.text() if found else ""

    @property
    def is_label(self) -> bool:
        return self.name.lower() == "label"

    @property
    def is_left_out(self) -> bool:
        """Whether it says itself that it is not the scan."""
        return self.kind in LEFT_OUT or self.name.lower() in _PREVIEWS

    @property
    def says_kind(self) -> bool:
        return self.kind is not None or self.name.lower() in _PREVIEWS

    @cached_property
    def boundary(self) -> tuple[int, int, int, int] | None:
        """Left, top, width and height in pixels."""
        values = self._file(2053)
        if len(values) != 4:
            return None
        left, top, width, height = (int(value) for value in values)
        return left, top, width, height

    @property
    def is_shifted(self) -> bool:
        """Whether its pixels do not begin where its tiles do."""
        return any(self._file(2410)) or (self.boundary is not None and any(self.boundary[:2]))

    @property
    def is_external(self) -> bool:
        return self._file(20005)[:1] == (1,)

    @cached_property
    def scale(self) -> Mpp | None:
        """Micrometres per pixel, where its unit is known."""
        found = self._stack(2019)
        values = found.numbers() if found else ()
        unit = self._stack(2020)
        factor = _micrometres(unit.text() if unit else "")
        if len(values) != 2 or factor is None:
            return None
        return credible(*(abs(value) * factor for value in values))

    @cached_property
    def meanings(self) -> tuple[Meaning, ...]:
        """Of the coordinates after column and row, as far as they are told."""
        found = {volume.second: _meaning(volume) for volume in self.volume.all(_DIMENSION)}
        count = max(found, default=-1) + 1
        if count > 16:
            return ()
        return tuple(found.get(number, Meaning.UNTOLD) for number in range(count))

    @cached_property
    def spacing(self) -> float:
        """Micrometres from one focal plane to the next, negative where they go down; 0 untold."""
        for part in self._parts(Meaning.Z):
            found = part.find(2013)
            value = _measured(found, _MICRO, "m") if found else None
            if value is not None and abs(value) < 10_000:
                return value
        return 0.0

    @cached_property
    def channels(self) -> tuple[VsiChannel, ...]:
        parts = sorted(self._parts(Meaning.CHANNEL), key=lambda part: part.second)
        return tuple(VsiChannel(part) for part in parts)

    @cached_property
    def magnification(self) -> float | None:
        for found in self._devices():
            if found.tag == 120060:
                return found.number()
        return None

    @cached_property
    def microscope(self) -> str:
        """Model of the microscope's frame."""
        for found in self._devices():
            if found.tag == _MODEL and found.offset in self._microscopes:
                return found.text()
        return ""

    @cached_property
    def _microscopes(self) -> frozenset[int]:
        return frozenset(microscope_models(self.volume))

    def _devices(self) -> Iterator[Property]:
        for devices in self.volume.all(_STACK, _DEVICES):
            yield from devices.below()

    def _stack(self, tag: int) -> Property | None:
        return self.volume.find(_STACK, tag)

    def _file(self, tag: int) -> tuple[float, ...]:
        found = self.volume.find(_FRAME, _FILE, tag)
        return found.numbers() if found else ()

    def _parts(self, meaning: Meaning) -> Iterator[Property]:
        """The property sets of a dimension: one for each channel, or one for all planes."""
        for volume in self.volume.all(_DIMENSION):
            if _meaning(volume) is meaning:
                yield from volume.all(_PART)


@dataclass(frozen=True)
class VsiChannel:
    """What is told of one channel."""

    part: Property

    @property
    def dye(self) -> str:
        """Its name where that is a fluorophore of the closed list."""
        names = (found.text() for tag in (2419, 2021) if (found := self.part.find(tag)))
        return next((known_fluorophore(name) for name in names if known_fluorophore(name)), "")

    @property
    def emission(self) -> float | None:
        return self._nanometres(2417)

    @property
    def excitation(self) -> float | None:
        return self._nanometres(2474)

    @property
    def exposure(self) -> float | None:
        """Milliseconds; the file counts microseconds."""
        for devices in self.part.all(_DEVICES):
            for found in devices.below():
                if found.tag == 100002:
                    value = found.number()
                    return value / 1000 if value is not None and 0 < value < 1e12 else None
        return None

    @property
    def colour(self) -> tuple[int, int, int] | None:
        """The last entry of the table in which its values are shown, as RGB."""
        table = self.part.find(2004, VALUE)
        values = table.numbers() if table else ()
        if table is None or table.kind not in {269, 270} or len(values) != 768:
            return None
        last = tuple(int(value) for value in values[-3:])
        red, green, blue = last if table.kind == 269 else last[::-1]
        return red, green, blue

    def _nanometres(self, tag: int) -> float | None:
        found = self.part.find(tag)
        value = _measured(found, _NANO, "m") if found else None
        return value if value is not None and 100 < value < 10_000 else None


def read_images(tree: Property) -> tuple[VsiImage, ...]:
    """Every image, in the order of the file."""
    return tuple(VsiImage(volume.second, volume) for volume in tree.all(_COLLECTION, _IMAGE))


def _meaning(volume: Property) -> Meaning:
    parts = list(volume.all(_PART))
    for part in parts:
        found = part.find(2023)
        number = found.number() if found else None
        if number is not None:
            return _MEANINGS.get(int(number), Meaning.UNTOLD)
    tags = {child.tag for part in parts for child in part.children}
    for meaning, marks in _MARKS:
        if tags & marks:
            return meaning
    return Meaning.CHANNEL if len(parts) > 1 else Meaning.UNTOLD


def _measured(record: Property, exponent: int, unit: str) -> float | None:
    """The value of a record in a power of ten of a unit; None where its unit is another."""
    found, told = record.find(VALUE), record.find(UNIT)
    value = found.number() if found else None
    power = _UNIT.fullmatch(told.text()) if told else None
    if value is None or not isfinite(value) or power is None or power[2] != unit:
        return None
    return float(value * 10.0 ** (int(power[1]) - exponent))


def _micrometres(unit: str) -> float | None:
    """How many µm a unit is; where none is written, readers take µm for granted."""
    if unit.lower() in {"", "um", "µm", "μm"}:
        return 1.0
    power = _UNIT.fullmatch(unit)
    return 10.0 ** (int(power[1]) - _MICRO) if power and power[2] == "m" else None


def microscope_models(volume: Property) -> Iterator[int]:
    """Where the models of microscopes' frames lie, among those of all devices."""
    for each in volume.below():
        if each.volume is not None:
            kind = each.find(_SUBTYPE)
            model = each.find(_MODEL)
            if kind and model and kind.number() == _MICROSCOPE:
                yield model.offset


def tree_fields(tree: Property, *, place: str) -> Iterator[Field]:
    """Every value of the tree as `Olympus.<Volume>.<name or number>`; an equal one is told once."""
    microscopes = frozenset(microscope_models(tree))
    told: set[tuple[str, str]] = set()
    for name, found in _named(tree, "", ""):
        value = found.text()
        full = MICROSCOPE if found.offset in microscopes else f"Olympus.{name}"
        if full == "Olympus.Dimension.Channel" and known_fluorophore(value):
            full = FLUOROPHORE
        if (full, value) not in told:
            told.add((full, value))
            yield Field(f"{place} byte {found.offset}", full, value)


def _named(volume: Property, context: str, above: str) -> Iterator[tuple[str, Property]]:
    """Each value below a volume with its name; `above` names the record that it is part of."""
    for child in volume.children:
        if child.volume is None:
            yield _leaf(child, context, above), child
        elif child.volume == 0:
            # A structure that nobody has described stands under its own number.
            inner = SETS.get(child.tag, f"Volume {child.tag}")
            yield from _named(child, inner, "")
        elif child.volume == 1:
            # Low numbers count the members of a list, but at the root of the tree.
            is_member = bool(context) and child.tag < _COLLECTION
            inner = context if is_member else SETS.get(child.tag, context)
            yield from _named(child, inner, "" if inner != context else above)
        elif child.tag in _RECORDS:
            yield from _named(child, SETS[child.tag], "")
        else:
            name = above or NAMES.get((context, child.tag), str(child.tag))
            yield from _named(child, context, name)


def _leaf(found: Property, context: str, above: str) -> str:
    if not above:
        return f"{context}.{NAMES.get((context, found.tag), str(found.tag))}"
    if found.tag == VALUE:
        return f"{context}.{above}"
    last = "Unit" if found.tag == UNIT else str(found.tag)
    return f"{context}.{above}.{last}"
