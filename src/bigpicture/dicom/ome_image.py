"""The images that OME-XML describes: their sizes, channels, and which directory holds which plane.

Written from the OME-TIFF specification and the 2016-06 schema of the Open Microscopy Environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from bigpicture.dicom.markup import Markup
from bigpicture.dicom.scale import Mpp, credible
from bigpicture.dicom.slide import Channel
from bigpicture.dicom.tiff import MAXIMUM_DIRECTORIES
from bigpicture.model.errors import SlideError
from bigpicture.model.fluorophore import known_fluorophore

_MICROMETRES = {
    "pm": 1e-6, "Å": 1e-4, "\u212b": 1e-4, "nm": 1e-3, "µm": 1.0, "μm": 1.0, "um": 1.0,
    "mm": 1e3, "cm": 1e4, "m": 1e6,
}  # fmt: skip
_MILLISECONDS = {"ns": 1e-6, "µs": 1e-3, "μs": 1e-3, "us": 1e-3, "ms": 1.0, "s": 1e3, "min": 6e4}
_LIGHT = (100.0, 3000.0)
"""Nanometres, from far ultraviolet to infrared: what a microscope can use."""
_MAXIMUM_EXPOSURE = 1e6
"""Milliseconds."""

Attributes = Mapping[str, str]


@dataclass(slots=True)
class PlaneData:
    """A TiffData element: which planes of the image lie where. `file` and `uuid` name its file."""

    attributes: Attributes
    file: str = ""
    uuid: str = ""


@dataclass(slots=True)
class OmeImage:
    """An Image element with what stands in it, in document order."""

    name: str
    attributes: Attributes = field(default_factory=dict[str, str])
    """Those of its Pixels."""
    channels: list[Attributes] = field(default_factory=list[Attributes])
    data: list[PlaneData] = field(default_factory=list[PlaneData])
    planes: list[Attributes] = field(default_factory=list[Attributes])
    objective: str = ""

    def size(self, axis: str) -> int:
        """SizeX, Y, Z, C or T; 1 where it is absent, 0 where it is no number."""
        return _count(self.attributes.get(f"Size{axis}", "1"))

    @property
    def mpp(self) -> Mpp | None:
        sides = [self._length(f"PhysicalSize{side}") for side in "XY"]
        return credible(sides[0] or 0.0, sides[1] or 0.0)

    @property
    def plane_spacing(self) -> float:
        """Micrometres, 0 where it is not told."""
        told = self._length("PhysicalSizeZ") or 0.0
        return told if isfinite(told) and 0 < told < 1000 else 0.0

    def _length(self, name: str) -> float | None:
        return _measure(self.attributes, name, _MICROMETRES, "µm")

    def channel(self, number: int, *, keeps: Sequence[str]) -> Channel:
        """How channel `number` is seen; of its fields only those that a rule `keeps`."""
        told = self.channels[number] if number < len(self.channels) else {}
        told = {key: value for key, value in told.items() if key in keeps}
        names = (known_fluorophore(told.get(key, "")) for key in ("Fluor", "Name"))
        return Channel(
            dye=next(filter(None, names), ""),
            colour=_colour(told.get("Color", "")),
            excitation=_wavelength(told, "ExcitationWavelength"),
            emission=_wavelength(told, "EmissionWavelength"),
            exposure=self._exposure(number) if "ExposureTime" in keeps else None,
        )

    def _exposure(self, number: int) -> float | None:
        for plane in self.planes:
            if _count(plane.get("TheC", "")) == number and "ExposureTime" in plane:
                told = _measure(plane, "ExposureTime", _MILLISECONDS, "s")
                return told if told and 0 < told < _MAXIMUM_EXPOSURE else None
        return None


def read_images(markup: Sequence[Markup]) -> list[OmeImage]:
    """Every Image element that has Pixels."""
    found: list[OmeImage] = []
    for element in markup:
        kept = element.attributes
        if element.name == "Image":
            found.append(OmeImage(kept.get("Name", "")))
        elif not found:
            continue
        elif element.name == "Pixels" and not found[-1].attributes:
            found[-1].attributes = kept
        elif element.name == "Channel" and element.parent == "Pixels":
            found[-1].channels.append(kept)
        elif element.name == "TiffData":
            found[-1].data.append(PlaneData(kept))
        elif element.name == "UUID" and element.parent == "TiffData" and found[-1].data:
            found[-1].data[-1].file = kept.get("FileName", "")
            found[-1].data[-1].uuid = element.text.strip()
        elif element.name == "Plane":
            found[-1].planes.append(kept)
        elif element.name in {"ObjectiveSettings", "ObjectiveRef"}:
            found[-1].objective = kept.get("ID", "")
    return [image for image in found if image.attributes]


def first_directory(image: OmeImage) -> int | None:
    """The number of the directory with the image's first plane; None where it is not told."""
    for data in image.data:
        told = data.attributes
        if all(_count(told.get(f"First{axis}", "0")) == 0 for axis in "ZCT"):
            return _count(told["IFD"]) if "IFD" in told else None
    return None


