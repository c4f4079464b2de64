"""Checks the terms of use in the table of a dataset: what contradicts itself, what says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bigpicture.model.data_use import DataUseTerm, Kind
from bigpicture.model.finding import Severity
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import INDIRECT, AccessRoute, may_be_open
from bigpicture.preparation.data_use_text import WANTED, problem_of, read_data_use
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.policy_fields import POLICY_FIELDS
from bigpicture.preparation.table import Cell

_DEFAULTS = {field.name: field.default for field in POLICY_FIELDS}

Said = Mapping[str, tuple[str, ...]]


def terms_of(said: Said) -> tuple[DataUseTerm, ...]:
    """The terms of data use that are said."""
    return tuple(read_data_use(each) for each in said.get("data_use", ()))


def tier_of(said: Said) -> AccessTier:
    """The tier: Indirect Access and a permit are compute-only, whatever else is said."""
    if _one(said, "type_of_access") == INDIRECT or _rests_on_permit(said):
        return AccessTier.COMPUTE_ONLY
    return AccessTier(_one(said, "access_tier"))


def check_policy(said: Said, place: Cell, notes: Notes) -> None:
    """Say what is wrong in the terms of use; `place` is where the table is."""
    for is_wrong, what, expected, column, severity in _RULES:
        if is_wrong(said):
            notes.say(
                place,
                what,
                expected=expected,
                remedy="Change one of the two, or add what is missing.",
                column=column,
                rule="policy",
                severity=severity,
            )
    for term in terms_of(said):
        if what := problem_of(term):
            wanted = WANTED.get(term.known.parameter, "") if term.known else "a code such as HMB"
            notes.say(
                place,
                what,
                expected=f"{term.known.shorthand}: {wanted}" if term.known and wanted else wanted,
                remedy="Correct the code or what follows it.",
                column="data_use",
                rule="DUO",
                severity=Severity.ERROR if term.known else Severity.WARNING,
            )


def _one(said: Said, field: str) -> str:
    return next(iter(said.get(field, ())), _DEFAULTS[field])


def _rests_on_permit(said: Said) -> bool:
    return _one(said, "access_route") == AccessRoute.EHDS_PERMIT


def _is_open_and_personal(said: Said) -> bool:
    told = _one(said, "type_of_dataset")
    is_open = tier_of(said) is AccessTier.OPEN
    return bool(told) and is_open and not may_be_open(DatasetType.read(told))


def _is_open_and_limited(said: Said) -> bool:
    return tier_of(said) is AccessTier.OPEN and any(
        each.known and each.known.kind is Kind.MODIFIER for each in terms_of(said)
    )


def _says_another_tier(said: Said) -> bool:
    return "access_tier" in said and tier_of(said) != _one(said, "access_tier")


_RULES: tuple[tuple[Callable[[Said], bool], str, str, str, Severity], ...] = (
    (
        _is_open_and_personal,
        "pseudonymised clinical data cannot be open to everyone.",
        "controlled or compute-only: these are data of persons",
        "access_tier",
        Severity.ERROR,
    ),
    (
        lambda said: _rests_on_permit(said) and "permit_number" not in said,
        "access rests on a permit, whose number is missing.",
        "the number of the permit that a health data access body issued; none is made here",
        "permit_number",
        Severity.ERROR,
    ),
    (
        lambda said: "permit_number" in said and not _rests_on_permit(said),
        "a permit's number is given, and the access does not rest on a permit.",
        "ehds-permit as what access rests on, or no number",
        "permit_number",
        Severity.ERROR,
    ),
    (
        _says_another_tier,
        "indirect access, or a permit, makes the dataset compute-only, and it says otherwise.",
        "compute-only",
        "access_tier",
        Severity.WARNING,
    ),
    (
        _is_open_and_limited,
        "open data are taken without asking anybody, so that nobody checks the limits.",
        "registered or controlled, or no limits",
        "access_tier",
        Severity.WARNING,
    ),
)
