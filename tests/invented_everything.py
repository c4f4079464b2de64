"""Two invented submissions, clinical and not, that state every row of the standard."""

from __future__ import annotations

from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.tree import Document, Element
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from invented_submission import (
    BIOPSY,
    FILES,
    FORMALIN,
    HUMAN,
    LIVER,
    PARAFFIN,
    dataset,
    image,
    landing_page,
    policy,
    samples,
    submission,
)

text, number, code = build.string_attribute, build.numeric_attribute, build.code_attribute
measured, several = build.measurement_attribute, build.set_attribute


def send(value: str, meaning: str = "") -> Code:
    return Code(value, "SEND", meaning or value)


def everything(*, is_clinical: bool) -> dict[str, Document]:
    """Every document by path; each attribute of the context is stated, and nothing is wrong."""
    documents = submission()
    objects = {
        "METADATA/dataset.xml": [_dataset(is_clinical)],
        "METADATA/policy.xml": [_policy(is_clinical)],
        "METADATA/sample.xml": _samples(is_clinical),
        "METADATA/staining.xml": [_staining()],
        "METADATA/image.xml": [_image()],
        "METADATA/annotation.xml": [_annotation()],
        "LANDING_PAGE/landing_page.xml": [_landing_page(is_clinical)],
    }
    made = {name: replace(build.document(each), name=name) for name, each in objects.items()}
    return documents | made


def _with(element: Element, *more: Element, without: tuple[str, ...] = ()) -> Element:
    """The object with more attributes, and without those of some tags."""
    *parts, stated = element.children
    kept = [
        each
        for each in stated.children
        if isinstance(each, Element) and each.child("TAG").text not in without
    ]
    return replace(element, children=(*parts, build.attributes([*kept, *more])))


def _dataset(is_clinical: bool) -> Element:
    duration = [] if is_clinical else [code("tox_study_duration", send("P28D", "28 days"))]
    return _with(dataset(), *duration)


def _policy(is_clinical: bool) -> Element:
    kind = "Clinical/Pseudonymized" if is_clinical else "Non-Clinical/Obscured"
    return _with(
        policy(type_of_dataset=kind),
        text("legal_basis_for_sharing_the_data", "Informed Consent Form"),
        several(
            "required_custom_acknowledgments",
            [text("required_custom_acknowledgment", "Thank Nobody.")],
        ),
        without=("required_custom_acknowledgments",),
    )


def _samples(is_clinical: bool) -> list[Element]:
    being, case, specimen, block, slide = samples()
    if not is_clinical:
        being = _with(
            being,
            code("animal_species", send("C14266", "RAT")),
            code("animal_strain", send("WISTAR")),
            code("termination_status", send("TERMINAL SACRIFICE")),
            text("control_terminology", "CONTROL"),
            without=("animal_species",),
        )
    second = build.entity(
        EntityKind.SPECIMEN,
        "specimen-2",
        [
            build.reference("PART_OF_CASE_REF", "case-1"),
            build.reference("EXTRACTED_FROM_REF", "being-1"),
        ],
        stated=[
            code("extraction_method", BIOPSY),
            code("fixation_type", FORMALIN),
            several(
                "age_at_extraction",
                [text("interval_start", "P50Y"), text("interval_length", "PT0S")],
            ),
            several("anatomical_site_list", [code("anatomical_site", LIVER)] * 2),
            code("specimen_type", Code("119376003", "SNOMED CT", "Tissue specimen")),
        ],
    )
    assert HUMAN.scheme == PARAFFIN.scheme == "SNOMED CT"
    return [being, case, specimen, second, block, slide]


def _staining() -> Element:
    targeted = [
        text("staining_method", "immunostaining"),
        text("staining_compound", "Antibody"),
        code("staining_target", Code("HGNC:7107", "HGNC", "MKI67")),
        text("staining_reporter_type", "chromogen"),
        text("staining_reporter_color", "brown"),
        several(
            "antibody_information",
            [text("commercial_name", "Invented-1"), text("antibody_vendor", "Nobody")],
        ),
    ]
    counter = [
        text("staining_method", "chemical"),
        code("staining_procedure", Code("104210008", "SNOMED CT", "Hematoxylin stain method")),
    ]
    parts = [build.attributes(each, tag="STAIN") for each in (targeted, counter)]
    return build.entity(EntityKind.STAINING, "staining-1", parts)


