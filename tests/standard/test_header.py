"""What contradicts the slide is named by its row; what means the same, or is not told, is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bigpicture.metaflex.build import (
    measurement_attribute,
    numeric_attribute,
    set_attribute,
    string_attribute,
)
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.model.attribute import Attribute, AttributeType
from bigpicture.model.slide_facts import ImageFacts
from bigpicture.standard.duplicates import check_duplicates
from bigpicture.standard.header import check_header
from editing import with_attribute
from invented_submission import pair, submission

IMAGE = "METADATA/image.xml"


def image_of(documents):
    """The image as it is read from disk, with its lines."""
    written = {name: write_document(each) for name, each in documents.items()}
    [image] = read_submission(written).images
    return image


SLIDE = ImageFacts(image_of(submission()).stated)
"""A slide that says what the invented submission states: 4096 pixels of 0.25 µm, one path."""


def found(tag, attribute, facts=SLIDE):
    image = image_of(with_attribute(submission(), IMAGE, tag, attribute))
    return list(check_header(image, facts)), image


def path(**more):
    given = {"space": "YBR_FULL_422", "depth": 8, "light": "Brightfield", "color": "Full Spectrum"}
    given |= more
    return set_attribute(
        "optical_path",
        [
            string_attribute("optical_path_identifier", given.get("name", "0")),
            string_attribute("color_space", given["space"]),
            numeric_attribute("color_depth", given["depth"]),
            set_attribute(
                "illumination",
                [
                    string_attribute("type", given["light"]),
                    string_attribute("color", given["color"]),
                ],
            ),
        ],
    )


def paths(*members):
    return set_attribute("optical_paths", members)


def steps(*pairs):
    members = [
        set_attribute(
            "image_compression",
            [numeric_attribute("ratio", ratio), string_attribute("method", method)],
        )
        for ratio, method in pairs
    ]
    return set_attribute("image_compressions", members)


def test_a_slide_that_says_the_same_has_no_finding():
    assert list(check_header(image_of(submission()), SLIDE)) == []


WRONG = [
    ("6.2.1", "manufacturers_model_name", string_attribute("manufacturers_model_name", "Other 9")),
    ("6.2.3", "software_versions", string_attribute("software_versions", "77")),
    (
        "6.2.5",
        "scanner_manufacturers_name",
        string_attribute("scanner_manufacturers_name", "Somebody"),
    ),
    (
        "6.2.6.1",
        "base_layer_tile_size",
        set_attribute("base_layer_tile_size", [measurement_attribute("width", 512, "pixels")]),
    ),
    (
        "6.2.7.2",
        "image_shape",
        set_attribute("image_shape", [measurement_attribute("image_height", 4095, "pixels")]),
    ),
    (
        "6.2.9.1",
        "pixel_spacing",
        # one part in a hundred is 0.0025 µm of 0.25
        set_attribute("pixel_spacing", [measurement_attribute("vertical", 0.2526, "micrometers")]),
    ),
    (
        "6.2.9.2",
        "pixel_spacing",
        set_attribute("pixel_spacing", [measurement_attribute("horizontal", 0.25, "mm")]),
    ),
    ("6.2.11.1", "optical_paths", paths(path(), path(name="1"))),
    ("6.2.11.1.2", "optical_paths", paths(path(space="MONOCHROME2"))),
    ("6.2.11.1.3", "optical_paths", paths(path(depth=16))),
    ("6.2.11.1.4.1", "optical_paths", paths(path(light="Epifluorescence"))),
    ("6.2.11.1.4.3", "optical_paths", paths(path(color="Blue"))),
    ("6.2.12.1", "image_compressions", steps((12.5, "JPEG Lossy"), (3, "JPEG Lossy"))),
    ("6.2.12.1.1", "image_compressions", steps((14, "JPEG Lossy"))),
    ("6.2.12.1.2", "image_compressions", steps((12.5, "MPEG2"))),
    ("6.2.13", "compression_status", string_attribute("compression_status", "LOSSLESS")),
    ("6.2.15", "has_overview", string_attribute("has_overview", "True")),
    ("6.2.16", "has_label", string_attribute("has_label", "True")),
    ("6.2.18", "focus_method", string_attribute("focus_method", "MANUAL")),
    ("6.2.20", "color_profile", string_attribute("color_profile", "CUSTOM")),
]


@pytest.mark.parametrize(("rule", "tag", "attribute"), WRONG, ids=[each[0] for each in WRONG])
def test_a_contradiction_is_named_by_its_row_with_line_both_values_and_remedy(rule, tag, attribute):
    findings, image = found(tag, attribute)
    assert [each.rule for each in findings] == [rule]
    [finding] = findings
    assert finding.place.file == IMAGE
    assert finding.place.line > image.place.line
    assert finding.entity == "image image-1"
    assert "header" in finding.expected
    assert "--fix" in finding.remedy


@pytest.mark.parametrize(
    ("tag", "attribute"),
    [
        ("pixel_spacing", pair("pixel_spacing", "vertical", "horizontal",
                               units="micrometers", value=0.2525)),
        ("pixel_spacing", pair("pixel_spacing", "vertical", "horizontal",
                               units="mm", value=0.00025)),
        ("scanner_manufacturers_name",
         string_attribute("scanner_manufacturers_name", "INVENTED OPTICS GmbH")),
        ("image_compressions", steps((13.0, "JPEG Lossy"))),
        ("optical_paths", paths(path(space="RGB"))),
        ("optical_paths", paths(path(light="Transmission"))),
        ("optical_paths", paths(path(name="brightfield"))),
        ("acquisition_datetime", string_attribute("acquisition_datetime", "2020-01-01")),
        ("manufacturers_model_name", string_attribute("manufacturers_model_name", None)),
        ("manufacturers_model_name", string_attribute("manufacturers_model_name", "UNKNOWN")),
        ("depth_of_field", measurement_attribute("depth_of_field", 4, "micrometers")),
        ("tma_status", string_attribute("tma_status", "True")),
        # a person may see an identifier that no header tells of
        ("biological_being_identifier_present_in_image",
         string_attribute("biological_being_identifier_present_in_image", "True")),
    ],
)  # fmt: skip
def test_what_means_the_same_or_is_not_told_is_no_contradiction(tag, attribute):
    assert found(tag, attribute)[0] == []


def with_fact(**told) -> ImageFacts:
    kept = [each for each in SLIDE.attributes if each.tag not in told]
    new = [Attribute(tag, AttributeType.STRING, value) for tag, value in told.items()]
    return ImageFacts((*kept, *new))


@pytest.mark.parametrize(
    ("tag", "stated", "said", "rule"),
    [
        ("acquisition_datetime", "2020-01-01", "2020-01-02T10:00:00", "6.2.4"),
        ("device_serial_number", "SN-1", "SN-SECRET-2", "6.2.2"),
    ],
)
def test_days_and_serial_numbers_of_the_slide_are_not_told(tag, stated, said, rule):
    image = image_of(submission())
    kept = tuple(each for each in image.stated if each.tag != tag)
    image = replace(image, stated=(*kept, Attribute(tag, AttributeType.STRING, stated)))
    [finding] = check_header(image, with_fact(**{tag: said}))
    assert finding.rule == rule
    assert said[:10] not in str(finding)
    assert "--fix" not in finding.remedy


def test_an_identifier_in_the_picture_that_the_metadata_deny():
    facts = with_fact(biological_being_identifier_present_in_image="True")
    [finding] = check_header(image_of(submission()), facts)
    assert finding.rule == "6.2.22"


def planes(count):
    return Attribute(
        "extended_depth_of_field",
        AttributeType.SET,
        (Attribute("number_of_focal_planes", AttributeType.NUMERIC, Decimal(count)),),
    )


def test_focal_planes_may_be_merged_or_lie_one_over_the_other():
    image = image_of(submission())
    image = replace(image, stated=(*image.stated, planes(5)))
    assert [each.rule for each in check_header(image, SLIDE)] == ["6.2.19.1"]
    assert not list(check_header(image, replace(SLIDE, focal_planes=5)))
    assert not list(check_header(image, ImageFacts((*SLIDE.attributes, planes(5)))))
    [finding] = check_header(image, ImageFacts((*SLIDE.attributes, planes(4))))
    assert "'4'" in finding.expected


def test_duplicates_name_the_first_image():
    study = read_submission(submission())
    [image] = study.images
    names = ("image-1", "image-2", "image-3")
    study = replace(study, images=tuple(replace(image, alias=name) for name in names))
    assert not list(check_duplicates(study, {"image-1": "aa", "image-2": "bb"}))
    [finding] = check_duplicates(study, {"image-1": "aa", "image-2": "bb", "image-3": "aa"})
    assert (finding.rule, finding.entity) == ("BP-duplicate", "image image-3")
    assert "image-1" in finding.what
