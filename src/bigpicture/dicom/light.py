"""Light: the optical paths of a header as the metadata standard states them (MSMdad 6.2.11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydicom.dataset import Dataset

from bigpicture.dicom.fact import first_number, first_said, items, measured, number, several, text
from bigpicture.model.attribute import Attribute

ILLUMINATION = {
    "111741": "Transmission",
    "111742": "Reflection",
    "111743": "Epifluorescence",
    "111744": "Brightfield",
    "111745": "Darkfield",
    "111746": "Oblique",
    "111747": "Phase contrast illumination",
    "111748": "Differential interference contrast",
    "111749": "Total internal reflection fluorescence",
}
"""PS3.16 CID 8123 by code of DCM, in MSMdad's words."""
COLOURS = {
    "414298005": "Full Spectrum",
    "414497003": "Infrared",
    "371240000": "Red",
    "371246006": "Green",
    "405738005": "Blue",
    "415770004": "Ultraviolet",
    "R-102C0": "Full Spectrum",
    "R-102BE": "Infrared",
    "G-A11A": "Red",
    "G-A11E": "Green",
    "G-A12F": "Blue",
    "R-102BF": "Ultraviolet",
}
"""PS3.16 CID 8122 by code of SNOMED CT, and by its older SNOMED-RT code (PS3.16 annex O)."""
_GENERAL = ("Transmission", "Reflection")
"""The way of the light; a method beside it says more (PS3.3 C.8.12.5.1.2)."""
_THROUGH = ("Transmission", "Brightfield")
_SPACES = ("MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def optical_paths(headers: Sequence[Dataset]) -> Attribute | None:
    """Every path of the instances of one level, each once, in their order."""
    paths = (_path(header, each) for header in headers for each in _items(header))
    return several("optical_paths", dict.fromkeys(paths))


def methods(headers: Iterable[Dataset]) -> set[str]:
    """How the paths of an image are lit, in MSMdad's words; what is not told is not in it."""
    paths = (path for header in headers for path in _items(header))
    return {method for path in paths if (method := _method(path))}


def _items(header: Dataset) -> Iterator[Dataset]:
    return items(header, "OpticalPathSequence")


def _path(header: Dataset, path: Dataset) -> Attribute | None:
    bits = first_number(header, "BitsStored") or first_number(header, "BitsAllocated")
    space = _space(header)
    identifier = first_said(path, "OpticalPathIdentifier")
    return several(
        "optical_path",
        [
            text("optical_path_identifier", identifier) if identifier else None,
            text("color_space", space) if space else None,
            number("color_depth", bits) if bits else None,
            _illumination(header, path),
        ],
    )


def _space(header: Dataset) -> str | None:
    told = first_said(header, "PhotometricInterpretation")
    if told is None or told in _SPACES:
        return told
    return "YBR" if told.startswith("YBR") else told


def _illumination(header: Dataset, path: Dataset) -> Attribute | None:
    method = _method(path)
    wave = first_number(path, "IlluminationWaveLength")
    colour = _coded(path, "IlluminationColorCodeSequence", COLOURS)
    # Colour is made by white light alone; DICOM asks for one of the two, and not all writers obey.
    is_white = method in _THROUGH and first_number(header, "SamplesPerPixel") == 3
    shade = next(iter(colour), "Full Spectrum" if is_white and not wave else None)
    return several(
        "illumination",
        [
            text("type", method) if method else None,
            measured("wavelength", wave, "nanometers") if wave and wave > 0 else None,
            text("color", shade) if shade else None,
        ],
    )


def _method(path: Dataset) -> str | None:
    told = _coded(path, "IlluminationTypeCodeSequence", ILLUMINATION)
    special = [each for each in told if each not in _GENERAL]
    return next(iter([*special, *told]), None)


def _coded(path: Dataset, keyword: str, words: dict[str, str]) -> list[str]:
    codes = (first_said(item, "CodeValue") or "" for item in items(path, keyword))
    return [words[code] for code in codes if code in words]
