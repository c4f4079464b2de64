"""Image (MSMdad 6) and annotation (7)."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.model.attribute import Attribute, find
from bigpicture.model.entity import EntityKind
from bigpicture.standard.form import COSINE, DAY, POSITIVE, WHOLE
from bigpicture.standard.rule import (
    MEASUREMENT,
    NUMERIC,
    SET,
    STRING,
    TRUTH,
    Nil,
    When,
    rules,
)
from bigpicture.standard.vocabularies import ILLUMINATION, ILLUMINATION_COLOUR

PIXELS, MILLIMETRES, MICROMETRES = ("pixels",), ("mm",), ("micrometers",)
NANOMETRES = ("nanometers",)

_PATH = "optical_paths/optical_path"
_LIGHT = f"{_PATH}/illumination"
_STEP = "image_compressions/image_compression"
_ORIGIN = "image_origin_in_slide_coordinate_system"
_COSINES = "image_orientation_in_slide_coordinate_system"


def _is_compressed(beside: Sequence[Attribute]) -> bool:
    stated = find(beside, "compression_status")
    return stated is None or stated.text != "NOT COMPRESSED"


def _has_no(tag: str) -> When:
    return When(f"unless {tag} is given", lambda beside: find(beside, tag) is None)


def _may_be_unknown(number: str, path: str, **more: object) -> dict[str, object]:
    return {"number": number, "path": path, "types": STRING, "nil": Nil.ALWAYS, **more}


def _one_of(number: str, path: str, values: tuple[str, ...]) -> dict[str, object]:
    return {"number": number, "path": path, "types": STRING, "values": values}


def _measured(number: str, path: str, units: tuple[str, ...], **more: object) -> dict[str, object]:
    return {"number": number, "path": path, "types": MEASUREMENT, "units": units, **more}


def _number(number: str, path: str, **more: object) -> dict[str, object]:
    return {"number": number, "path": path, "types": NUMERIC, **more}


IMAGE = rules(
    EntityKind.IMAGE,
    [
        _may_be_unknown("6.2.1", "manufacturers_model_name"),
        # the standard leaves the tag of 6.2.2 blank, so that nobody can be told that it is missing
        {
            "number": "6.2.2",
            "path": "device_serial_number",
            "types": STRING,
            "nil": Nil.OMITTED,
        },
        _may_be_unknown("6.2.3", "software_versions", repeats=True),
        _may_be_unknown("6.2.4", "acquisition_datetime", form=DAY),
        _may_be_unknown("6.2.5", "scanner_manufacturers_name"),
        {"number": "6.2.6", "path": "base_layer_tile_size", "types": SET},
        _measured("6.2.6.1", "base_layer_tile_size/width", PIXELS, form=WHOLE),
        _measured("6.2.6.2", "base_layer_tile_size/height", PIXELS, form=WHOLE),
        {"number": "6.2.7", "path": "image_shape", "types": SET},
        _measured("6.2.7.1", "image_shape/image_width", PIXELS, form=WHOLE),
        _measured("6.2.7.2", "image_shape/image_height", PIXELS, form=WHOLE),
        {"number": "6.2.8", "path": _ORIGIN, "types": SET, "nil": Nil.ALWAYS},
        _measured("6.2.8.1", f"{_ORIGIN}/x", MILLIMETRES, nil=Nil.ALWAYS),
        _measured("6.2.8.2", f"{_ORIGIN}/y", MILLIMETRES, nil=Nil.ALWAYS),
        {"number": "6.2.9", "path": "pixel_spacing", "types": SET},
        _measured("6.2.9.1", "pixel_spacing/vertical", MICROMETRES, nil=Nil.ALWAYS, form=POSITIVE),
        _measured(
            "6.2.9.2", "pixel_spacing/horizontal", MICROMETRES, nil=Nil.ALWAYS, form=POSITIVE
        ),
        _measured("6.2.10", "depth_of_field", MICROMETRES),
        {"number": "6.2.11", "path": "optical_paths", "types": SET},
        {"number": "6.2.11.1", "path": _PATH, "types": SET, "repeats": True},
        {
            "number": "6.2.11.1.1",
            "path": f"{_PATH}/optical_path_identifier",
            "types": STRING,
        },
        # "RGBYBR" as printed: taken for RGB and for YBR, as DICOM writes its kinds of YCbCr
        _one_of(
            "6.2.11.1.2",
            f"{_PATH}/color_space",
            ("MONOCHROME2", "RGB", "YBR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"),
        ),
        _number("6.2.11.1.3", f"{_PATH}/color_depth", form=WHOLE),
        {"number": "6.2.11.1.4", "path": _LIGHT, "types": SET},
        _one_of("6.2.11.1.4.1", f"{_LIGHT}/type", ILLUMINATION),
        _measured(
            "6.2.11.1.4.2",
            f"{_LIGHT}/wavelength",
            NANOMETRES,
            form=POSITIVE,
            when=_has_no("color"),
        ),
        _one_of("6.2.11.1.4.3", f"{_LIGHT}/color", ILLUMINATION_COLOUR)
        | {"when": _has_no("wavelength")},
        {
            "number": "6.2.12",
            "path": "image_compressions",
            "types": SET,
            "when": When("unless compression_status is NOT COMPRESSED", _is_compressed),
        },
        {"number": "6.2.12.1", "path": _STEP, "types": SET, "repeats": True},
        _number("6.2.12.1.1", f"{_STEP}/ratio", form=POSITIVE),
        {"number": "6.2.12.1.2", "path": f"{_STEP}/method", "types": STRING},
        _one_of("6.2.13", "compression_status", ("NOT COMPRESSED", "LOSSLESS", "LOSSY")),
        _one_of("6.2.14", "bp_image_type", ("WSI Brightfield",)),
        _one_of("6.2.15", "has_overview", TRUTH),
        _one_of("6.2.16", "has_label", TRUTH),
        _one_of("6.2.17", "tma_status", TRUTH),
        _one_of("6.2.18", "focus_method", ("AUTO", "MANUAL")),
        {
            "number": "6.2.19",
            "path": "extended_depth_of_field",
            "types": SET,
            "nil": Nil.OMITTED,
        },
        _number("6.2.19.1", "extended_depth_of_field/number_of_focal_planes", form=WHOLE),
        _measured(
            "6.2.19.2",
            "extended_depth_of_field/distance_between_focal_planes",
            MICROMETRES,
            form=POSITIVE,
        ),
        _one_of(
            "6.2.20",
            "color_profile",
            ("MISSING", "NOT EXTRACTABLE", "MANUFACTURE SPECIFIC", "CUSTOM"),
        ),
        {"number": "6.2.21", "path": _COSINES, "types": SET, "nil": Nil.OMITTED},
        _number("6.2.21.1", f"{_COSINES}/image_row_x_component", form=COSINE),
        _number("6.2.21.2", f"{_COSINES}/image_row_y_component", form=COSINE),
        _number("6.2.21.3", f"{_COSINES}/image_column_x_component", form=COSINE),
        _number("6.2.21.4", f"{_COSINES}/image_column_y_component", form=COSINE),
        _one_of("6.2.22", "biological_being_identifier_present_in_image", TRUTH),
    ],
)

ANNOTATION = rules(
    EntityKind.ANNOTATION,
    [
        {
            "number": "7.2.1",
            "path": "date_of_creation",
            "types": STRING,
            "nil": Nil.OMITTED,
            "form": DAY,
        },
        _one_of("7.2.2", "author_type", ("human", "machine")) | {"nil": Nil.OMITTED},
        _one_of("7.2.3", "graphical_type", ("polygon", "rectangle", "line", "point"))
        | {"nil": Nil.OMITTED},
    ],
)