def _image() -> Element:
    return _with(
        image(),
        text("device_serial_number", "UNKNOWN"),
        several(
            "image_origin_in_slide_coordinate_system",
            [measured("x", 1.5, "mm"), measured("y", 2.5, "mm")],
        ),
        several(
            "extended_depth_of_field",
            [
                number("number_of_focal_planes", 3),
                measured("distance_between_focal_planes", 1.5, "micrometers"),
            ],
        ),
        several(
            "image_orientation_in_slide_coordinate_system",
            [
                number("image_row_x_component", 0),
                number("image_row_y_component", 1),
                number("image_column_x_component", 1),
                number("image_column_y_component", 0),
            ],
        ),
        several(
            "optical_paths",
            [
                several(
                    "optical_path",
                    [
                        text("optical_path_identifier", "0"),
                        text("color_space", "RGB"),
                        number("color_depth", 8),
                        several(
                            "illumination",
                            [
                                text("type", "Brightfield"),
                                measured("wavelength", 550, "nanometers"),
                                text("color", "Green"),
                            ],
                        ),
                    ],
                )
            ],
        ),
        without=("image_origin_in_slide_coordinate_system", "optical_paths"),
    )


def _annotation() -> Element:
    path = "ANNOTATIONS/drawing.geojson"
    return build.entity(
        EntityKind.ANNOTATION,
        "annotation-1",
        [
            build.reference("IMAGE_REF", "image-1"),
            build.files([build.FileEntry(path, FILES[path][1], "json")]),
        ],
        stated=[
            text("date_of_creation", "2026-01-15"),
            text("author_type", "human"),
            text("graphical_type", "polygon"),
        ],
    )


def _landing_page(is_clinical: bool) -> Element:
    return _with(
        landing_page(),
        text("doi", None),
        text("dataset_short_name", "Livers"),
        text("dataset_description", "Nobody's livers."),
        several(
            "animal_species", [text("animal_species", "Homo sapiens" if is_clinical else "RAT")]
        ),
        several("anatomical_sites", [text("anatomical_site", "Liver structure")]),
        several(
            "age_at_extraction", [text("interval_start", "P50Y"), text("interval_length", "P10Y")]
        ),
        several("extraction_methods", [text("extraction_method", "Biopsy")]),
        several("specimen_types", [text("specimen_type", "Tissue specimen")]),
        several("stainings", [text("staining", "MKI67")]),
        several("medical_diagnoses", [text("medical_diagnosis", "Steatohepatitis")]),
        several("image_types", [text("image_type", "WSI Brightfield")]),
        several("image_resolutions", [number("image_resolution", 0.25)]),
        number("number_of_biological_beings", 1),
        number("number_of_cases", 1),
        number("number_of_wsis", 1),
        number("number_of_observations", 1),
        number("number_of_annotations", 1),
        number("dataset_size", sum(size for size, _ in FILES.values())),
        several("geographical_areas", [text("geographical_area", "Nowhere")]),
        text("dataset_version", "1.0.0"),
        text("metadata_standard_version", "2.0.0"),
        several("comments", [text("Origin", "Invented.")]),
        several("cite_as", [text("citation", "Nobody (2026).")]),
        several("references", [text("reference", "None.")]),
        text("type_of_access", "Direct Access"),
        several("allowed_uses", [text("allowed_use", "Research Use")]),
        text("allowed_geographical_distribution", "Worldwide"),
        text("duration_of_use", "Unlimited time"),
        text("defined_research_question_required", "False"),
        text("informed_consent_form_defined_use_restrictions", None),
        text("custom_use_restrictions", None),
    )
