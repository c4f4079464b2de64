"""A use policy: the terms of a dataset as data that can be matched, hashed and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.canonical import digest
from bigpicture.model.data_use import DataUseTerm, Kind
from bigpicture.model.errors import InputError
from bigpicture.model.policy import AccessTier, DatasetType

INDIRECT = "Indirect Access"
"""MSMdad 9.1.5: who uses the data never sees them."""


class AccessRoute(StrEnum):
    """On what an access rests."""

    CONTRACT = "contract"
    CONSENT = "consent"
    PUBLIC = "public"
    EHDS_PERMIT = "ehds-permit"
    """Issued by a health data access body; imported with its number, never made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePolicy:
    """What a policy says. None is what it does not say; an empty text or tuple, that it says none.

    `terms` are a set, and all of them hold at once. `version` is the one of the terms of use
    (MSMdad 9.5.3). `unread` are statements that no rule reads, for people. Raises `InputError` for
    terms that contradict each other.
    """

    dataset_type: DatasetType
    tier: AccessTier
    version: str = ""
    type_of_access: str | None = None
    allowed_uses: tuple[str, ...] | None = None
    geography: str | None = None
    duration: str | None = None
    research_question_required: bool | None = None
    consent_restrictions: str | None = None
    custom_restrictions: str | None = None
    acknowledgements: tuple[str, ...] | None = None
    citation: str | None = None
    terms: tuple[DataUseTerm, ...] = ()
    retention_until: str | None = None
    legal_basis: str | None = None
    controllers: tuple[str, ...] | None = None
    processors: tuple[str, ...] | None = None
    route: AccessRoute | None = None
    permit_number: str | None = None
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(sorted(set(self.terms))))
        object.__setattr__(self, "unread", tuple(sorted(set(self.unread))))
        for is_broken, what, rule, remedy in _CONTRADICTIONS:
            if is_broken(self):
                raise InputError(what, place="policy", rule=rule, remedy=remedy)

    @property
    def permissions(self) -> tuple[DataUseTerm, ...]:
        """One, or of data under several consents several, which all hold."""
        return tuple(
            each for each in self.terms if each.known and each.known.kind is Kind.PERMISSION
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical form (RFC 8785), in hexadecimal."""
        return digest(self.as_json())

    def as_json(self) -> dict[str, object]:
        """Return the canonical form's value; what is not said is null. `from_json` reads it."""
        return {
            "format": FORMAT,
            **{name: _plain(getattr(self, name)) for name in _SAME},
            "terms": [{"code": each.code, "values": list(each.values)} for each in self.terms],
        }


FORMAT = 1
_SAME = (
    "dataset_type",
    "tier",
    "version",
    "type_of_access",
    "allowed_uses",
    "geography",
    "duration",
    "research_question_required",
    "consent_restrictions",
    "custom_restrictions",
    "acknowledgements",
    "citation",
    "retention_until",
    "legal_basis",
    "controllers",
    "processors",
    "route",
    "permit_number",
    "unread",
)


def _plain(value: object) -> object:
    match value:
        case StrEnum():
            return value.value
        case tuple():
            return list(value)
        case _:
            return value


def may_be_open(dataset_type: DatasetType) -> bool:
    """Whether such data may be open to everyone."""
    return dataset_type is not DatasetType.CLINICAL_PSEUDONYMIZED


_CONTRADICTIONS: tuple[tuple[Callable[[UsePolicy], bool], str, str, str], ...] = (
    (
        lambda p: p.tier is AccessTier.OPEN and not may_be_open(p.dataset_type),
        "pseudonymised clinical data cannot be open to everyone.",
        "open needs no grant; these are data of persons",
        "Make it controlled or compute-only.",
    ),
    (
        lambda p: p.type_of_access == INDIRECT and p.tier is not AccessTier.COMPUTE_ONLY,
        "indirect access is compute-only: who uses the data never sees them.",
        "MSMdad 9.1.5",
        "Make the tier compute-only, or the access direct.",
    ),
    (
        lambda p: p.route is AccessRoute.EHDS_PERMIT and p.tier is not AccessTier.COMPUTE_ONLY,
        "data under an EHDS permit are compute-only.",
        "Regulation (EU) 2025/327, article 73",
        "Make the tier compute-only.",
    ),
    (
        lambda p: p.route is AccessRoute.EHDS_PERMIT and not p.permit_number,
        "an EHDS permit comes without its number.",
        "a health data access body issues permits; none is made here",
        "Give the number of the permit that was issued.",
    ),
    (
        lambda p: p.route is not AccessRoute.EHDS_PERMIT and bool(p.permit_number),
        "a permit's number is given, and the access does not rest on one.",
        "only a permit of a health data access body has a number",
        "Make the route ehds-permit, or leave the number out.",
    ),
)
