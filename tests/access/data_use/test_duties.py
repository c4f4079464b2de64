"""Duties and their days, worked out by hand on the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from bigpicture.access.data_use.duties import DutyKind, When, add_months, duties, last_day
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.policy import AccessTier
from bigpicture.model.use_policy import AccessRoute
from data_uses import policy

START, END = date(2026, 1, 31), date(2027, 1, 31)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 10), 24, date(2028, 3, 10)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_months_on_the_calendar(day, months, expected):
    assert add_months(day, months) == expected


def test_a_grant_ends_with_the_shortest_limit():
    limited = policy("GRU", DataUseTerm.of("TS", "12"), DataUseTerm.of("TS", "6"))
    assert last_day(limited, start=START) == date(2026, 7, 31)
    assert last_day(limited, start=START, months=1) == date(2026, 2, 28)
    assert last_day(policy("GRU"), start=START, months=12) == END
    assert last_day(policy("GRU", "TS"), start=START) is None


@pytest.mark.parametrize(
    ("term", "kind", "when", "day"),
    [
        (DataUseTerm.of("PUB"), DutyKind.PUBLISH, When.BY, END),
        (DataUseTerm.of("RTN"), DutyKind.RETURN, When.BY, END),
        (DataUseTerm.of("COL"), DutyKind.COLLABORATE, When.FROM_START, START),
        (DataUseTerm.of("IRB"), DutyKind.ETHICS, When.BEFORE_APPLYING, None),
        (DataUseTerm.of("TS", "12"), DutyKind.END, When.BY, END),
        (DataUseTerm.of("MOR", "2030-02-01"), DutyKind.EMBARGO, When.NOT_BEFORE, date(2030, 2, 1)),
        (DataUseTerm.of("MOR"), DutyKind.EMBARGO, When.NOT_BEFORE, None),
    ],
)
def test_each_code_that_asks_for_something(term, kind, when, day):
    [duty] = duties(policy("GRU", term), start=START, end=END)
    assert (duty.kind, duty.clause, duty.when, duty.day) == (kind, term.code, when, day)
    assert duty.text


def test_codes_that_ask_for_nothing_make_no_duty():
    assert duties(policy("HMB", "NCU", "NPOA", "CC"), start=START, end=END) == ()


def test_results_under_a_permit_are_public_within_18_months_of_the_end():
    permitted = policy(
        "GRU",
        tier=AccessTier.COMPUTE_ONLY,
        route=AccessRoute.EHDS_PERMIT,
        permit_number="HDAB-1",
    )
    [duty] = duties(permitted, start=START, end=END)
    assert (duty.kind, duty.clause, duty.day) == (DutyKind.PUBLISH, "route", date(2028, 7, 31))
    [open_ended] = duties(permitted, start=START, end=None)
    assert open_ended.day is None


def test_publications_acknowledge_and_cite():
    told = duties(
        policy("GRU", acknowledgements=("Thanks", ""), citation="Doe 2026"), start=START, end=END
    )
    assert [(each.kind, each.text) for each in told] == [
        (DutyKind.ACKNOWLEDGE, "Acknowledge: Thanks"),
        (DutyKind.CITE, "Cite: Doe 2026"),
    ]