def place_planes(image: OmeImage, *, planes: int, paths: int, place: str) -> list[int]:
    """The number of the directory of each plane, in the order of TILED_FULL (paths outermost).

    Raises `SlideError` where one has none, or where numbers contradict themselves.
    """
    order = image.attributes.get("DimensionOrder", "XYCZT")
    if sorted(order) != sorted("XYCZT") or order[:2] != "XY":
        raise _contradicts("its DimensionOrder names other axes than X, Y, Z, C and T", place)
    is_z_first = order.index("Z") < order.index("C")
    total = planes * paths
    if total > MAXIMUM_DIRECTORIES:
        raise _contradicts(f"it claims {total} planes", place)
    found: dict[tuple[int, int], int] = {}
    for start, count, directory in _runs(image, total, place):
        z, c = start
        first = z + planes * c if is_z_first else c + paths * z
        if z >= planes or c >= paths or first + count > total:
            raise _contradicts("a TiffData element names planes that it does not have", place)
        for number in range(count):
            inner, outer = (planes, paths) if is_z_first else (paths, planes)
            a, b = (first + number) % inner, (first + number) // inner
            assert b < outer
            key = (b, a) if is_z_first else (a, b)
            if found.setdefault(key, directory + number) != directory + number:
                raise _contradicts("two TiffData elements name the same plane", place)
    missing = total - len(found)
    if missing or len(set(found.values())) != total:
        raise _contradicts(
            f"{missing} of its {total} planes are named by no TiffData element"
            if missing
            else "two planes lie in the same directory",
            place,
        )
    return [found[c, z] for c in range(paths) for z in range(planes)]


def _runs(image: OmeImage, total: int, place: str) -> Iterator[tuple[tuple[int, int], int, int]]:
    """(first Z, first C), number of planes and first directory of each TiffData element."""
    for data in image.data or [PlaneData({})]:
        told = data.attributes
        numbers = [_count(told.get(name, "0")) for name in ("FirstZ", "FirstC", "FirstT", "IFD")]
        count = told.get("PlaneCount", told.get("NumPlanes", "1" if "IFD" in told else ""))
        planes = _count(count) if count else total
        if min(*numbers, planes) < 0 or numbers[2] or planes > MAXIMUM_DIRECTORIES:
            raise _contradicts("a TiffData element holds numbers that cannot be", place)
        yield (numbers[0], numbers[1]), planes, numbers[3]


def _contradicts(what: str, place: str) -> SlideError:
    return SlideError(
        f"its OME-XML contradicts itself: {what}.",
        place=place,
        rule="OME-TIFF specification, TiffData: each plane lies in one directory",
        remedy="Export the slide again.",
    )


def _count(text: str) -> int:
    """A whole number of at most nine digits; -1 where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _measure(told: Attributes, name: str, units: Mapping[str, float], absent: str) -> float | None:
    """A number with its unit; None where it is absent or in no unit of this kind."""
    unit = units.get(told.get(f"{name}Unit", absent))
    try:
        value = float(told.get(name, ""))
    except ValueError:
        return None
    return value * unit if unit and isfinite(value) else None


def _wavelength(told: Attributes, name: str) -> float | None:
    micrometres = _measure(told, name, _MICROMETRES, "nm")
    nanometres = 1000 * micrometres if micrometres else 0.0
    return nanometres if _LIGHT[0] <= nanometres <= _LIGHT[1] else None


def _colour(text: str) -> tuple[int, int, int] | None:
    """Red, green and blue of a signed 32-bit number with alpha in its lowest byte."""
    digits = text.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 11):
        return None
    value = int(text) & 0xFFFFFFFF
    return value >> 24, (value >> 16) & 255, (value >> 8) & 255
