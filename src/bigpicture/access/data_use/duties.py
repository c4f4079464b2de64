"""Duties: what a policy asks of whoever uses the data, and by when."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bigpicture.model import data_use as duo
from bigpicture.model.use_policy import AccessRoute, UsePolicy

EHDS_PUBLICATION_MONTHS = 18
"""Regulation (EU) 2025/327, article 61: results are made public within."""


class DutyKind(StrEnum):
    ETHICS = "ethics-document"
    COLLABORATE = "collaboration"
    EMBARGO = "no-publication-before"
    PUBLISH = "publication"
    RETURN = "return-of-results"
    END = "end-of-use"
    ACKNOWLEDGE = "acknowledgement"
    CITE = "citation"
    REPORT = "use-report"
    DELETION = "deletion-confirmation"


class When(StrEnum):
    """What a duty's day means."""

    BEFORE_APPLYING = "before applying"
    FROM_START = "from the start"
    NOT_BEFORE = "not before"
    BY = "by"
    WITH_PUBLICATION = "with each publication"


@dataclass(frozen=True, slots=True, order=True)
class Duty:
    """`day` is None where none follows from the policy; `clause` says where the duty stands."""

    kind: DutyKind
    clause: str
    when: When
    day: date | None
    text: str


def last_day(policy: UsePolicy, *, start: date, months: int | None = None) -> date | None:
    """Return when a grant from `start` ends at the latest: TS and the months asked for.

    None where neither limits it: the end is then the committee's.
    """
    limits = [term.months for term in policy.terms if term.code == duo.TS.code and term.months]
    limits += [months] if months else []
    return add_months(start, min(limits)) if limits else None


def duties(policy: UsePolicy, *, start: date, end: date | None) -> tuple[Duty, ...]:
    """Return the duties of a grant from `start` to `end`, in the order of `DutyKind`."""
    codes = {term.code for term in policy.terms}
    found = [duty for code, duty in _of_codes(start, end).items() if code in codes]
    found += [
        Duty(
            DutyKind.EMBARGO,
            duo.MOR.code,
            When.NOT_BEFORE,
            term.day,
            "Do not publish results before this day.",
        )
        for term in policy.terms
        if term.code == duo.MOR.code
    ]
    if policy.route is AccessRoute.EHDS_PERMIT:
        due = add_months(end, EHDS_PUBLICATION_MONTHS) if end else None
        text = "Make your results public within 18 months of the end."
        found.append(Duty(DutyKind.PUBLISH, "route", When.BY, due, text))
    with_it = When.WITH_PUBLICATION
    found += [
        Duty(DutyKind.ACKNOWLEDGE, "acknowledgements", with_it, None, f"Acknowledge: {each}")
        for each in policy.acknowledgements or ()
        if each
    ]
    if policy.citation:
        found.append(Duty(DutyKind.CITE, "citation", with_it, None, f"Cite: {policy.citation}"))
    order = list(DutyKind)
    return tuple(sorted(found, key=lambda each: (order.index(each.kind), each.clause, each.text)))


def _of_codes(start: date, end: date | None) -> dict[str, Duty]:
    kind = DutyKind
    return {
        duo.IRB.code: Duty(
            kind.ETHICS,
            duo.IRB.code,
            When.BEFORE_APPLYING,
            None,
            "Attach the approval of your ethics committee to the application.",
        ),
        duo.COL.code: Duty(
            kind.COLLABORATE,
            duo.COL.code,
            When.FROM_START,
            start,
            "Agree with the contributor how you work together.",
        ),
        duo.PUB.code: Duty(
            kind.PUBLISH, duo.PUB.code, When.BY, end, "Publish your results and tell us where."
        ),
        duo.RTN.code: Duty(
            kind.RETURN, duo.RTN.code, When.BY, end, "Give your results back to this repository."
        ),
        duo.TS.code: Duty(kind.END, duo.TS.code, When.BY, end, "Stop using the data."),
    }


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
