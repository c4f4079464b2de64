"""Landing page (MSMdad 17). Most may be left out; what it repeats is compared in `landing`."""

from __future__ import annotations

from bigpicture.model.entity import EntityKind
from bigpicture.standard.form import COUNT, DESCRIPTION, DURATION, NAME, POSITIVE, YEAR, Form
from bigpicture.standard.msmdad.policy import ACCESS, AREAS, DURATIONS, USES
from bigpicture.standard.rule import (
    ANY_TAG,
    NUMERIC,
    SET,
    STRING,
    TRUTH,
    AttributeRule,
    Nil,
    rules,
)


def _text(number: str, path: str, **more: object) -> dict[str, object]:
    return {"number": number, "path": path, "types": STRING, "nil": Nil.OMITTED, **more}


def _count(number: str, path: str, form: Form = COUNT) -> dict[str, object]:
    return {"number": number, "path": path, "types": NUMERIC, "nil": Nil.OMITTED, "form": form}


def _list(number: str, plural: str, one: str, **more: object) -> list[dict[str, object]]:
    """A set, and what stands in it as often as wanted."""
    return [
        {"number": number, "path": plural, "types": SET, "nil": Nil.OMITTED},
        {
            "number": f"{number}.1",
            "path": f"{plural}/{one}",
            "types": STRING,
            "nil": Nil.OMITTED,
            "repeats": True,
            **more,
        },
    ]


LANDING_PAGE: tuple[AttributeRule, ...] = rules(
    EntityKind.LANDING_PAGE,
    [
        {"number": "17.1.3", "path": "header", "types": STRING},
        _text("17.1.4", "doi"),
        {"number": "17.1.5", "path": "dataset_name", "types": STRING},
        _text("17.1.6", "dataset_short_name", form=NAME),
        _text("17.1.7", "dataset_description", form=DESCRIPTION),
        *_list("17.1.8", "keywords", "keyword"),
        *_list("17.1.10", "animal_species", "animal_species"),
        *_list("17.1.11", "anatomical_sites", "anatomical_site"),
        {"number": "17.1.12", "path": "age_at_extraction", "types": SET, "nil": Nil.OMITTED},
        _text("17.1.12.1", "age_at_extraction/interval_start", form=DURATION),
        _text("17.1.12.2", "age_at_extraction/interval_length", form=DURATION),
        *_list("17.1.13", "extraction_methods", "extraction_method"),
        *_list("17.1.14", "specimen_types", "specimen_type"),
        *_list("17.1.15", "stainings", "staining"),
        *_list("17.1.16", "medical_diagnoses", "medical_diagnosis"),
        *_list("17.1.17", "image_types", "image_type", values=("WSI Brightfield",)),
        *_list("17.1.18", "image_resolutions", "image_resolution", types=NUMERIC, form=POSITIVE),
        _count("17.1.19", "number_of_biological_beings"),
        _count("17.1.20", "number_of_cases"),
        _count("17.1.21", "number_of_wsis"),
        _count("17.1.22", "number_of_observations"),
        _count("17.1.23", "number_of_annotations"),
        _count("17.1.24", "dataset_size"),
        *_list("17.1.25", "geographical_areas", "geographical_area"),
        _count("17.1.26", "year_of_submission", YEAR),
        _text("17.1.27", "dataset_version"),
        _text("17.1.28", "metadata_standard_version"),
        # the tags of their members are versions and headings
        {"number": "17.1.29", "path": "changelog", "types": SET, "nil": Nil.OMITTED},
        _text("17.1.29.1", f"changelog/{ANY_TAG}", repeats=True),
        {"number": "17.1.30", "path": "comments", "types": SET, "nil": Nil.OMITTED},
        _text("17.1.30.1", f"comments/{ANY_TAG}", types=(*STRING, *SET), repeats=True),
        _text("17.1.31", "center_name"),
        *_list("17.1.32", "cite_as", "citation"),
        *_list("17.1.33", "references", "reference"),
        _text("17.1.35", "type_of_access", values=ACCESS),
        {"number": "17.5.1", "path": "allowed_uses", "types": SET, "nil": Nil.OMITTED},
        _text("17.5.1.1", "allowed_uses/allowed_use", values=USES, repeats=True),
        _text("17.5.2", "allowed_geographical_distribution", values=AREAS),
        _text("17.5.3", "duration_of_use", values=DURATIONS),
        _text("17.5.4", "defined_research_question_required", values=TRUTH),
        _text("17.5.5", "informed_consent_form_defined_use_restrictions"),
        _text("17.5.6", "custom_use_restrictions"),
        {"number": "17.5.7", "path": "policy_text", "types": STRING},
    ],
)
