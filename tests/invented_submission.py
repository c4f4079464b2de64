"""A small clinical submission of invented contents that breaks no rule, for tests to damage."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.tree import Document, Element
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind

PIXELS = b"invented pixels"
SKETCH = b'{"type": "FeatureCollection", "features": []}'
THUMBNAIL = b"invented thumbnail"

HUMAN = Code("337915000", "SNOMED CT", "Homo sapiens")
LIVER = Code("10200004", "SNOMED CT", "Liver structure")
BIOPSY = Code("86273004", "SNOMED CT", "Biopsy")
FORMALIN = Code("434162003", "SNOMED CT", "Neutral buffered formalin")
PARAFFIN = Code("311731000", "SNOMED CT", "Paraffin wax")
H_AND_E = Code("104210008", "SNOMED CT", "Hematoxylin and eosin stain method (procedure)")
STEATOSIS = Code("442685003", "SNOMED CT", "Nonalcoholic steatohepatitis")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


FILES = {
    "IMAGES/IMAGE_image-1/level-0.dcm": (len(PIXELS), digest(PIXELS)),
    "ANNOTATIONS/drawing.geojson": (len(SKETCH), digest(SKETCH)),
    "LANDING_PAGE/THUMBNAILS/1.jpg": (len(THUMBNAIL), digest(THUMBNAIL)),
}
CONTENTS = {
    "IMAGES/IMAGE_image-1/level-0.dcm": PIXELS,
    "ANNOTATIONS/drawing.geojson": SKETCH,
    "LANDING_PAGE/THUMBNAILS/1.jpg": THUMBNAIL,
}


def dataset(*, listed: bool = True) -> Element:
    parts = [
        build.text("TITLE", "Invented livers"),
        build.text("SHORT_NAME", "Livers"),
        build.text("DESCRIPTION", "Nobody's livers."),
        build.text("VERSION", "1.0.0"),
        build.text("METADATA_STANDARD", "2.0.0"),
        build.text("DATASET_OWNER_CONTACT_EMAIL", "data@example.org"),
        build.text("DATASET_TYPE", "Whole slide imaging"),
    ]
    if listed:
        parts += [
            build.reference("IMAGE_REF", "image-1"),
            build.reference("ANNOTATION_REF", "annotation-1"),
            build.reference("OBSERVATION_REF", "observation-1"),
        ]
    return build.entity(EntityKind.DATASET, "dataset-1", parts)


def policy(*more: Element, type_of_dataset: str = "Clinical/Anonymized") -> Element:
    return build.entity(
        EntityKind.POLICY,
        "policy-1",
        [build.reference("DATASET_REF", "dataset-1")],
        stated=[
            build.string_attribute("title", "Policy of the invented livers"),
            build.string_attribute("type_of_dataset", type_of_dataset),
            build.string_attribute("type_of_access", "Direct Access"),
            build.string_attribute("policy_text", "Be kind."),
            build.string_attribute("terms_of_use_version", "2026-01-01"),
            build.set_attribute(
                "allowed_uses", [build.string_attribute("allowed_use", "Research Use")]
            ),
            build.string_attribute("allowed_geographical_distribution", "Worldwide"),
            build.string_attribute("duration_of_use", "Unlimited time"),
            build.string_attribute("defined_research_question_required", "False"),
            build.string_attribute("informed_consent_form_defined_use_restrictions", None),
            build.string_attribute("custom_use_restrictions", None),
            build.string_attribute("required_bigpicture_acknowledgment", "Thank the project."),
            build.set_attribute("required_custom_acknowledgments", None),
            build.string_attribute("required_citation", None),
            *more,
        ],
    )


def samples() -> list[Element]:
    return [
        build.entity(
            EntityKind.BEING,
            "being-1",
            stated=[
                build.code_attribute("animal_species", HUMAN),
                build.string_attribute("sex", "Female"),
            ],
        ),
        build.entity(
            EntityKind.CASE, "case-1", [build.reference("BIOLOGICAL_BEING_REF", "being-1")]
        ),
        build.entity(
            EntityKind.SPECIMEN,
            "specimen-1",
            [
                build.reference("PART_OF_CASE_REF", "case-1"),
                build.reference("EXTRACTED_FROM_REF", "being-1"),
            ],
            stated=[
                build.code_attribute("extraction_method", BIOPSY),
                build.code_attribute("fixation_type", FORMALIN),
                build.set_attribute(
                    "age_at_extraction",
                    [
                        build.string_attribute("interval_start", "P50Y"),
                        build.string_attribute("interval_length", "P10Y"),
                    ],
                ),
                build.code_attribute("anatomical_site", LIVER),
            ],
        ),
        build.entity(
            EntityKind.BLOCK,
            "block-1",
            [build.reference("SAMPLED_FROM_REF", "specimen-1")],
            stated=[build.code_attribute("block_preparation", PARAFFIN)],
        ),
        build.entity(
            EntityKind.SLIDE,
            "slide-1",
            [
                build.reference("CREATED_FROM_REF", "block-1"),
                build.reference("STAINING_INFORMATION_REF", "staining-1"),
            ],
        ),
    ]


def staining() -> Element:
    return build.entity(
        EntityKind.STAINING,
        "staining-1",
        [
            build.attributes(
                [
                    build.string_attribute("staining_method", "chemical"),
                    build.code_attribute("staining_procedure", H_AND_E),
                ],
                tag="PROCEDURE_INFORMATION",
            )
        ],
    )


def pair(tag: str, first: str, second: str, *, units: str, value: float) -> Element:
    return build.set_attribute(
        tag,
        [
            build.measurement_attribute(first, value, units),
            build.measurement_attribute(second, value, units),
        ],
    )


def image() -> Element:
    path = "IMAGES/IMAGE_image-1/level-0.dcm"
    return build.entity(
        EntityKind.IMAGE,
        "image-1",
        [
            build.files([build.FileEntry(path, FILES[path][1])]),
            build.image_type(),
            build.reference("IMAGE_OF", "slide-1"),
        ],
        stated=[
            build.string_attribute("manufacturers_model_name", "Invented Scanner 1"),
            build.string_attribute("software_versions", "1"),
            build.string_attribute("acquisition_datetime", "1970-01-01"),
            build.string_attribute("scanner_manufacturers_name", "Invented Optics"),
            pair("base_layer_tile_size", "width", "height", units="pixels", value=256),
            pair("image_shape", "image_width", "image_height", units="pixels", value=4096),
            build.set_attribute("image_origin_in_slide_coordinate_system", None),
            pair("pixel_spacing", "vertical", "horizontal", units="micrometers", value=0.25),
            build.measurement_attribute("depth_of_field", 1.5, "micrometers"),
            build.set_attribute(
                "optical_paths",
                [
                    build.set_attribute(
                        "optical_path",
                        [
                            build.string_attribute("optical_path_identifier", "0"),
                            build.string_attribute("color_space", "YBR_FULL_422"),
                            build.numeric_attribute("color_depth", 8),
                            build.set_attribute(
                                "illumination",
                                [
                                    build.string_attribute("type", "Brightfield"),
                                    build.string_attribute("color", "Full Spectrum"),
                                ],
                            ),
                        ],
                    )
                ],
            ),
            build.set_attribute(
                "image_compressions",
                [
                    build.set_attribute(
                        "image_compression",
                        [
                            build.numeric_attribute("ratio", 12.5),
                            build.string_attribute("method", "JPEG Lossy"),
                        ],
                    )
                ],
            ),
            build.string_attribute("compression_status", "LOSSY"),
            build.string_attribute("bp_image_type", "WSI Brightfield"),
            build.string_attribute("has_overview", "False"),
            build.string_attribute("has_label", "False"),
            build.string_attribute("tma_status", "False"),
            build.string_attribute("focus_method", "AUTO"),
            build.string_attribute("color_profile", "MISSING"),
            build.string_attribute("biological_being_identifier_present_in_image", "False"),
        ],
    )


def annotation() -> Element:
    path = "ANNOTATIONS/drawing.geojson"
    return build.entity(
        EntityKind.ANNOTATION,
        "annotation-1",
        [
            build.reference("IMAGE_REF", "image-1"),
            build.files([build.FileEntry(path, FILES[path][1], "json")]),
        ],
    )


def observation(
    alias: str = "observation-1", *, on: tuple[str, str] = ("CASE_REF", "case-1")
) -> Element:
    return build.entity(
        EntityKind.OBSERVATION,
        alias,
        [
            build.reference(*on),
            build.reference("OBSERVER_REF", "observer-1"),
            build.statement(
                "Diagnosis", "Summary", codes=[build.code_attribute("diagnosis", STEATOSIS)]
            ),
        ],
    )


def landing_page() -> Element:
    path = "LANDING_PAGE/THUMBNAILS/1.jpg"
    return build.entity(
        EntityKind.LANDING_PAGE,
        "page-1",
        [
            build.reference("DATASET_REF", "dataset-1"),
            build.files([build.FileEntry(path, FILES[path][1], "jpg")], tag="SAMPLE_IMAGE_FILES"),
        ],
        stated=[
            build.string_attribute("header", "Invented livers"),
            build.string_attribute("dataset_name", "Invented livers"),
            build.string_attribute("policy_text", "Be kind."),
            build.string_attribute("center_name", "University of Nowhere"),
            build.set_attribute(
                "keywords",
                [build.string_attribute("keyword", each) for each in ("liver", "fat")],
            ),
            build.set_attribute("changelog", [build.string_attribute("1.0.0", "First.")]),
            build.numeric_attribute("year_of_submission", 2026),
        ],
    )


def submission() -> dict[str, Document]:
    """Return every document by path; checking it against `FILES` finds nothing."""
    documents = [
        build.document([dataset()]),
        build.document([policy()]),
        build.document(samples()),
        build.document([staining()]),
        build.document([image()]),
        build.document([annotation()]),
        build.document([observation()]),
        build.document(
            [
                build.entity(
                    EntityKind.OBSERVER, "observer-1", [build.text("OBSERVER_TYPE", "Human")]
                )
            ]
        ),
        build.document([landing_page()]),
        build.document(
            [
                build.entity(
                    EntityKind.REMS,
                    "rems-1",
                    [
                        build.text("WORKFLOW_ID", "7"),
                        build.text("ORGANISATION_ID", "nowhere"),
                        build.reference("DATASET_REF", "dataset-1"),
                    ],
                )
            ]
        ),
        build.document(
            [
                build.entity(
                    EntityKind.ORGANISATION,
                    "organisation-1",
                    [
                        build.text("NAME", "University of Nowhere"),
                        build.text("PIC_CODE", "123456789"),
                        build.text("DATAMANAGER_PERUN_GROUP", "group"),
                        build.reference("DATASET_REF", "dataset-1"),
                    ],
                )
            ]
        ),
    ]
    return {document.name: document for document in documents}


def instead(path: str, *objects: Element) -> dict[str, Document]:
    """Return the submission with one document holding `objects`; none: the document is absent."""
    documents = submission()
    del documents[path]
    return documents | ({path: replace(build.document(objects), name=path)} if objects else {})
