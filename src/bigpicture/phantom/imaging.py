"""Images and annotations of a study as exchange XML."""

from __future__ import annotations

from bigpicture.metaflex.build import (
    entity,
    files,
    image_type,
    measurement_attribute,
    numeric_attribute,
    reference,
    set_attribute,
    string_attribute,
)
from bigpicture.metaflex.tree import Element
from bigpicture.model.dataset_report import GENERATED_BY
from bigpicture.model.entity import EntityKind
from bigpicture.phantom.made import MadeImage


def image_of(image: MadeImage) -> Element:
    parts = [
        reference("IMAGE_OF", image.slide.alias),
        image_type(),
        files(image.files),
    ]
    um, px = "micrometers", "pixels"
    mpp = image.slide.mpp
    stated = [
        string_attribute("manufacturers_model_name", "Phantom"),
        string_attribute("device_serial_number", "UNKNOWN"),
        string_attribute("software_versions", "bigpicture phantom"),
        string_attribute("acquisition_datetime", "1970-01-01"),
        string_attribute("scanner_manufacturers_name", GENERATED_BY),
        _pair("base_layer_tile_size", ("width", image.tile), ("height", image.tile), px),
        _pair("image_shape", ("image_width", image.width), ("image_height", image.height), px),
        set_attribute("image_origin_in_slide_coordinate_system", None),
        _pair("pixel_spacing", ("vertical", mpp), ("horizontal", mpp), um),
        measurement_attribute("depth_of_field", 1.0, um),
        _optics(),
        set_attribute(
            "image_compressions",
            [
                set_attribute(
                    "image_compression",
                    [
                        numeric_attribute("ratio", round(image.ratio, 2)),
                        string_attribute("method", "JPEG Lossy"),
                    ],
                )
            ],
        ),
        string_attribute("compression_status", "LOSSY"),
        string_attribute("bp_image_type", "WSI Brightfield"),
        string_attribute("has_overview", "False"),
        string_attribute("has_label", "False"),
        string_attribute("tma_status", "False"),
        string_attribute("focus_method", "AUTO"),
        set_attribute("extended_depth_of_field", None),
        string_attribute("color_profile", "MISSING"),
        _orientation(),
        string_attribute("biological_being_identifier_present_in_image", "False"),
    ]
    return entity(EntityKind.IMAGE, image.slide.image, parts, stated=stated)


def _optics() -> Element:
    light = set_attribute(
        "illumination",
        [
            string_attribute("type", "Brightfield"),
            string_attribute("color", "Full Spectrum"),
        ],
    )
    path = set_attribute(
        "optical_path",
        [
            string_attribute("optical_path_identifier", "0"),
            string_attribute("color_space", "RGB"),
            numeric_attribute("color_depth", 8),
            light,
        ],
    )
    return set_attribute("optical_paths", [path])


def _orientation() -> Element:
    cosines = {
        "image_row_x_component": 0,
        "image_row_y_component": -1,
        "image_column_x_component": -1,
        "image_column_y_component": 0,
    }
    return set_attribute(
        "image_orientation_in_slide_coordinate_system",
        [numeric_attribute(tag, value) for tag, value in cosines.items()],
    )


def annotation_of(image: MadeImage) -> Element:
    assert image.annotation is not None
    parts = [reference("IMAGE_REF", image.slide.image), files([image.annotation])]
    stated = [
        string_attribute("date_of_creation", "1970-01-01"),
        string_attribute("author_type", "machine"),
        string_attribute("graphical_type", "polygon"),
    ]
    return entity(EntityKind.ANNOTATION, annotation_alias(image), parts, stated=stated)


def annotation_alias(image: MadeImage) -> str:
    return f"{image.slide.alias}-annotation"


def _pair(tag: str, first: tuple[str, float], second: tuple[str, float], units: str) -> Element:
    return set_attribute(
        tag, [measurement_attribute(name, value, units) for name, value in (first, second)]
    )
