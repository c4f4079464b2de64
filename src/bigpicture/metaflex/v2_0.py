"""MetaFleX 2.0, of January 2025: every class, as the standard's own XSDs have it."""

from __future__ import annotations

from collections.abc import Mapping

from bigpicture.metaflex.form import (
    ATTRIBUTES,
    MANY,
    Object,
    Part,
    Schema,
    Shape,
    reference,
    text,
)
from bigpicture.model.entity import EntityKind

OBSERVED: Mapping[str, EntityKind] = {
    "ANNOTATION_REF": EntityKind.ANNOTATION,
    "CASE_REF": EntityKind.CASE,
    "BIOLOGICAL_BEING_REF": EntityKind.BEING,
    "SPECIMEN_REF": EntityKind.SPECIMEN,
    "BLOCK_REF": EntityKind.BLOCK,
    "SLIDE_REF": EntityKind.SLIDE,
    "IMAGE_REF": EntityKind.IMAGE,
}

_DATASET_REF = reference("DATASET_REF", EntityKind.DATASET)
_SAMPLES = ("SAMPLE_SET", "METADATA/sample.xml")

OBJECTS: tuple[Object, ...] = (
    Object(
        EntityKind.DATASET,
        "DATASET",
        "DATASET_SET",
        "METADATA/dataset.xml",
        (
            text("TITLE"),
            text("SHORT_NAME"),
            text("DESCRIPTION", least=0),
            text("VERSION"),
            text("METADATA_STANDARD", pattern=r"2\.0\.\d+"),
            text("DATASET_OWNER_CONTACT_EMAIL", least=0),
            Part("DATASET_TYPE", Shape.TEXT, 0, MANY, values=("Whole slide imaging",)),
            reference("IMAGE_REF", EntityKind.IMAGE, least=0, most=MANY),
            reference("ANNOTATION_REF", EntityKind.ANNOTATION, least=0, most=MANY),
            reference("OBSERVATION_REF", EntityKind.OBSERVATION, least=0, most=MANY),
            reference("COMPLEMENTS_DATASET_REF", EntityKind.DATASET, least=0, most=MANY),
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
        (reference("BIOLOGICAL_BEING_REF", EntityKind.BEING), ATTRIBUTES),
    ),
    Object(
        EntityKind.SPECIMEN,
        "SPECIMEN",
        *_SAMPLES,
        (
            reference("EXTRACTED_FROM_REF", EntityKind.BEING),
            reference("PART_OF_CASE_REF", EntityKind.CASE, least=0),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.BLOCK,
        "BLOCK",
        *_SAMPLES,
        (reference("SAMPLED_FROM_REF", EntityKind.SPECIMEN, most=MANY), ATTRIBUTES),
    ),
    Object(
        EntityKind.SLIDE,
        "SLIDE",
        *_SAMPLES,
        (
            reference("CREATED_FROM_REF", EntityKind.BLOCK),
            reference("STAINING_INFORMATION_REF", EntityKind.STAINING),
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
            reference("IMAGE_OF", EntityKind.SLIDE, most=MANY),
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
            reference("IMAGE_REF", EntityKind.IMAGE),
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
            *(reference(tag, kind, choice="observed") for tag, kind in OBSERVED.items()),
            reference("OBSERVER_REF", EntityKind.OBSERVER, least=0, most=MANY),
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
            text("REMS_ACCESS_LINK", least=0),
            Part("SAMPLE_IMAGE_FILES", Shape.FILES, 0, 1, values=("jpg", "png")),
            ATTRIBUTES,
        ),
    ),
    Object(
        EntityKind.REMS,
        "REMS",
        "REMS_SET",
        "PRIVATE/rems.xml",
        (text("WORKFLOW_ID"), text("ORGANISATION_ID"), _DATASET_REF, ATTRIBUTES),
    ),
    Object(
        EntityKind.ORGANISATION,
        "ORGANISATION",
        "ORGANISATION_SET",
        "PRIVATE/organisation.xml",
        (
            text("NAME"),
            Part("PIC_CODE", Shape.WHOLE_NUMBER),
            text("DATAMANAGER_PERUN_GROUP"),
            _DATASET_REF,
            ATTRIBUTES,
        ),
    ),
)

METAFLEX_2_0 = Schema("2.0", OBJECTS, digests=("checksum",))
