"""Documents: the exchange XML of a study, every mandatory attribute of MSMdad 2.0 present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bigpicture.metaflex.build import (
    FileEntry,
    attributes,
    code_attribute,
    document,
    entity,
    files,
    image_type,
    measurement_attribute,
    numeric_attribute,
    reference,
    set_attribute,
    statement,
    string_attribute,
    text,
)
from bigpicture.metaflex.tree import Element
from bigpicture.metaflex.write import write_document
from bigpicture.model.entity import EntityKind
from bigpicture.phantom import terms
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.study import PlannedSlide, Specimen, Study

_USES = "Research Use"
_POLICY_TEXT = (
    "Invented data for demonstration. Users keep to the purpose of their application, do not pass "
    "the data on, and delete them when their access ends."
)
_ACKNOWLEDGEMENT = "This work used invented slides made by the bigpicture phantom."
_YEAR = 2026


@dataclass(frozen=True)
class MadeImage:
    """What became of a planned slide: files of the folder, size in pixels, share of compression."""

    slide: PlannedSlide
    files: tuple[FileEntry, ...]
    width: int
    height: int
    tile: int
    ratio: float
    annotation: FileEntry | None = None


def documents(
    study: Study, images: Sequence[MadeImage], *, thumbnails: Sequence[FileEntry], size: int
) -> Mapping[str, bytes]:
    """Every XML of the folder by its path; `size` is that of all images in bytes."""
    annotated = [image for image in images if image.annotation]
    sets: list[Sequence[Element]] = [
        [_dataset(study, images, annotated)],
        [_policy(study)],
        [_landing_page(study, images, thumbnails, annotated=len(annotated), size=size)],
        [_rems(study)],
        [_organisation(study)],
        [*_beings(study), *_cases(study), *_specimens(study), *_blocks(study), *_slides(study)],
        [_staining(stain) for stain in _stains(study)],
        [_image(image) for image in images],
        [_annotation(image) for image in annotated],
        _observations(study),
        [entity(EntityKind.OBSERVER, study.observer, [text("OBSERVER_TYPE", "Human")])],
    ]
    made = [document(each) for each in sets if each]
    return {each.name: write_document(each) for each in made}


def _dataset(study: Study, images: Sequence[MadeImage], annotated: Sequence[MadeImage]) -> Element:
    parts = [
        text("TITLE", study.title),
        text("SHORT_NAME", study.short_name),
        text("DESCRIPTION", study.description),
        text("VERSION", "1.0.0"),
        text("METADATA_STANDARD", "2.0.0"),
        text("DATASET_OWNER_CONTACT_EMAIL", study.email),
        text("DATASET_TYPE", "Whole slide imaging"),
        *(reference("IMAGE_REF", image.slide.image) for image in images),
        *(reference("ANNOTATION_REF", _annotation_alias(image)) for image in annotated),
        *(reference("OBSERVATION_REF", alias) for alias in _observation_aliases(study)),
    ]
    stated = [code_attribute("tox_study_duration", study.duration)] if study.duration else []
    return entity(EntityKind.DATASET, study.alias, parts, stated=stated)


def _policy(study: Study) -> Element:
    basis = "Informed Consent Form" if study.type.is_clinical else "Not personal data"
    stated = [
        string_attribute("title", f"Terms of use of {study.short_name}"),
        string_attribute("type_of_dataset", study.type.value),
        string_attribute("access_tier", study.tier.value),
        string_attribute("legal_basis_for_sharing_the_data", basis),
        string_attribute("terms_of_use_version", "2026-01-15"),
        *_terms_of_use(),
        string_attribute("required_bigpicture_acknowledgment", _ACKNOWLEDGEMENT),
        set_attribute("required_custom_acknowledgments", None),
        string_attribute("required_citation", None),
    ]
    return entity(EntityKind.POLICY, f"{study.alias}-policy", [_dataset_ref(study)], stated=stated)


def _terms_of_use() -> list[Element]:
    """What policy and landing page say alike."""
    return [
        string_attribute("type_of_access", "Direct Access"),
        string_attribute("policy_text", _POLICY_TEXT),
        set_attribute("allowed_uses", [string_attribute("allowed_use", _USES)]),
        string_attribute("allowed_geographical_distribution", "Worldwide"),
        string_attribute("duration_of_use", "Unlimited time"),
        string_attribute("defined_research_question_required", "False"),
        string_attribute("informed_consent_form_defined_use_restrictions", None),
        string_attribute("custom_use_restrictions", None),
    ]


def _landing_page(
    study: Study,
    images: Sequence[MadeImage],
    thumbnails: Sequence[FileEntry],
    *,
    annotated: int,
    size: int,
) -> Element:
    sites = {specimen.site.meaning for specimen in study.specimens}
    methods = {specimen.method.meaning for specimen in study.specimens}
    stains = {_stain_name(slide.stain) for slide in study.slides}
    diagnoses = {
        code.meaning
        for slide in study.slides
        for tag, code in slide.statement.codes
        if tag in {"diagnosis", "MISTRESC"}
    }
    species = {being.species.meaning for being in study.beings}
    starts = sorted(specimen.age[0] for specimen in study.specimens)
    stated = [
        string_attribute("header", study.title),
        string_attribute("doi", None),
        string_attribute("dataset_name", study.title),
        string_attribute("dataset_short_name", study.short_name),
        string_attribute("dataset_description", study.description),
        _words("keywords", "keyword", study.keywords),
        _words("animal_species", "animal_species", species),
        _words("anatomical_sites", "anatomical_site", sites),
        set_attribute(
            "age_at_extraction",
            [
                string_attribute("interval_start", starts[0]),
                string_attribute("interval_length", study.specimens[0].age[1]),
            ],
        ),
        _words("extraction_methods", "extraction_method", methods),
        _words("specimen_types", "specimen_type", [terms.TISSUE.meaning]),
        _words("stainings", "staining", stains),
        _words("medical_diagnoses", "medical_diagnosis", diagnoses),
        _words("image_types", "image_type", ["WSI Brightfield"]),
        set_attribute(
            "image_resolutions",
            [
                numeric_attribute("image_resolution", mpp)
                for mpp in sorted({image.slide.mpp for image in images})
            ],
        ),
        *_numbers(study, images, annotated=annotated, size=size),
        _words("geographical_areas", "geographical_area", [study.geography]),
        numeric_attribute("year_of_submission", _YEAR),
        string_attribute("dataset_version", "1.0.0"),
        string_attribute("metadata_standard_version", "2.0.0"),
        set_attribute("changelog", [string_attribute("1.0.0", "First version.")]),
        set_attribute("comments", [string_attribute("Origin", "Computed, not scanned.")]),
        string_attribute("center_name", study.center),
        _words("cite_as", "citation", [f"{study.center} ({_YEAR}). {study.title}."]),
        set_attribute("references", None),
        *_terms_of_use(),
    ]
    parts = [_dataset_ref(study)]
    if thumbnails:
        parts.append(files(thumbnails, tag="SAMPLE_IMAGE_FILES"))
    return entity(EntityKind.LANDING_PAGE, f"{study.alias}-landing-page", parts, stated=stated)


def _numbers(
    study: Study, images: Sequence[MadeImage], *, annotated: int, size: int
) -> list[Element]:
    counts = {
        "number_of_biological_beings": len(study.beings),
        "number_of_cases": len(study.cases),
        "number_of_wsis": len(images),
        "number_of_observations": len(_observation_aliases(study)),
        "number_of_annotations": annotated,
        "dataset_size": size,
    }
    return [numeric_attribute(tag, value) for tag, value in counts.items()]


def _rems(study: Study) -> Element:
    parts = [text("WORKFLOW_ID", "1"), text("ORGANISATION_ID", "phantom"), _dataset_ref(study)]
    return entity(EntityKind.REMS, f"{study.alias}-rems", parts)


def _organisation(study: Study) -> Element:
    parts = [
        text("NAME", study.center),
        text("PIC_CODE", "999999999"),
        text("DATAMANAGER_PERUN_GROUP", "00000000-0000-4000-8000-000000000000"),
        _dataset_ref(study),
    ]
    return entity(EntityKind.ORGANISATION, f"{study.alias}-organisation", parts)


def _beings(study: Study) -> list[Element]:
    made: list[Element] = []
    for being in study.beings:
        stated = [
            string_attribute("sex", being.sex),
            code_attribute("animal_species", being.species),
        ]
        if being.strain:
            stated += [
                code_attribute("animal_strain", being.strain),
                code_attribute("termination_status", being.ended),
                string_attribute("control_terminology", being.control),
            ]
        made.append(entity(EntityKind.BEING, being.alias, stated=stated))
    return made


def _cases(study: Study) -> list[Element]:
    return [
        entity(EntityKind.CASE, case, [reference("BIOLOGICAL_BEING_REF", being)])
        for case, being in study.cases.items()
    ]


def _specimens(study: Study) -> list[Element]:
    return [_specimen(specimen) for specimen in study.specimens]


def _specimen(specimen: Specimen) -> Element:
    parts = [reference("EXTRACTED_FROM_REF", specimen.being.alias)]
    if specimen.case:
        parts.append(reference("PART_OF_CASE_REF", specimen.case))
    stated = [
        code_attribute("extraction_method", specimen.method),
        code_attribute("fixation_type", terms.FORMALIN),
        set_attribute(
            "age_at_extraction",
            [
                string_attribute("interval_start", specimen.age[0]),
                string_attribute("interval_length", specimen.age[1]),
            ],
        ),
        code_attribute("anatomical_site", specimen.site),
        code_attribute("specimen_type", terms.TISSUE),
    ]
    return entity(EntityKind.SPECIMEN, specimen.alias, parts, stated=stated)


def _blocks(study: Study) -> list[Element]:
    blocks = {slide.block: slide.specimen.alias for slide in study.slides}
    return [
        entity(
            EntityKind.BLOCK,
            block,
            [reference("SAMPLED_FROM_REF", specimen)],
            stated=[code_attribute("block_preparation", terms.PARAFFIN)],
        )
        for block, specimen in blocks.items()
    ]


def _slides(study: Study) -> list[Element]:
    return [
        entity(
            EntityKind.SLIDE,
            slide.alias,
            [
                reference("CREATED_FROM_REF", slide.block),
                reference("STAINING_INFORMATION_REF", _staining_alias(slide.stain)),
            ],
        )
        for slide in study.slides
    ]


def _stains(study: Study) -> list[Stain]:
    return list(dict.fromkeys(slide.stain for slide in study.slides))


def _staining_alias(stain: Stain) -> str:
    return f"staining-{stain.value}"


def _stain_name(stain: Stain) -> str:
    if stain is Stain.HE:
        return terms.HE_METHOD.meaning
    return (terms.HER2 if stain is Stain.HER2 else terms.KI67).meaning


def _staining(stain: Stain) -> Element:
    chemical = string_attribute("staining_method", "chemical")
    if stain is Stain.HE:
        parts = [
            attributes(
                [chemical, code_attribute("staining_procedure", terms.HE_METHOD)],
                tag="PROCEDURE_INFORMATION",
            )
        ]
        return entity(EntityKind.STAINING, _staining_alias(stain), parts)
    target = terms.HER2 if stain is Stain.HER2 else terms.KI67
    marker = [
        string_attribute("staining_compound", terms.ANTIBODY),
        code_attribute("staining_target", target),
        string_attribute("staining_method", "immunostaining"),
        string_attribute("staining_reporter_type", "chromogen"),
        string_attribute("staining_reporter_color", "brown"),
        set_attribute("antibody_information", None),
    ]
    counter = [code_attribute("staining_compound", terms.HAEMATOXYLIN), chemical]
    parts = [attributes(marker, tag="STAIN"), attributes(counter, tag="STAIN")]
    return entity(EntityKind.STAINING, _staining_alias(stain), parts)


def _image(image: MadeImage) -> Element:
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
        string_attribute("scanner_manufacturers_name", "Invented"),
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


def _annotation(image: MadeImage) -> Element:
    assert image.annotation is not None
    parts = [reference("IMAGE_REF", image.slide.image), files([image.annotation])]
    stated = [
        string_attribute("date_of_creation", "1970-01-01"),
        string_attribute("author_type", "machine"),
        string_attribute("graphical_type", "polygon"),
    ]
    return entity(EntityKind.ANNOTATION, _annotation_alias(image), parts, stated=stated)


def _annotation_alias(image: MadeImage) -> str:
    return f"{image.slide.alias}-annotation"


def _observed(study: Study) -> dict[str, tuple[str, str, PlannedSlide]]:
    """Alias of each observation to (tag, alias of what is observed, a slide with the statement)."""
    found: dict[str, tuple[str, str, PlannedSlide]] = {}
    for slide in study.slides:
        on_case = slide.statement.on_case
        observed = slide.specimen.case if on_case else slide.alias
        found[f"{observed}-observation"] = "CASE_REF" if on_case else "SLIDE_REF", observed, slide
    return found


def _observation_aliases(study: Study) -> list[str]:
    return list(_observed(study))


def _observations(study: Study) -> list[Element]:
    made: list[Element] = []
    for alias, (tag, observed, slide) in _observed(study).items():
        said = slide.statement
        parts = [
            reference(tag, observed),
            reference("OBSERVER_REF", study.observer),
            statement(
                said.kind,
                said.status,
                freetext=said.words,
                codes=[code_attribute(name, code) for name, code in said.codes],
                custom=[string_attribute(name, value) for name, value in said.custom],
            ),
        ]
        made.append(entity(EntityKind.OBSERVATION, alias, parts))
    return made


def _dataset_ref(study: Study) -> Element:
    return reference("DATASET_REF", study.alias)


def _words(tag: str, member: str, values: Sequence[str] | set[str]) -> Element:
    ordered = sorted(values) if isinstance(values, set) else values
    return set_attribute(tag, [string_attribute(member, value) for value in ordered])


def _pair(tag: str, first: tuple[str, float], second: tuple[str, float], units: str) -> Element:
    return set_attribute(
        tag, [measurement_attribute(name, value, units) for name, value in (first, second)]
    )
