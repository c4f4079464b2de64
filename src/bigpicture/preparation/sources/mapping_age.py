"""Reads how the age is made: the one place where a mapping may name a date of birth."""

from __future__ import annotations

from bigpicture.preparation.sources.age import OLDEST, AgeUnit
from bigpicture.preparation.sources.expression import Expression, compile_expression
from bigpicture.preparation.sources.mapping import AgeRule
from bigpicture.preparation.sources.toml_table import TomlTable

_TOP = 90


def read_age(table: TomlTable) -> AgeRule | None:
    """Read `birth` with `at`, or `number` with `unit`; None where a plain path or constant is."""
    if not (table.has("birth") or table.has("number")):
        return None
    width = table.number("band", 10)
    if not 1 <= width <= OLDEST:
        raise table.wrong("band", "a number of years, 5 or 10 as a rule")
    rule = AgeRule(
        birth=_paths(table, "birth"),
        at=_paths(table, "at"),
        number=_paths(table, "number"),
        unit=table.choice("unit", AgeUnit.YEARS),
        band=width,
        top=table.number("top", _TOP // width * width),
    )
    if rule.top % width or not 0 < rule.top <= OLDEST:
        raise table.wrong("top", f"a multiple of band ({width}), at most {OLDEST}")
    if bool(rule.birth) != bool(rule.at) or bool(rule.birth) == bool(rule.number):
        raise table.wrong("birth", "given together with at, or number alone is")
    return rule


def _paths(table: TomlTable, key: str) -> tuple[Expression, ...]:
    return tuple(compile_expression(each, place=table.place) for each in table.texts(key))
