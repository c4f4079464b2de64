"""Turns what a path found into the text of a cell, and refuses what no cell may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.code_text import code_text
from bigpicture.preparation.sources.columns import ColumnKind
from bigpicture.preparation.sources.mapping import ColumnRule, Several
from bigpicture.preparation.sources.problem import Problem

_LONGEST = {ColumnKind.TEXT: 10_000, ColumnKind.AGE: 30, ColumnKind.IDENTIFIER: 200}
_LONGEST_TERM = 250
_BETWEEN = "; "
_BREAKS = str.maketrans("\n\t", "  ")
_FORMULA = re.compile(r"[=@]|[+-](?![\d.,]+$)")
_DATE = re.compile(
    r"\d{4}-\d{2}(?:-\d{2}.*)?|(?:19|20)\d{6}(?:\d{4,6})?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?: .*)?"
)


def cell_of(found: Json, rule: ColumnRule) -> str | Problem:
    """The cell for what the paths of a column found, empty for nothing; or what is wrong."""
    texts: list[str] = []
    for value in _flat(found):
        text = _text_of(value, rule)
        if isinstance(text, Problem):
            return text
        if text and text not in texts:
            texts.append(text)
    if len(texts) > 1 and rule.several is Several.PROBLEM:
        return problem(rule, **_SEVERAL)
    translated = [_translated(text, rule) for text in texts]
    for text in translated:
        if isinstance(text, Problem):
            return text
    words = list(dict.fromkeys(str(text) for text in translated))
    kept = words[:1] if rule.several is Several.FIRST else words
    return _fit(_BETWEEN.join(kept), rule)


def problem(rule: ColumnRule, *, what: str, asks: str, remedy: str) -> Problem:
    """A problem with a column, which names its paths."""
    return Problem(
        rule=asks,
        what=what,
        remedy=remedy,
        column=rule.name,
        path=" or ".join(path.text for path in rule.paths),
    )


def _flat(value: Json) -> Iterator[Json]:
    if isinstance(value, list):
        for each in value:
            yield from _flat(each)
    elif value is not None:
        yield value


def _text_of(value: Json, rule: ColumnRule) -> str | Problem:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value.strip()
        case int():
            return str(value)
        case float():
            if rule.kind is ColumnKind.IDENTIFIER:
                return problem(rule, **_FRACTION)
            return str(int(value)) if value.is_integer() else repr(value)
        case dict():
            text = code_text(value, rule.show)
            return problem(rule, **_NO_VALUE) if text is None else text
        case _:
            return ""


def _translated(text: str, rule: ColumnRule) -> str | Problem:
    if rule.match is not None:
        found = rule.match.search(text[: _LONGEST[ColumnKind.TEXT]])
        if found is None:
            return problem(rule, **_NO_MATCH)
        text = found[1] or ""
    if rule.values is None:
        return text
    folded = {_folded(local): meant for local, meant in rule.values.items()}
    if _folded(text) in folded:
        return folded[_folded(text)]
    return problem(rule, **_UNTRANSLATED)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _fit(text: str, rule: ColumnRule) -> str | Problem:
    if len(text) > _LONGEST.get(rule.kind, _LONGEST_TERM):
        return problem(rule, **_TOO_LONG)
    if not text.translate(_BREAKS).isprintable():
        return problem(rule, **_CONTROL)
    one_line = text if rule.kind is ColumnKind.TEXT else " ".join(text.split())
    if _FORMULA.match(one_line):
        return problem(rule, **_LIKE_A_FORMULA)
    if rule.kind is not ColumnKind.IDENTIFIER and _DATE.fullmatch(one_line):
        return problem(rule, **_LIKE_A_DATE)
    return one_line


_SEVERAL = {
    "what": "the path finds several values: the cell stays empty.",
    "asks": "a cell holds one value",
    "remedy": "Choose in the path ([?…] | [0]), or say several = 'first' or 'join'.",
}
_FRACTION = {
    "what": "an identifier is a number with a fraction: digits may be lost already.",
    "asks": "identifiers are texts or whole numbers",
    "remedy": "Export the field as a text.",
}
_NO_VALUE = {
    "what": "the path ends at an object: the cell stays empty.",
    "asks": "a path ends at a text, a number or a code",
    "remedy": "Go on to the field that is meant, such as .value or .display.",
}
_NO_MATCH = {
    "what": "a value has not the form that `match` asks for: the cell stays empty.",
    "asks": "match takes its part out of every value",
    "remedy": "Widen the regular expression, or see why the value differs.",
}
_UNTRANSLATED = {
    "what": "a value stands not in `values`: the cell stays empty.",
    "asks": "with values, every local value is translated",
    "remedy": "Add it to values, or take values out and translate in `bigpicture prepare`.",
}
_TOO_LONG = {
    "what": "a value is too long for this column: the cell stays empty.",
    "asks": "a term has 250 characters at most, an identifier 200, a text 10,000",
    "remedy": "Is the path right? A report does not belong into a cell.",
}
_CONTROL = {
    "what": "a value holds control characters: the cell stays empty.",
    "asks": "cells hold text",
    "remedy": "See where the export comes from; it may be read in the wrong encoding.",
}
_LIKE_A_FORMULA = {
    "what": "a value begins like a formula: the cell stays empty.",
    "asks": "no cell begins with = + - or @, since a spreadsheet would work it out",
    "remedy": "Translate it in values, or take the sign off with match.",
}
_LIKE_A_DATE = {
    "what": "a value is a date: the cell stays empty.",
    "asks": "no column but `age` is made of a date, and that leaves as a band of years",
    "remedy": "Is the path right? Dates of birth and of visits stay where they are.",
}
