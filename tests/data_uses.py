"""Policies and purposes in which all is said, so that a test changes the one thing it means."""

from __future__ import annotations

from bigpicture.catalogue.hierarchy import Hierarchy
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.purpose import CodedPurpose, OrganisationType, Use
from bigpicture.model.use_policy import UsePolicy

LUNG_DISEASE, LUNG_CANCER, SMALL_CELL = "MONDO:0005275", "MONDO:0008903", "MONDO:0008433"
CANCER, DIABETES = "MONDO:0004992", "MONDO:0005015"
PARENTS = {
    LUNG_DISEASE: (),
    CANCER: (),
    LUNG_CANCER: (LUNG_DISEASE, CANCER),
    SMALL_CELL: (LUNG_CANCER,),
    DIABETES: (),
    "SNOMED CT:363358000": (),
}
MONDO = Hierarchy(PARENTS, {}, "invented 1")
"""A few terms as they stand in MONDO, with one of another scheme beside."""


def policy(*terms, **said):
    """A policy of these terms that says no to nothing else."""
    told = {
        "dataset_type": DatasetType.CLINICAL_ANONYMIZED,
        "tier": AccessTier.CONTROLLED,
        "type_of_access": "Direct Access",
        "allowed_uses": ("Research Use",),
        "geography": "Worldwide",
        "duration": "Unlimited time",
        "research_question_required": False,
        "consent_restrictions": "",
        "custom_restrictions": "",
    }
    read = [each if isinstance(each, DataUseTerm) else DataUseTerm.of(each) for each in terms]
    return UsePolicy(**{**told, "terms": tuple(read), **said})


def purpose(*uses, **said):
    """A purpose of these uses that leaves nothing unsaid."""
    told = {
        "uses": frozenset(map(Use, uses)),
        "is_commercial": False,
        "country": "DE",
        "organisation_type": OrganisationType.NOT_FOR_PROFIT,
        "organisation": "Institute of Examples",
        "users": frozenset({"user-1"}),
        "project": "project-1",
        "months": 12,
        "research_question": "Which?",
        "has_approval": True,
        "recipients": (),
        "sensitive": frozenset(),
        "prohibited": frozenset(),
    }
    return CodedPurpose(**{**told, **said})
