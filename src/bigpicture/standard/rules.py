"""The attribute rules of MSMdad 2.0.0 as data: what each class must state, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.attribute import AttributeType
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity


class Audience(StrEnum):
    """Whom a rule binds."""

    EVERYONE = "E"
    CLINICAL = "C"
    NON_CLINICAL = "N"


class Nil(StrEnum):
    """Whether "not available" may be said."""

    NEVER = "never"
    IF_CLINICAL = "if clinical"
    ALWAYS = "always"
    OMITTED = "omitted"
    """The attribute may be left out altogether."""


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """One row of MSMdad. `path` leads through sets; an absent set is reported once, as itself."""

    number: str
    kind: EntityKind
    path: tuple[str, ...]
    types: tuple[AttributeType, ...]
    audience: Audience = Audience.EVERYONE
    nil: Nil = Nil.NEVER
    values: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING


STRING = (AttributeType.STRING,)
NUMERIC = (AttributeType.NUMERIC,)
MEASUREMENT = (AttributeType.MEASUREMENT,)
CODE = (AttributeType.CODE,)
SET = (AttributeType.SET,)
CODE_OR_STRING = (AttributeType.CODE, AttributeType.STRING)
TRUTH = ("True", "False")


def _rules(kind: EntityKind, *rows: tuple[object, ...]) -> Iterator[AttributeRule]:
    """Turn short rows (number, path, types, then what departs from the defaults) into rules."""
    for number, path, types, *rest in rows:
        assert isinstance(number, str)
        assert isinstance(path, str)
        assert isinstance(types, tuple)
        values = next((each for each in rest if isinstance(each, tuple)), ())
        yield AttributeRule(
            number,
            kind,
            tuple(path.split("/")),
            types,
            audience=next((each for each in rest if isinstance(each, Audience)), Audience.EVERYONE),
            nil=next((each for each in rest if isinstance(each, Nil)), Nil.NEVER),
            values=values,
            severity=next((each for each in rest if isinstance(each, Severity)), Severity.WARNING),
        )


C, N = Audience.CLINICAL, Audience.NON_CLINICAL

ATTRIBUTE_RULES: tuple[AttributeRule, ...] = (
    *_rules(EntityKind.DATASET, ("1.2.1", "tox_study_duration", CODE, N)),
    *_rules(
        EntityKind.POLICY,
        ("9.1.3", "title", STRING),
        # type_of_dataset (9.1.4) is read leniently and checked by terms.py
        ("9.1.5", "type_of_access", STRING, ("Direct Access", "Indirect Access")),
        ("9.5.1", "policy_text", STRING),
        ("9.5.3", "terms_of_use_version", STRING),
        ("9.5.4", "allowed_uses", SET),
        (
            "9.5.4.1",
            "allowed_uses/allowed_use",
            STRING,
            (
                "Implementation of Bigpicture Project (IMI2-945358)",
                "Research Use",
                "Direct Exploitation",
            ),
        ),
        (
            "9.5.5",
            "allowed_geographical_distribution",
            STRING,
            ("European Union and EEA countries", "Countries with GDPR adequacy", "Worldwide"),
        ),
        (
            "9.5.6",
            "duration_of_use",
            STRING,
            (
                "Unlimited time",
                "Limited to the IMI Bigpicture project term",
                "Limited to the duration of purpose of data access request",
            ),
        ),
        ("9.5.7", "defined_research_question_required", STRING, TRUTH),
        ("9.5.8", "informed_consent_form_defined_use_restrictions", STRING, Nil.ALWAYS),
        ("9.5.9", "custom_use_restrictions", STRING, Nil.ALWAYS),
        ("9.5.10", "required_bigpicture_acknowledgment", STRING),
        ("9.5.11", "required_custom_acknowledgments", SET, Nil.ALWAYS),
        (
            "9.5.11.1",
            "required_custom_acknowledgments/required_custom_acknowledgment",
            STRING,
            Nil.ALWAYS,
        ),
        ("9.5.12.1", "required_citation", STRING, Nil.ALWAYS),
    ),
    *_rules(
        EntityKind.BEING,
        ("2.2.14", "termination_status", CODE, N),
        ("2.3.1", "sex", STRING, Nil.IF_CLINICAL, ("Male", "Female", "Not-known", "Other")),
        ("2.3.2", "animal_species", CODE),
        ("2.3.4", "animal_strain", CODE, N),
        ("2.3.5", "control_terminology", STRING, N, ("CONTROL", "TREATED")),
    ),
    *_rules(
        EntityKind.SPECIMEN,
        ("3.2.1", "extraction_method", CODE, Nil.IF_CLINICAL),
        ("3.2.3", "fixation_type", CODE, Nil.IF_CLINICAL),
        ("3.2.4", "age_at_extraction", SET, Nil.IF_CLINICAL),
        ("3.2.4.1", "age_at_extraction/interval_start", STRING),
        ("3.2.4.2", "age_at_extraction/interval_length", STRING),
        # anatomical_site (3.3.1) may stand in its list (3.3.2): attributes.py
    ),
    *_rules(EntityKind.BLOCK, ("4.2.1", "block_preparation", CODE, Nil.IF_CLINICAL)),
    *_rules(
        EntityKind.IMAGE,
        ("6.2.1", "manufacturers_model_name", STRING, Nil.ALWAYS),
        ("6.2.3", "software_versions", STRING, Nil.ALWAYS),
        ("6.2.4", "acquisition_datetime", STRING, Nil.ALWAYS),
        ("6.2.5", "scanner_manufacturers_name", STRING, Nil.ALWAYS),
        ("6.2.6", "base_layer_tile_size", SET),
        ("6.2.6.1", "base_layer_tile_size/width", MEASUREMENT),
        ("6.2.6.2", "base_layer_tile_size/height", MEASUREMENT),
        ("6.2.7", "image_shape", SET),
        ("6.2.7.1", "image_shape/image_width", MEASUREMENT),
        ("6.2.7.2", "image_shape/image_height", MEASUREMENT),
        ("6.2.8", "image_origin_in_slide_coordinate_system", SET, Nil.ALWAYS),
        ("6.2.9", "pixel_spacing", SET),
        ("6.2.9.1", "pixel_spacing/vertical", MEASUREMENT, Nil.ALWAYS),
        ("6.2.9.2", "pixel_spacing/horizontal", MEASUREMENT, Nil.ALWAYS),
        ("6.2.10", "depth_of_field", MEASUREMENT),
        ("6.2.11", "optical_paths", SET),
        ("6.2.11.1", "optical_paths/optical_path", SET),
        ("6.2.12", "image_compressions", SET, Nil.OMITTED),
        (
            "6.2.13",
            "compression_status",
            STRING,
            ("NOT COMPRESSED", "LOSSLESS", "LOSSY"),
        ),
        ("6.2.14", "bp_image_type", STRING, ("WSI Brightfield",)),
        ("6.2.15", "has_overview", STRING, TRUTH),
        ("6.2.16", "has_label", STRING, TRUTH),
        ("6.2.17", "tma_status", STRING, TRUTH),
        ("6.2.18", "focus_method", STRING, ("AUTO", "MANUAL")),
        ("6.2.19", "extended_depth_of_field", SET, Nil.OMITTED),
        (
            "6.2.20",
            "color_profile",
            STRING,
            ("MISSING", "NOT EXTRACTABLE", "MANUFACTURE SPECIFIC", "CUSTOM"),
        ),
        ("6.2.21", "image_orientation_in_slide_coordinate_system", SET, Nil.OMITTED),
        ("6.2.22", "biological_being_identifier_present_in_image", STRING, TRUTH),
    ),
    *_rules(
        EntityKind.LANDING_PAGE,
        ("17.1.3", "header", STRING),
        ("17.1.5", "dataset_name", STRING),
        ("17.5.7", "policy_text", STRING),
    ),
)

STAIN_RULES: tuple[AttributeRule, ...] = tuple(
    _rules(
        EntityKind.STAINING,
        ("12.2.1", "staining_compound", CODE_OR_STRING, Nil.OMITTED),
        ("12.2.2", "staining_target", CODE_OR_STRING, Nil.OMITTED),
        (
            "12.2.3",
            "staining_method",
            STRING,
            ("chemical", "immunostaining", "in situ hybridization"),
        ),
        ("12.2.4", "staining_reporter_type", STRING, Nil.OMITTED),
        (
            "12.2.5",
            "staining_reporter_color",
            STRING,
            Nil.OMITTED,
            ("brown", "red", "black", "teal", "purple", "green", "yellow"),
        ),
        ("12.2.6", "staining_procedure", CODE_OR_STRING, Nil.OMITTED),
        ("12.2.7", "antibody_information", SET, Nil.OMITTED),
        ("12.2.7.1", "antibody_information/commercial_name", STRING, Nil.ALWAYS),
        ("12.2.7.2", "antibody_information/antibody_vendor", STRING, Nil.ALWAYS),
    )
)
"""They hold inside each `STAIN` and in `PROCEDURE_INFORMATION`."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A rule on an element of its own; `field` is the noun's, `pattern` must match all of it."""

    number: str
    kind: EntityKind
    field: str
    pattern: str
    expected: str
    severity: Severity = Severity.WARNING


FIELD_RULES: tuple[FieldRule, ...] = (
    FieldRule("1.1.6", EntityKind.DATASET, "title", r"(?s).*\S.*", "a title", Severity.ERROR),
    FieldRule("1.1.7", EntityKind.DATASET, "short_name", r".{1,25}", "1 to 25 characters"),
    FieldRule(
        "1.1.3",
        EntityKind.DATASET,
        "version",
        r"\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?",
        "a semantic version such as 1.0.0",
    ),
    FieldRule("10.1.2", EntityKind.REMS, "workflow_id", r"\d+", "a whole number", Severity.ERROR),
    FieldRule("16.1.3", EntityKind.ORGANISATION, "pic_code", r"\d{9}", "the 9 digits of the EU"),
    FieldRule("16.1.2", EntityKind.ORGANISATION, "name", r"(?s).*\S.*", "the organisation's name"),
)
