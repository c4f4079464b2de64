"""Dates: the day of a scan, and how far the days of one subject are moved.

Which field tells the day stands in the table of its format (`moment`), with the form in which it
is written. A day that is not certain is not told: two scans of different days, a day that can be
read in two ways, a clock that was never set.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from bigpicture.deidentify.derive import derive
from bigpicture.deidentify.rules import tables
from bigpicture.model.allowance import Field

LEAST_DAYS, MOST_DAYS = 366, 1826
"""One year at least, so that the year is never the real one; five at most, so that it is near."""
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""No whole slide was scanned before; earlier days come from clocks that were never set."""
_TIME = r"(?:[T ].*)?"
_FORMS = {
    "year-month-day": re.compile(rf"(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d){_TIME}"),
    "year:month:day": re.compile(rf"(?P<y>\d{{4}})[:/](?P<m>\d\d)[:/](?P<d>\d\d){_TIME}"),
    "yearmonthday": re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:\d.*|[.+-].*)?"),
    "month/day/year": re.compile(rf"(?P<m>\d\d?)/(?P<d>\d\d?)/(?P<y>\d{{4}}|\d\d){_TIME}"),
    "day/month/year": re.compile(rf"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{{4}}|\d\d){_TIME}"),
}
_SECONDS = "seconds since 1970"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a slide was scanned; where `day` is None, `why` says why nobody can tell."""

    day: date | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A field that tells the day, and the forms in which it may be written."""

    field: str
    forms: tuple[str, ...]
    unless: Mapping[str, Sequence[str]]
    """Fields whose values say that the day is not the real one."""


def days_of(secret: bytes, subject: str) -> int:
    """How many days the dates of this subject are moved back: the same for all of them.

    HMAC-SHA256 of the subject's pseudonym, under a key of its own made from the site's secret;
    each number from `LEAST_DAYS` to `MOST_DAYS` is as likely as any other.
    """
    digest = hmac.new(derive(secret, "dates"), subject.encode("utf-8"), hashlib.sha256).digest()
    return LEAST_DAYS + int.from_bytes(digest[:8], "big") % (MOST_DAYS - LEAST_DAYS + 1)


def shifted(day: date, days: int) -> datetime:
    """The day as the header tells it: moved back, without a time of day."""
    moved = day - timedelta(days=days)
    return datetime(moved.year, moved.month, moved.day, tzinfo=UTC)


def moment_of(slide_format: str, fields: Iterable[Field]) -> Moment:
    """The day on which a slide was scanned; the first field of its table that tells one counts."""
    values: dict[str, list[str]] = {}
    for each in fields:
        values.setdefault(each.name, []).append(each.value.strip("\0 \r\n\t"))
    rules = _rules(slide_format)
    if not rules:
        return Moment(None, "no field of this format tells the day of the scan for certain")
    for rule in rules:
        if any(set(values.get(name, [])) & set(ends) for name, ends in rule.unless.items()):
            return Moment(None, "its dates were changed before it came here")
        told = [value for value in values.get(rule.field, []) if value]
        if told:
            return _agreed(rule, told)
    return Moment(None, "it does not tell the day of the scan")


def _agreed(rule: _Rule, told: list[str]) -> Moment:
    days = {day for value in told for day in set(_days(value, rule.forms)) or {None}}
    if len(days) != 1 or None in days:
        ambiguous = "it can be read in several ways, or tells several days"
        return Moment(None, f"{rule.field}: {'no day' if days == {None} else ambiguous}")
    (day,) = days
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return Moment(None, f"{rule.field}: no day on which slides were scanned")
    return Moment(day)


def _days(value: str, forms: Iterable[str]) -> Iterator[date]:
    for form in forms:
        if form == _SECONDS:
            yield from _since_1970(value)
            continue
        found = _FORMS[form].fullmatch(value)
        if found:
            try:
                yield date(_year(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                continue


def _since_1970(value: str) -> Iterator[date]:
    if re.fullmatch(r"\d{9,10}", value):
        yield datetime.fromtimestamp(int(value), UTC).date()


def _year(text: str) -> int:
    """A year of two digits is of the years that slides were scanned in."""
    if len(text) == 4:
        return int(text)
    return int(text) + (1900 if int(text) >= _FIRST_YEAR % 100 else 2000)


@cache
def _rules(slide_format: str) -> tuple[_Rule, ...]:
    """What the format's own table says; the tables it goes by besides do not count here."""
    found = tables().get(slide_format, ({},))[0].get("moment", ())
    assert isinstance(found, (list, tuple))
    return tuple(_Rule(one["field"], tuple(one["forms"]), one.get("unless", {})) for one in found)
