"""Biological being (MSMdad 2), specimen (3) and block (4); cases and slides state nothing."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.model.attribute import Attribute, find
from bigpicture.model.entity import EntityKind
from bigpicture.standard.form import DURATION
from bigpicture.standard.rule import CODE, SET, STRING, Audience, Nil, When, rules
from bigpicture.standard.vocabularies import (
    EMBEDDING,
    EXTRACTION,
    FIXATIVE,
    SITE,
    SPECIES,
    SPECIMEN_TYPE,
    STRAIN,
    TERMINATION,
)


def _has_no_list(beside: Sequence[Attribute]) -> bool:
    listed = find(beside, "anatomical_site_list")
    return listed is None or not listed.members


BEING = rules(
    EntityKind.BEING,
    [
        {
            "number": "2.2.14",
            "path": "termination_status",
            "types": CODE,
            "audience": Audience.NON_CLINICAL,
            "vocabulary": TERMINATION,
        },
        {
            "number": "2.3.1",
            "path": "sex",
            "types": STRING,
            "nil": Nil.IF_CLINICAL,
            "values": ("Male", "Female", "Not-known", "Other"),
        },
        {"number": "2.3.2", "path": "animal_species", "types": CODE, "vocabulary": SPECIES},
        {
            "number": "2.3.4",
            "path": "animal_strain",
            "types": CODE,
            "audience": Audience.NON_CLINICAL,
            "vocabulary": STRAIN,
        },
        {
            "number": "2.3.5",
            "path": "control_terminology",
            "types": STRING,
            "audience": Audience.NON_CLINICAL,
            "values": ("CONTROL", "TREATED"),
        },
    ],
)

SPECIMEN = rules(
    EntityKind.SPECIMEN,
    [
        {
            "number": "3.2.1",
            "path": "extraction_method",
            "types": CODE,
            "nil": Nil.IF_CLINICAL,
            "vocabulary": EXTRACTION,
        },
        {
            "number": "3.2.3",
            "path": "fixation_type",
            "types": CODE,
            "nil": Nil.IF_CLINICAL,
            "vocabulary": FIXATIVE,
        },
        {"number": "3.2.4", "path": "age_at_extraction", "types": SET, "nil": Nil.IF_CLINICAL},
        {
            "number": "3.2.4.1",
            "path": "age_at_extraction/interval_start",
            "types": STRING,
            "form": DURATION,
        },
        {
            "number": "3.2.4.2",
            "path": "age_at_extraction/interval_length",
            "types": STRING,
            "form": DURATION,
        },
        {
            "number": "3.3.1",
            "path": "anatomical_site",
            "types": CODE,
            "nil": Nil.IF_CLINICAL,
            "vocabulary": SITE,
            "when": When("unless anatomical_site_list names several", _has_no_list),
        },
        {"number": "3.3.2", "path": "anatomical_site_list", "types": SET, "nil": Nil.OMITTED},
        {
            "number": "3.3.1",
            "path": "anatomical_site_list/anatomical_site",
            "types": CODE,
            "nil": Nil.IF_CLINICAL,
            "vocabulary": SITE,
            "repeats": True,
        },
        {
            "number": "seen in data/search",
            "path": "specimen_type",
            "types": CODE,
            "nil": Nil.OMITTED,
            "vocabulary": SPECIMEN_TYPE,
        },
    ],
)

BLOCK = rules(
    EntityKind.BLOCK,
    [
        {
            "number": "4.2.1",
            "path": "block_preparation",
            "types": CODE,
            "nil": Nil.IF_CLINICAL,
            "vocabulary": EMBEDDING,
        },
    ],
)
