"""A visa: what a source, through an issuer, asserts of a person (GA4GH Passport 1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VisaType(StrEnum):
    """The standard's own types; any other is a URL."""

    AFFILIATION_AND_ROLE = "AffiliationAndRole"
    ACCEPTED_TERMS_AND_POLICIES = "AcceptedTermsAndPolicies"
    RESEARCHER_STATUS = "ResearcherStatus"
    CONTROLLED_ACCESS_GRANTS = "ControlledAccessGrants"
    LINKED_IDENTITIES = "LinkedIdentities"


class Authority(StrEnum):
    """The claim `by`: who within the source asserts it."""

    SELF = "self"
    PEER = "peer"
    SYSTEM = "system"
    SIGNING_OFFICIAL = "so"
    COMMITTEE = "dac"


URL_LENGTH = 255

Clause = Mapping[str, str]
Conditions = tuple[tuple[Clause, ...], ...]
"""Any of the outer, all of the inner."""


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """A person as an issuer knows one; the pair is unique, the subject alone is not."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Visa:
    """`digest` is SHA-256 of the visa as it came; `by` None where nobody said."""

    identity: Identity
    type: str
    value: str
    source: str
    by: Authority | None
    asserted: datetime
    issued: datetime
    expires: datetime
    digest: str
    conditions: Conditions = ()

    def claim(self, name: str) -> str | None:
        """What a condition may be compared with; None where the visa does not say."""
        said = {"type": self.type, "value": self.value, "source": self.source}
        if name == "by":
            return str(self.by) if self.by else None
        return said.get(name)


@dataclass(frozen=True, slots=True)
class Usable:
    """A visa that counts for the person, until a moment to which everything it rests on lasts."""

    visa: Visa
    until: datetime
