"""Headed: the row of an invented dataset itself: titles, policy, landing page."""

from __future__ import annotations

from typing import Any

from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import may_be_open
from bigpicture.phantom.records import choices as c
from bigpicture.phantom.records.choices import few, pick, weights_of
from bigpicture.phantom.records.plan import PlannedDataset
from bigpicture.phantom.records.words import word

MARK = "invented"
"""In `landing`: what the dataset was made from, so that a second run can tell."""

_USES = (
    "Research Use",
    "Direct Exploitation",
    "Implementation of Bigpicture Project (IMI2-945358)",
)
_AREAS = ("European Union and EEA countries", "Countries with GDPR adequacy", "Worldwide")
_TYPES = (
    (DatasetType.CLINICAL_PSEUDONYMIZED, 70),
    (DatasetType.CLINICAL_ANONYMIZED, 25),
    (DatasetType.CLINICAL_SCRAMBLED, 5),
)
_ANIMAL_TYPES = (
    (DatasetType.NON_CLINICAL_OBSCURED, 50),
    (DatasetType.NON_CLINICAL_CRYPTONYMISED, 50),
)


def dataset_row(planned: PlannedDataset) -> dict[str, Any]:
    """The row of `datasets`, without its change number."""
    chance = planned.chance().spawn(1)[0]
    place, topic, house = (word(int(each)) for each in chance.integers(0, 900_000, 3))
    kind = "collection" if planned.is_clinical else "study"
    title = f"The {topic.capitalize()} {kind} of {place.capitalize()}"
    types = _TYPES if planned.is_clinical else _ANIMAL_TYPES
    dataset_type = types[int(pick(chance, weights_of(types), 1)[0])][0]
    if planned.tier is AccessTier.OPEN and not may_be_open(dataset_type):
        dataset_type = DatasetType.CLINICAL_ANONYMIZED
    countries = [c.COUNTRIES[each][0] for each in few(chance, c.COUNTRIES, 1)]
    uses = list(_USES[: 1 + int(chance.integers(3))])
    about = " ".join(word(int(each)) for each in chance.integers(0, 900_000, 24))
    description = (
        f"Invented records of {planned.slides} slides, made to measure by; there is no picture of "
        f"any. {about.capitalize()}."
    )
    return {
        "accession": planned.accession,
        "alias": planned.alias,
        "title": title,
        "short_name": topic,
        "description": description,
        "version": "1.0.0",
        "metadata_standard": "2.0.0",
        "dataset_type": dataset_type.value,
        "tier": planned.tier.value,
        "policy": {
            "alias": f"{planned.alias}-policy",
            "title": f"Terms of use of {title}",
            "dataset_type": dataset_type.value,
            "tier": planned.tier.value,
            "type_of_access": "Direct Access"
            if planned.tier is AccessTier.OPEN
            else "Controlled Access",
            "allowed_uses": uses,
            "geography": _AREAS[int(chance.integers(3))],
            "duration": "Unlimited time",
            "research_question_required": False,
            "text": "Invented data to measure by.",
            "acknowledgement": "",
            "citation": "",
            "restrictions": [],
        },
        "landing": {
            "center_name": f"House of {house.capitalize()}",
            "keywords": ["synthetic", topic, place],
            "citations": [],
            "references": [],
            "changelog": [["1.0.0", "First version."]],
            "contact_email": f"access@{house}.example",
            "geographical_areas": countries,
            "year_of_submission": str(planned.published.year),
            "doi": "",
            "rems_access_link": "",
            MARK: {"seed": planned.seed, "number": planned.number, "slides": planned.slides},
        },
        "published": planned.published,
    }
