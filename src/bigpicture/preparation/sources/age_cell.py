"""Makes the cell of the age; no date that it reads is told to anyone."""

from __future__ import annotations

from collections.abc import Iterable

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.age import Span, band, read_date, years_between, years_of
from bigpicture.preparation.sources.cell import problem
from bigpicture.preparation.sources.expression import Expression
from bigpicture.preparation.sources.mapping import AgeRule, ColumnRule
from bigpicture.preparation.sources.problem import Problem


def age_cell(context: Json, rule: ColumnRule, age: AgeRule) -> str | Problem:
    """The band of years, empty where a date is missing, or what is wrong."""
    if age.number:
        return _of_number(_first(context, age.number), rule, age)
    birth, at = _date(_first(context, age.birth)), _date(_first(context, age.at))
    if birth is None or at is None:
        return ""
    if not isinstance(birth, Span) or not isinstance(at, Span):
        return _told(rule, age, **_NO_DATE)
    years = years_between(birth, at)
    if years is None:
        return _told(rule, age, **_NO_AGE)
    return band(*years, width=age.band, top=age.top)


def _of_number(value: Json, rule: ColumnRule, age: AgeRule) -> str | Problem:
    if value is None or value == "":
        return ""
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or isinstance(value, bool):
        return _told(rule, age, **_NO_NUMBER)
    years = years_of(number, age.unit)
    return (
        _told(rule, age, **_NO_AGE)
        if years is None
        else band(years, years, width=age.band, top=age.top)
    )


def _first(context: Json, paths: Iterable[Expression]) -> Json:
    for path in paths:
        found = path(context)
        value = found[0] if isinstance(found, list) and found else found
        if value not in (None, "", []):
            return value
    return None


def _date(value: Json) -> Span | Json:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return read_date(str(value)) or ""
    return value


def _told(rule: ColumnRule, age: AgeRule, *, what: str, asks: str, remedy: str) -> Problem:
    told = problem(rule, what=what, asks=asks, remedy=remedy)
    paths = " or ".join(path.text for path in (*age.birth, *age.number))
    return Problem(rule=told.rule, what=told.what, remedy=told.remedy, column=rule.name, path=paths)


_NO_DATE = {
    "what": "a date cannot be read: no age.",
    "asks": "dates are written 1970, 1970-01, 1970-01-31 or 19700131",
    "remedy": "Export dates as ISO 8601.",
}
_NO_NUMBER = {
    "what": "an age is no number: it stays empty.",
    "asks": "number leads to a number, unit says of what",
    "remedy": "Is the path right? Export '57 y' as 57, or as P57Y in a plain path.",
}
_NO_AGE = {
    "what": "the age would be below 0 or above 119 years: it stays empty.",
    "asks": "nobody has that age",
    "remedy": "See whether birth and at are the wrong way round, and whether unit is right.",
}
