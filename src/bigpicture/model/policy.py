"""A policy: the terms under which a dataset may be used."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from bigpicture.model.errors import MetadataError


class DatasetType(StrEnum):
    """MSMdad 9.1.4, in the standard's own spelling."""

    NON_CLINICAL_OBSCURED = "Non-Clinical/Obscured"
    NON_CLINICAL_CRYPTONYMISED = "Non-Clinical/Cryptonymised"
    CLINICAL_ANONYMIZED = "Clinical/Anonymized"
    CLINICAL_PSEUDONYMIZED = "Clinical/Pseudonymized"
    CLINICAL_SCRAMBLED = "Clinical/Scrambled"

    @property
    def is_clinical(self) -> bool:
        return self.value.startswith("Clinical")

    @classmethod
    def read(cls, text: str) -> DatasetType:
        """Read leniently (spaces around `/`, case, z or s): real data are written in many ways."""
        wanted = _fold(text)
        for member in cls:
            if _fold(member.value) == wanted:
                return member
        raise MetadataError(
            "type_of_dataset is none of the standard's values.",
            rule="MSMdad 9.1.4",
            remedy=f"Use one of: {'; '.join(cls)}.",
        )


def _fold(text: str) -> str:
    letters = re.sub(r"[^a-z/]", "", text.lower())
    return letters.replace("z", "s").replace("onimis", "onymis")


class AccessTier(StrEnum):
    """How a dataset is reached: by anyone, or under a grant."""

    OPEN = "open"
    REGISTERED = "registered"
    """Under a grant that a person's standing is enough for."""
    CONTROLLED = "controlled"
    """Under a grant that a committee decides on."""
    COMPUTE_ONLY = "compute-only"
    """Programs go to the data, nobody looks at them; the standard's Indirect Access."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy fields that pages and access need; the whole document is kept losslessly."""

    alias: str
    title: str
    dataset_type: DatasetType
    tier: AccessTier
    type_of_access: str = "Direct Access"
    allowed_uses: tuple[str, ...] = ()
    geography: str = ""
    duration: str = ""
    research_question_required: bool = False
    text: str = ""
    acknowledgement: str = ""
    citation: str = ""
    restrictions: tuple[str, ...] = field(default=())
