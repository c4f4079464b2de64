"""Days are read however they are written; what is no day is left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.deidentify.moments import days_in, is_same, moments_in, stamps_in, written

DAYS = st.dates(date(1901, 1, 1), date(2099, 12, 31)).filter(
    lambda day: day not in {date(1970, 1, 1), date(1980, 1, 1)}
)


def _wall(year, month=1, day=1):
    return datetime(year, month, day)  # noqa: DTZ001 - a clock on a wall


def days(text):
    return {named.day for named in days_in(text)}


@given(DAYS, st.sampled_from(["%d.%m.%Y", "%x", "%d %B %Y", "%A, %B %d, %Y", "%Y/%m/%d", "%Y%m%d",
                              "%Y-%j", "%d-%b-%y", "%m/%d/%y", "%c"]))  # fmt: skip
def test_what_python_writes_is_read(day, form):
    moment = datetime(day.year, day.month, day.day, 10, 11, 12)  # noqa: DTZ001 - a clock on a wall
    assert day in days(f"scanned {moment.strftime(form)}, by hand")


@given(DAYS)
def test_mail_and_iso_and_our_own_forms_are_read(day):
    moment = datetime(day.year, day.month, day.day, 10, 11, 12, tzinfo=UTC)
    assert day in days(format_datetime(moment))
    assert day in days(moment.isoformat())
    assert all(day in days(form) for form in written(day))
    assert moments_in(moment.isoformat()).__next__() == moment.replace(tzinfo=None)


@pytest.mark.parametrize(
    "text",
    ["", "1.2.840.10008.5.1.4", "0.25", "2040", "13/13/2013", "00000000", "99999999", "31.02.2009",
     "1970-01-01", "19700101000000", "2.25.20091229", "3.20091229", "may 5", "12345-123",
     "version 2009"],
)  # fmt: skip
def test_what_is_no_day_is_none(text):
    assert days(text) == set()


@pytest.mark.parametrize(
    "word", ["Dezember", "DÉCEMBRE", "Dezembro", "dicembre", "grudnia", "joulukuuta"]
)
def test_months_are_known_in_other_languages_and_as_misread_utf_8(word):
    text = f"29 {word} 2009"
    assert days(text) == days(text.encode().decode("latin-1")) == {date(2009, 12, 29)}


def test_a_year_of_two_digits_may_be_of_either_century():
    assert {date(1931, 5, 6), date(2031, 5, 6)} <= days("06.05.31")


@given(st.datetimes(_wall(1990), _wall(2030)), st.integers(-12, 14))
def test_stamps_are_read_by_their_definitions(moment, hours):
    """Epochs: 1970 (POSIX), 1601 (FILETIME), year 1 (.NET), 1899-12-30 (OLE automation)."""
    moment = moment.replace(microsecond=0)
    instant = moment - timedelta(hours=hours)
    since = lambda start: instant - start  # noqa: E731
    unix = int(since(_wall(1970)).total_seconds())
    stamps = [
        unix, unix * 10**3, unix * 10**6, unix * 10**9,
        int(since(_wall(1601)) / timedelta(microseconds=1)) * 10,
        int(since(_wall(1)) / timedelta(microseconds=1)) * 10,
        f"{since(_wall(1899, 12, 30)) / timedelta(days=1):.8f}",
    ]  # fmt: skip
    for stamp in stamps:
        assert any(is_same(moment, found) for found, _ in stamps_in(f"t={stamp};"))


def test_a_stamp_of_another_moment_is_not_the_same():
    (found, _), *_ = stamps_in("1262081472")
    assert not is_same(found.replace(tzinfo=None) + timedelta(minutes=7), found)
    assert not is_same(found.replace(tzinfo=None) + timedelta(days=1), found)
