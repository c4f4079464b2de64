"""Agree: whether what an image states and what its slide says mean the same, row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bigpicture.model.attribute import Attribute, Measurement
from bigpicture.model.units import canonical_unit

_LENGTHS = {"nanometers": Decimal("0.001"), "micrometers": Decimal(1), "mm": Decimal(1000)}
"""Micrometres of a unit."""
_SPACING = Decimal("0.01")
_RATIO = Decimal("0.1")
"""A ratio is of some bytes by others: with the file's head or without, of a level or of all."""
_LIGHT = Decimal("0.01")
_COSINE = Decimal("0.01")
_MILLIMETRE = Decimal("0.1")
_DUMMY = "1970-01-01"
_THROUGH = frozenset({"Transmission", "Brightfield"})

_ORIGIN = "image_origin_in_slide_coordinate_system"
_COSINES = "image_orientation_in_slide_coordinate_system"
PATH = "optical_paths/optical_path"
STEP = "image_compressions/image_compression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`agrees` judges what is stated by what the slide says.

    The slide is right where it `is_certain`. A `masked` value identifies a device or a day: of the
    slide's no more is told than that it is another.
    """

    agrees: Callable[[Attribute, Attribute], bool]
    is_certain: bool = True
    masked: bool = False


def _bare(attribute: Attribute) -> str:
    return re.sub(r"[\W_]+", "", (attribute.text or "").casefold())


def _same_words(stated: Attribute, said: Attribute) -> bool:
    """One may be the longer name of the other: Leica, Leica Biosystems."""
    one, other = _bare(stated), _bare(said)
    return one in other or other in one


def _same_text(stated: Attribute, said: Attribute) -> bool:
    return _bare(stated) == _bare(said)


def _measure(attribute: Attribute) -> Decimal | None:
    """The number, of lengths in micrometres; None where its unit is none that we know."""
    if not isinstance(attribute.value, Measurement):
        return attribute.number
    unit = canonical_unit(attribute.value.units)
    if unit == "pixels":
        return attribute.value.value
    return attribute.value.value * _LENGTHS[unit] if unit in _LENGTHS else None


def _within(share: Decimal) -> Comparison:
    def agrees(stated: Attribute, said: Attribute) -> bool:
        one, other = _measure(stated), _measure(said)
        return one is None or other is None or abs(one - other) <= share * abs(other)

    return Comparison(agrees)


def _near(distance: Decimal) -> Comparison:
    def agrees(stated: Attribute, said: Attribute) -> bool:
        one, other = _measure(stated), _measure(said)
        return one is None or other is None or abs(one - other) <= distance

    return Comparison(agrees)


def _same_day(stated: Attribute, said: Attribute) -> bool:
    """A day that either leaves out is no other day."""
    one, other = (stated.text or "")[:10], (said.text or "")[:10]
    return one == other or _DUMMY in {one, other}


def _same_colours(stated: Attribute, said: Attribute) -> bool:
    """RGB is a picture's colour, YBR how the same is stored; grey is something else."""
    return (stated.text == "MONOCHROME2") == (said.text == "MONOCHROME2")


def _same_light(stated: Attribute, said: Attribute) -> bool:
    pair = {stated.text, said.text}
    return len(pair) == 1 or pair <= _THROUGH


def _both_missing(stated: Attribute, said: Attribute) -> bool:
    """Whose profile it is cannot be read from it with certainty; whether there is one can."""
    return (stated.text == "MISSING") == (said.text == "MISSING")


def _hides_nothing(stated: Attribute, said: Attribute) -> bool:
    """A person may see an identifier that no header tells of, not the other way round."""
    return said.text != "True" or stated.text == "True"


_NAMES = Comparison(_same_words)
_EXACT = Comparison(_same_text)
_EXACT_NUMBER = _within(Decimal(0))

COMPARED: Mapping[str, Comparison] = {
    "manufacturers_model_name": _NAMES,
    "device_serial_number": Comparison(_same_text, is_certain=False, masked=True),
    "software_versions": _NAMES,
    "acquisition_datetime": Comparison(_same_day, is_certain=False, masked=True),
    "scanner_manufacturers_name": _NAMES,
    "base_layer_tile_size/width": _EXACT_NUMBER,
    "base_layer_tile_size/height": _EXACT_NUMBER,
    "image_shape/image_width": _EXACT_NUMBER,
    "image_shape/image_height": _EXACT_NUMBER,
    f"{_ORIGIN}/x": _near(_MILLIMETRE * 1000),
    f"{_ORIGIN}/y": _near(_MILLIMETRE * 1000),
    "pixel_spacing/vertical": _within(_SPACING),
    "pixel_spacing/horizontal": _within(_SPACING),
    f"{PATH}/color_space": Comparison(_same_colours),
    f"{PATH}/color_depth": _EXACT_NUMBER,
    f"{PATH}/illumination/type": Comparison(_same_light),
    f"{PATH}/illumination/wavelength": _within(_LIGHT),
    f"{PATH}/illumination/color": _EXACT,
    f"{STEP}/ratio": _within(_RATIO),
    f"{STEP}/method": _NAMES,
    "compression_status": _EXACT,
    "has_overview": _EXACT,
    "has_label": _EXACT,
    "focus_method": _EXACT,
    "extended_depth_of_field/number_of_focal_planes": _EXACT_NUMBER,
    "extended_depth_of_field/distance_between_focal_planes": _within(_SPACING),
    "color_profile": Comparison(_both_missing),
    f"{_COSINES}/image_row_x_component": _near(_COSINE),
    f"{_COSINES}/image_row_y_component": _near(_COSINE),
    f"{_COSINES}/image_column_x_component": _near(_COSINE),
    f"{_COSINES}/image_column_y_component": _near(_COSINE),
    "biological_being_identifier_present_in_image": Comparison(_hides_nothing),
}
"""By path. Not compared: `depth_of_field`, which many writers assume; identifiers of optical paths,
which are names; `bp_image_type`, of one word only; `tma_status`, of which no header tells."""

NOT_FILLED = frozenset({"acquisition_datetime", "device_serial_number", "tma_status"})
"""Never written for a person: days and numbers of devices identify, and no header tells of TMAs."""
