"""Read a value: the text of one cell as its variable's type says, or what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bigpicture.model.companion import Value, Variable, VariableType

_TRUTH = {
    "true": True, "True": True, "TRUE": True, "1": True,
    "false": False, "False": False, "FALSE": False, "0": False,
}  # fmt: skip
"""Frictionless Table Schema, 'boolean': the default trueValues and falseValues."""

_INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,2})?", re.ASCII)
_YEAR = re.compile(r"(1[89]|20)\d\d", re.ASCII)
_DURATION = (
    r"P(?=\d|T\d)(\d{1,4}Y)?(\d{1,5}M)?(\d{1,5}W)?(\d{1,6}D)?"
    r"(T(?=\d)(\d{1,6}H)?(\d{1,6}M)?(\d{1,6}S)?)?"
)
_FORMS = {
    VariableType.DURATION: re.compile(_DURATION, re.ASCII),
    VariableType.INTERVAL: re.compile(f"{_DURATION}/{_DURATION}", re.ASCII),
}
_DAY = re.compile(
    r"(?<!\d)(\d{4}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])"
    r"|(0?[1-9]|[12]\d|3[01])[-/.]\s?(0?[1-9]|1[0-2])[-/.]\s?(\d{4}|\d\d)"
    r"|(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/(\d{4}|\d\d)"
    r"|(0?[1-9]|[12]\d|3[01])[-. ]?(jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
    r"[a-z]*[-. ,]*\d{2,4}"
    r"|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"|-+|\?+|\.+|n\.?/?a\.?|nan|null|none|nil|unk(nown)?|not (done|known|applicable|available)"
    r"|missing|n\.?d\.?|u\.?|-?9{2,}|-?8{3,}|tbd|#n/a|#value!",
    re.IGNORECASE,
)

EXPECTED = {
    VariableType.INTEGER: "a whole number",
    VariableType.NUMBER: "a number with a decimal point",
    VariableType.BOOLEAN: "true or false",
    VariableType.CATEGORY: "one of the declared categories",
    VariableType.STRING: "text",
    VariableType.YEAR: "a year of four digits",
    VariableType.DURATION: "a duration of ISO 8601, such as P36M",
    VariableType.INTERVAL: "two durations of ISO 8601, start/length, such as P50Y/P10Y",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """Which rule a cell breaks. The cell itself is not repeated: it may identify someone."""

    rule: str
    what: str
    expected: str
    remedy: str


def read_value(variable: Variable, cell: str) -> Value | Wrong | None:
    """The value; None where a declared marker stands for why there is none."""
    if variable.marker(cell) is not None:
        return None
    value = _parse(variable, cell)
    if value is None:
        return _wrong(variable, cell)
    if variable.type is VariableType.STRING and names_a_day(cell):
        return _DATED
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if _is_within(variable, value) else _outside(variable)
    return value


def names_a_day(text: str) -> bool:
    """Whether a text holds a calendar date to the day, in the forms that exports use."""
    return any(character.isdigit() for character in text) and _DAY.search(text) is not None


def shape_of(cell: str) -> str:
    """What a cell looks like without telling it: letters as a, digits as 9, at most 20."""
    shown = "".join(
        "9" if each.isdigit() else ("A" if each.isupper() else "a") if each.isalpha() else each
        for each in cell[:20]
        if each.isprintable()
    )
    return f"“{shown}{'…' if len(cell) > 20 else ''}”"


def _parse(variable: Variable, cell: str) -> Value | None:
    match variable.type:
        case VariableType.INTEGER:
            return int(cell) if _INTEGER.fullmatch(cell) else None
        case VariableType.NUMBER:
            return float(cell) if _NUMBER.fullmatch(cell) else None
        case VariableType.YEAR:
            return int(cell) if _YEAR.fullmatch(cell) else None
        case VariableType.BOOLEAN:
            return _TRUTH.get(cell)
        case VariableType.CATEGORY:
            return cell if variable.category(cell) else None
        case VariableType.STRING:
            return cell or None
        case VariableType.DURATION | VariableType.INTERVAL:
            return cell if _FORMS[variable.type].fullmatch(cell) else None


def _wrong(variable: Variable, cell: str) -> Wrong:
    if not cell or _PLACEHOLDER.fullmatch(cell.strip()):
        shown = "an empty cell" if not cell else f"the marker {cell.strip()}"
        return Wrong(
            "BP-companion-missing",
            f"{shown} stands for no value, and the dictionary does not say why there is none.",
            "markers declared with a meaning: not done, unknown, not applicable or withheld",
            "Declare the marker of this variable in the dictionary.",
        )
    if names_a_day(cell):
        return _DATED
    if variable.type is VariableType.CATEGORY:
        return Wrong(
            "BP-companion-category",
            f"{shape_of(cell)} is none of the categories.",
            "one of " + ", ".join(each.value for each in variable.categories[:12]),
            "Correct the cell, or declare the category.",
        )
    comma = "," in cell and _NUMBER.fullmatch(cell.replace(",", "."))
    return Wrong(
        "BP-companion-type",
        f"{shape_of(cell)} is not {EXPECTED[variable.type]}.",
        EXPECTED[variable.type],
        "Write a decimal point instead of the comma."
        if comma
        else "Correct the cell, or the type in the dictionary.",
    )


_DATED = Wrong(
    "BP-companion-date",
    "a date to the day stands here.",
    "no calendar date more precise than a year: to the day, it identifies",
    "State the time since an event as a duration (P36M), or the year.",
)


def _is_within(variable: Variable, value: float) -> bool:
    low, high = variable.minimum, variable.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def _outside(variable: Variable) -> Wrong:
    low = "" if variable.minimum is None else f"at least {variable.minimum:g}"
    high = "" if variable.maximum is None else f"at most {variable.maximum:g}"
    return Wrong(
        "BP-companion-range",
        "the number lies outside the range.",
        " and ".join(filter(None, (low, high))),
        "Correct the cell, or the range in the dictionary.",
    )
