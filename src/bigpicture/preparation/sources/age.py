"""Age when the tissue was taken, as a band of years; the date of birth goes no further."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

OLDEST = 119
"""The last year of the topmost band."""
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{2,6})?(?:\.\d+)?(?:[+-]\d{4})?")


class AgeUnit(StrEnum):
    YEARS = "years"
    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"


_PER_YEAR = {
    AgeUnit.YEARS: 1.0,
    AgeUnit.MONTHS: 12.0,
    AgeUnit.WEEKS: 365.25 / 7,
    AgeUnit.DAYS: 365.25,
}


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a date may mean: FHIR allows a year alone, or a year and a month."""

    first: date
    last: date


def read_date(text: str) -> Span | None:
    """Read a FHIR date or dateTime (as its own clock told it), or HL7's `YYYYMMDD…`; else None."""
    found = _ISO.fullmatch(text.strip()) or _COMPACT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        last_month = month or 12
        last = date(first.year, last_month, day or calendar.monthrange(first.year, last_month)[1])
    except ValueError:
        return None
    return Span(first, last)


def completed_years(birth: date, at: date) -> int:
    """Whole years lived; who was born on 29 February completes one on 1 March of a common year."""
    return at.year - birth.year - ((at.month, at.day) < (birth.month, birth.day))


def years_between(birth: Span, at: Span) -> tuple[int, int] | None:
    """The least and the greatest age that the dates allow; None where none is possible."""
    least, greatest = completed_years(birth.last, at.first), completed_years(birth.first, at.last)
    if greatest < 0 or least > OLDEST:
        return None
    return max(least, 0), min(greatest, OLDEST)


def years_of(number: float, unit: AgeUnit) -> int | None:
    """Whole years of an age that an export states; None where nobody has that age."""
    years = number / _PER_YEAR[unit]
    return int(years) if 0 <= years < OLDEST + 1 else None


def band(least: int, greatest: int, *, width: int, top: int) -> str:
    """The band of `width` years, `50-59`, or the bands that an uncertain age spans, `40-59`.

    From `top` on there is one band: so few people are that old that a narrow one would name them.
    """
    start = min(least // width * width, top)
    end = greatest // width * width + width - 1 if greatest < top else OLDEST
    return str(start) if start == end else f"{start}-{end}"
