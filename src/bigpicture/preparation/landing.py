"""Derives the landing page of a study: every figure and list from what the study says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from bigpicture.model.attribute import Attribute, find, find_all
from bigpicture.model.code import Code
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import EntityKind, Reference
from bigpicture.model.identifiers import Alias
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.place import Place
from bigpicture.model.study import Study
from bigpicture.preparation.attributes import listed, members, number, string
from bigpicture.preparation.plan import Plan
from bigpicture.preparation.terms import page_terms, told

FILE = "LANDING_PAGE/landing_page.xml"
_DAYS = {"Y": 365.25, "M": 30.4375, "W": 7.0, "D": 1.0}
_SIMPLE = re.compile(r"P(\d+)([YMWD])", re.ASCII)
_DIAGNOSES = frozenset({"diagnosis", "MISTRESC"})


def landing_page(
    plan: Plan,
    study: Study,
    *,
    dataset: Reference,
    today: date,
    size: int,
    thumbnails: tuple[DataFile, ...] = (),
) -> LandingPage:
    """Return the page of a study that lacks only its page; `size` is of all images in bytes."""
    header = study.dataset
    center = plan.told("center")
    cite_as = plan.dataset.get("citation") or (f"{center} ({today.year}). {header.title}.",)
    stated = (
        string("header", header.title),
        string("doi", None),
        string("dataset_name", header.title),
        string("dataset_short_name", header.short_name),
        string("dataset_description", header.description),
        listed("keywords", "keyword", plan.dataset.get("keywords", ())),
        *_contents(study),
        *_counts(study, size),
        listed(
            "geographical_areas", "geographical_area", plan.dataset.get("geographical_area", ())
        ),
        number("year_of_submission", today.year),
        string("dataset_version", header.version),
        string("metadata_standard_version", header.metadata_standard),
        members("changelog", (string(header.version, told(plan, "changes")),)),
        members("comments", ()),
        string("center_name", center),
        listed("cite_as", "citation", cite_as),
        listed("references", "reference", plan.dataset.get("references", ())),
        *page_terms(plan),
    )
    return LandingPage(
        alias=Alias.parse(f"{header.alias}-landing-page"),
        place=Place(FILE),
        stated=stated,
        dataset=dataset,
        thumbnails=thumbnails,
    )


def _contents(study: Study) -> Iterator[Attribute]:
    """Lists of what the dataset holds (MSMdad 17.1.10 to 17.1.18)."""
    yield listed("animal_species", "animal_species", _meanings(b.species for b in study.beings))
    yield listed(
        "anatomical_sites",
        "anatomical_site",
        _meanings(s for e in study.specimens for s in e.sites),
    )
    yield _ages(study)
    yield listed(
        "extraction_methods", "extraction_method", _meanings(s.extraction for s in study.specimens)
    )
    yield listed(
        "specimen_types", "specimen_type", _meanings(s.specimen_type for s in study.specimens)
    )
    yield listed("stainings", "staining", sorted({each.label for each in study.stainings}))
    yield listed(
        "medical_diagnoses",
        "medical_diagnosis",
        _meanings(c.code for o in study.observations for c in o.codes if c.tag in _DIAGNOSES),
    )
    kinds = {t.text for i in study.images for t in find_all(i.stated, "bp_image_type") if t.text}
    yield listed("image_types", "image_type", sorted(kinds))
    yield members(
        "image_resolutions", (number("image_resolution", each) for each in _resolutions(study))
    )


def _counts(study: Study, size: int) -> Iterator[Attribute]:
    for tag, count in (
        ("number_of_biological_beings", len(study.beings)),
        ("number_of_cases", len(study.cases)),
        ("number_of_wsis", len(study.images)),
        ("number_of_observations", len(study.observations)),
        ("number_of_annotations", len(study.annotations)),
        ("dataset_size", size),
    ):
        yield number(tag, count)


def _meanings(codes: Iterable[Code | None]) -> list[str]:
    return sorted({code.meaning for code in codes if code is not None and code.meaning})


def _resolutions(study: Study) -> list[Decimal]:
    """Micrometres per pixel, to three decimals: a page lists them, it does not measure."""
    found = {
        round(spacing.number, 3)
        for image in study.images
        if (spacing := find(image.stated, "pixel_spacing", "horizontal")) and spacing.number
    }
    return sorted(each.normalize() for each in found)


def _ages(study: Study) -> Attribute:
    """From the youngest to the oldest, in the unit of most; nil where an age has several units."""
    spans = [
        (start, length)
        for each in study.specimens
        if each.age_start and each.age_length
        if (start := _SIMPLE.fullmatch(each.age_start))
        and (length := _SIMPLE.fullmatch(each.age_length))
    ]
    if not spans:
        return members("age_at_extraction", ())
    units = [start[2] for start, _ in spans]
    unit = max(set(units), key=units.count)
    first = min(int(start[1]) * _DAYS[start[2]] for start, _ in spans) / _DAYS[unit]
    last = max(_end(start, length) for start, length in spans) / _DAYS[unit]
    low = int(first)
    high = max(low + 1, -int(-last // 1))
    return members(
        "age_at_extraction",
        (
            string("interval_start", f"P{low}{unit}"),
            string("interval_length", f"P{high - low}{unit}"),
        ),
    )


def _end(start: re.Match[str], length: re.Match[str]) -> float:
    return int(start[1]) * _DAYS[start[2]] + int(length[1]) * _DAYS[length[2]]


KIND = EntityKind.LANDING_PAGE
