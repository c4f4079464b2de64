"""Two hundred questions of two to four filters, drawn from what images have.

A question is a tree of the catalogue's own; peers get it as conditions in SQL.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.catalogue_flat import LISTS, ROLLED
from bigpicture.model.question import And, AnyOf, Between, Question, Words
from bigpicture.model.question_json import question_as_json

FIELDS = {
    "diagnosis": 9, "organ": 7, "stain": 6, "species": 4, "sex": 3, "scanner": 3, "severity": 2,
    "control": 1, "strain": 1, "type": 2, "method": 1, "age": 3, "mpp": 2, "magnification": 2,
    "year": 2,
}  # fmt: skip
"""Field to how often it is asked for."""
_ABOVE = 0.7
"""Of the questions for diagnoses, how many ask for a term over others."""
_WITH_WORD = 0.15
_VISIBLE = (150, 300, 500)
_RANGES = {
    "age": ((0, 20), (20, 40), (40, 60), (50, 70), (60, 80), (70, 100)),
    "mpp": ((0, 0.24), (0.2, 0.3), (0.24, 0.51), (0.4, 2)),
    "magnification": ((20, 21), (40, 41), (35, 100)),
    "year": ((2019, 2022), (2021, 2023), (2023, 2025), (2024, 2027)),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question within the datasets that one may open: `visible` says how many these are."""

    conditions: tuple[AnyOf | Between | Words, ...]
    visible: int

    @property
    def question(self) -> Question:
        return self.conditions[0] if len(self.conditions) == 1 else And(self.conditions)

    @property
    def as_json(self) -> dict[str, object]:
        return question_as_json(self.question)

    def but(self, field: str) -> tuple[AnyOf | Between | Words, ...]:
        """The conditions that do not speak of a field."""
        return tuple(
            each for each in self.conditions if isinstance(each, Words) or each.field != field
        )


def questions(
    values: Mapping[str, Mapping[str, int]],
    words: Sequence[str],
    *,
    leaves: frozenset[str],
    count: int = 200,
    seed: int = 1,
) -> list[Asked]:
    """Draw questions; `values` gives for each field its keys with how many images have them.

    `leaves` are the diagnoses under which no other stands.
    """
    chance = random.Random(seed)
    known = {name: weight for name, weight in FIELDS.items() if values.get(name) or name in _RANGES}
    found: list[Asked] = []
    while len(found) < count:
        wanted: list[str] = []
        for _ in range(chance.choice((2, 2, 3, 3, 4))):
            left = {name: weight for name, weight in known.items() if name not in wanted}
            wanted += chance.choices(list(left), list(left.values()))
        conditions: list[AnyOf | Between | Words] = [
            _condition(chance, field, values, leaves) for field in wanted
        ]
        if words and chance.random() < _WITH_WORD:
            word = chance.choice(words)
            conditions.append(Words((word[: max(5, len(word) - chance.choice((0, 2)))],)))
        found.append(Asked(tuple(conditions), chance.choice(_VISIBLE)))
    return found


def _condition(
    chance: random.Random,
    field: str,
    values: Mapping[str, Mapping[str, int]],
    leaves: frozenset[str],
) -> AnyOf | Between:
    if field in _RANGES:
        low, high = chance.choice(_RANGES[field])
        return Between(field, float(low), float(high))
    counted = values[field]
    if field == "diagnosis":
        is_above = chance.random() < _ABOVE
        kept = {key: count for key, count in counted.items() if (key in leaves) != is_above}
        counted = kept or counted
    several = 2 if chance.random() < 0.2 and len(counted) > 2 else 1
    keys = chance.choices(list(counted), list(counted.values()), k=several)
    return AnyOf(field, tuple(dict.fromkeys(keys)))


def as_sql(conditions: Sequence[AnyOf | Between | Words], visible: str, *, is_duckdb: bool) -> str:
    """A WHERE of literals (they are our own) over the flat table; `visible` is a condition."""
    parts = [visible]
    for each in conditions:
        if isinstance(each, Words):
            parts += [f"words LIKE '%{_quoted(word.casefold())}%'" for word in each.words]
        elif isinstance(each, Between):
            parts.append(f"{each.field} >= {each.low} AND {each.field} < {each.high}")
        else:
            keys = ", ".join(f"'{_quoted(value)}'" for value in each.values)
            if each.field not in LISTS:
                parts.append(f"{each.field} IN ({keys})")
            elif is_duckdb:
                parts.append(f"list_has_any({each.field}, [{keys}])")
            else:
                parts.append(f"{each.field} && ARRAY[{keys}]")
    return " AND ".join(f"({each})" for each in parts)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def is_rolled(field: str) -> bool:
    """Whether the field's terms stand under one another."""
    return field in ROLLED
