"""The landing page of an invented dataset, every figure taken from the study."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.metaflex.build import (
    FileEntry,
    entity,
    files,
    numeric_attribute,
    set_attribute,
    string_attribute,
)
from bigpicture.metaflex.tree import Element
from bigpicture.model.entity import EntityKind
from bigpicture.phantom import terms
from bigpicture.phantom.made import MadeImage, dataset_ref
from bigpicture.phantom.observed import observation_aliases
from bigpicture.phantom.policy import terms_of_use
from bigpicture.phantom.staining import stain_name
from bigpicture.phantom.study import Study

_YEAR = 2026


def landing_page(
    study: Study,
    images: Sequence[MadeImage],
    thumbnails: Sequence[FileEntry],
    *,
    annotated: int,
    size: int,
) -> Element:
    sites = {specimen.site.meaning for specimen in study.specimens}
    methods = {specimen.method.meaning for specimen in study.specimens}
    stains = {stain_name(slide.stain) for slide in study.slides}
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
        *terms_of_use(),
    ]
    parts = [dataset_ref(study)]
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
        "number_of_observations": len(observation_aliases(study)),
        "number_of_annotations": annotated,
        "dataset_size": size,
    }
    return [numeric_attribute(tag, value) for tag, value in counts.items()]


def _words(tag: str, member: str, values: Sequence[str] | set[str]) -> Element:
    ordered = sorted(values) if isinstance(values, set) else values
    return set_attribute(tag, [string_attribute(member, value) for value in ordered])
