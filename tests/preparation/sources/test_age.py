"""Ages by hand: leap days, dates of which only the year is known, the band of the very old."""

from __future__ import annotations

from datetime import date

import pytest

from bigpicture.preparation.sources.age import (
    AgeUnit,
    band,
    completed_years,
    read_date,
    years_between,
    years_of,
)


@pytest.mark.parametrize(
    ("birth", "at", "years"),
    [
        ("1970-06-15", "2024-06-14", 53),
        ("1970-06-15", "2024-06-15", 54),
        ("1970-06-15", "2024-06-16", 54),
        ("2000-02-29", "2001-02-28", 0),  # 1 March is the day after the 365th
        ("2000-02-29", "2001-03-01", 1),
        ("2000-02-29", "2004-02-28", 3),
        ("2000-02-29", "2004-02-29", 4),
        ("1999-03-01", "2000-02-29", 0),
        ("1999-03-01", "2000-03-01", 1),
        ("1999-02-28", "2000-02-29", 1),
        ("1900-02-28", "2000-02-28", 100),  # 1900 had no leap day
        ("1999-12-31", "2000-01-01", 0),
    ],
)
def test_completed_years(birth, at, years):
    assert completed_years(date.fromisoformat(birth), date.fromisoformat(at)) == years


@pytest.mark.parametrize(
    ("birth", "at", "expected"),
    [
        ("1970-06-15", "2024-06-14T23:30:00-05:00", (53, 53)),  # as its own clock told it
        ("1970", "2024-06-14", (53, 54)),  # born on 1 January: 54; on 31 December: 53
        ("1970-06", "2024-06-14", (53, 54)),
        ("1970-05", "2024-06-14", (54, 54)),
        ("1970", "2024", (53, 54)),  # 31 December 1970 on 1 January 2024; the other way round
        ("19700615", "20240615083000", (54, 54)),
        ("2024-06-15", "2024-06-15", (0, 0)),
        ("2024", "2024", (0, 0)),
        ("2024-06-16", "2024-06-15", None),
        ("1850-01-01", "2024-01-01", None),
    ],
)
def test_ages_that_dates_allow(birth, at, expected):
    assert years_between(read_date(birth), read_date(at)) == expected


@pytest.mark.parametrize("text", ["", "15.06.1970", "1970-13", "1970-02-30", "70", "about 1970"])
def test_what_is_no_date(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("ages", "width", "top", "expected"),
    [
        ((54, 54), 10, 90, "50-59"),
        ((50, 50), 10, 90, "50-59"),
        ((59, 59), 10, 90, "50-59"),
        ((60, 60), 10, 90, "60-69"),
        ((0, 0), 10, 90, "0-9"),
        ((54, 54), 5, 90, "50-54"),
        ((54, 54), 1, 90, "54"),
        ((49, 50), 10, 90, "40-59"),  # the dates do not tell which
        ((89, 89), 10, 90, "80-89"),
        ((90, 90), 10, 90, "90-119"),
        ((103, 103), 5, 90, "90-119"),
        ((89, 90), 10, 90, "80-119"),
    ],
)
def test_bands(ages, width, top, expected):
    assert band(*ages, width=width, top=top) == expected


def test_numbers():
    assert years_of(26548, AgeUnit.DAYS) == 72  # 72 years are 26,298 days, 73 are 26,663.25
    assert years_of(11, AgeUnit.MONTHS) == 0
    assert years_of(104, AgeUnit.WEEKS) == 1  # two years are 104.36 weeks
    assert years_of(-1, AgeUnit.YEARS) is None
    assert years_of(120, AgeUnit.YEARS) is None
