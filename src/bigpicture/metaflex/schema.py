"""The schema of MetaFleX 2.0: files, containers, and the order of elements in each object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.entity import EntityKind

VERSION = "2.0.0"
MANY = 1_000_000_000
"""maxOccurs="unbounded"."""


class Shape(StrEnum):
    """What an element holds."""

    TEXT = "text"
    WHOLE_NUMBER = "whole number"
    REFERENCE = "reference"
    FILES = "files"
    ATTRIBUTES = "attributes"
    CODES = "code attributes"
    CHOICE = "choice"
    """One empty-ish element out of `values` (IMAGE_TYPE)."""
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Part:
    """A child element of an object: how often, in which shape.

    Parts with the same `choice` exclude each other, and exactly one of them must stand there.
    """

    tag: str
    shape: Shape
    least: int = 1
    most: int = 1
    refers_to: EntityKind | None = None
    values: tuple[str, ...] = ()
    pattern: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """One class of the standard in XML."""

    kind: EntityKind
    tag: str
    container: str
    file: str
    """Where it stands in a dataset folder."""
    parts: tuple[Part, ...]


def _text(tag: str, *, least: int = 1, most: int = 1, pattern: str = "") -> Part:
    return Part(tag, Shape.TEXT, least, most, pattern=pattern)


def _reference(
    tag: str, kind: EntityKind, *, least: int = 1, most: int = 1, choice: str = ""
) -> Part:
    return Part(tag, Shape.REFERENCE, least, most, refers_to=kind, choice=choice)


ATTRIBUTES = Part("ATTRIBUTES", Shape.ATTRIBUTES)

STATEMENT: tuple[Part, ...] = (
    Part(
        "STATEMENT_TYPE",
        Shape.TEXT,
        values=("Diagnosis", "Macroscopic Description", "Microscopic Description", "Finding"),
    ),
    Part("STATEMENT_STATUS", Shape.TEXT, values=("Summary", "Distinct")),
    Part("CODE_ATTRIBUTES", Shape.CODES),
    Part("CUSTOM_ATTRIBUTES", Shape.ATTRIBUTES),
    Part("FREETEXT", Shape.TEXT),
    ATTRIBUTES,
)

NILLABLE = frozenset(
    {"ATTRIBUTES", "CODE_ATTRIBUTES", "CUSTOM_ATTRIBUTES", "FREETEXT", "VALUE", "SCHEME_VERSION"}
)
"""The elements that may say `xsi:nil`, wherever they stand."""

FILE_TAGS = {"FILES": "FILE", "SAMPLE_IMAGE_FILES": "SAMPLE_IMAGE_FILE"}

OBSERVED: Mapping[str, EntityKind] = {
    "ANNOTATION_REF": EntityKind.ANNOTATION,
    "CASE_REF": EntityKind.CASE,
    "BIOLOGICAL_BEING_REF": EntityKind.BEING,
    "SPECIMEN_REF": EntityKind.SPECIMEN,
    "BLOCK_REF": EntityKind.BLOCK,
    "SLIDE_REF": EntityKind.SLIDE,
    "IMAGE_REF": EntityKind.IMAGE,
}

_DATASET_REF = _reference("DATASET_REF", EntityKind.DATASET)
_SAMPLES = ("SAMPLE_SET", "METADATA/sample.xml")

OBJECTS: tuple[Object, ...] = (
    Object(
        EntityKind.DATASET,
        "DATASET",
        "DATASET_SET",
        "METADATA/dataset.xml",
        (
            _text("TITLE"),
            _text("SHORT_NAME"),
            _text("DESCRIPTION", least=0),
            _text("VERSION"),
            _text("METADATA_STANDARD", pattern=r"2\.0\.\d+"),
            _text("DATASET_OWNER_CONTACT_EMAIL", least=0),
            Part("DATASET_TYPE", Shape.TEXT, 0, MANY, values=("Whole slide imaging",)),
            _reference("IMAGE_REF", EntityKind.IMAGE, least=0, most=MANY),
            _reference("ANNOTATION_REF", EntityKind.ANNOTATION, least=0, most=MANY),
            _reference("OBSERVATION_REF", EntityKind.OBSERVATION, least=0, most=MANY),
            _reference("COMPLEMENTS_DATASET_REF", EntityKind.DATASET, least=0, most=MANY),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.POLICY,
        "POLICY",
        "POLICY_SET",
        "METADATA/policy.xml",
        (_DATASET_REF, ATTRIBUTES),
    ),
    Object(EntityKind.BEING, "BIOLOGICAL_BEING", *_SAMPLES, (ATTRIBUTES,)),
    Object(
        EntityKind.CASE,
        "CASE",
        *_SAMPLES,
        (_reference("BIOLOGICAL_BEING_REF", EntityKind.BEING), ATTRIBUTES),
    ),
    Object(
        EntityKind.SPECIMEN,
        "SPECIMEN",
        *_SAMPLES,
        (
            _reference("EXTRACTED_FROM_REF", EntityKind.BEING),
            _reference("PART_OF_CASE_REF", EntityKind.CASE, least=0),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.BLOCK,
        "BLOCK",
        *_SAMPLES,
        (_reference("SAMPLED_FROM_REF", EntityKind.SPECIMEN, most=MANY), ATTRIBUTES),
    ),
    Object(
        EntityKind.SLIDE,
        "SLIDE",
        *_SAMPLES,
        (
            _reference("CREATED_FROM_REF", EntityKind.BLOCK),
            _reference("STAINING_INFORMATION_REF", EntityKind.STAINING),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.STAINING,
        "STAINING",
        "STAINING_SET",
        "METADATA/staining.xml",
        (
            Part("PROCEDURE_INFORMATION", Shape.ATTRIBUTES, choice="staining"),
            Part("STAIN", Shape.ATTRIBUTES, 1, MANY, choice="staining"),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.IMAGE,
        "IMAGE",
        "IMAGE_SET",
        "METADATA/image.xml",
        (
            _reference("IMAGE_OF", EntityKind.SLIDE, most=MANY),
            Part("IMAGE_TYPE", Shape.CHOICE, values=("WSI_IMAGE", "GROSS_IMAGE")),
            Part("FILES", Shape.FILES, 1, values=("dcm",)),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.ANNOTATION,
        "ANNOTATION",
        "ANNOTATION_SET",
        "METADATA/annotation.xml",
        (
            _reference("IMAGE_REF", EntityKind.IMAGE),
            Part("FILES", Shape.FILES, values=("dcm", "json")),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.OBSERVATION,
        "OBSERVATION",
        "OBSERVATION_SET",
        "METADATA/observation.xml",
        (
            *(_reference(tag, kind, choice="observed") for tag, kind in OBSERVED.items()),
            _reference("OBSERVER_REF", EntityKind.OBSERVER, least=0, most=MANY),
            Part("STATEMENT", Shape.STATEMENT),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.OBSERVER,
        "OBSERVER",
        "OBSERVER_SET",
        "METADATA/observer.xml",
        (Part("OBSERVER_TYPE", Shape.TEXT, values=("Human", "Machine")), ATTRIBUTES),
    ),
    Object(
        EntityKind.LANDING_PAGE,
        "LANDING_PAGE",
        "LANDING_PAGE_SET",
        "LANDING_PAGE/landing_page.xml",
        (
            _DATASET_REF,
            _text("REMS_ACCESS_LINK", least=0),
            Part("SAMPLE_IMAGE_FILES", Shape.FILES, 0, 1, values=("jpg", "png")),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.REMS,
        "REMS",
        "REMS_SET",
        "PRIVATE/rems.xml",
        (_text("WORKFLOW_ID"), _text("ORGANISATION_ID"), _DATASET_REF, ATTRIBUTES),
    ),
    Object(
        EntityKind.ORGANISATION,
        "ORGANISATION",
        "ORGANISATION_SET",
        "PRIVATE/organisation.xml",
        (
            _text("NAME"),
            Part("PIC_CODE", Shape.WHOLE_NUMBER),
            _text("DATAMANAGER_PERUN_GROUP"),
            _DATASET_REF,
            ATTRIBUTES,
        ),
    ),
)

BY_TAG: Mapping[str, Object] = {each.tag: each for each in OBJECTS}
BY_KIND: Mapping[EntityKind, Object] = {each.kind: each for each in OBJECTS}
CONTAINERS = frozenset(each.container for each in OBJECTS)

NAMED = frozenset(
    {each.tag for each in OBJECTS}
    | {part.tag for each in OBJECTS for part in each.parts if part.shape == Shape.REFERENCE}
    | {"FILE", "SAMPLE_IMAGE_FILE"}
)
"""The elements that bear attributes of MetaFleX."""

SAMPLE_IMAGES = 5
"""Most sample images of a landing page."""
