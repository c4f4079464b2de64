"""The transcription of MSMdad 2.0.0, a row for each rule: combined rows are taken apart."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

import pytest

from places import SHARED

_FILE = SHARED / "reference/msmdad-2.0.0.tsv"

needs_the_standard = pytest.mark.skipif(
    not _FILE.exists(), reason=f"needs ../shared/{_FILE.relative_to(SHARED)} beside this checkout"
)


@dataclass(frozen=True)
class Row:
    """`field` is the tag; `parent` the number of the set it stands in."""

    entity: str
    number: str
    field: str
    type: str
    context: str
    available: str
    parent: str
    text: str


@cache
def rows() -> tuple[Row, ...]:
    """None where the transcription is not beside this checkout: `needs_the_standard` says so."""
    if not _FILE.exists():
        return ()
    with _FILE.open(encoding="utf-8") as file:
        lines = [
            Row(*(line[key] or "" for key in reader_keys))
            for line in csv.DictReader(file, delimiter="\t")
            for reader_keys in [list(line)]
        ]
    return tuple(row for line in lines for row in _apart(line))


def _apart(row: Row) -> list[Row]:
    """17.1.8/.1 is a set and its member; 17.1.19-24 are six rows."""
    fields = [
        each.strip() for each in re.split(r"[/,(]", row.field.replace(")", "")) if each.strip()
    ]
    if run := re.fullmatch(r"([\d.]+\.)(\d+)-(\d+)", row.number):
        numbers = [f"{run[1]}{each}" for each in range(int(run[2]), int(run[3]) + 1)]
        return [_one(row, number, field) for number, field in zip(numbers, fields, strict=False)]
    if re.fullmatch(r"[\d.]+(/[\d.]+)+", row.number):
        first, *rest = row.number.split("/")
        names = fields if len(fields) > 1 else fields * (1 + len(rest))
        types = row.type.split("/")
        numbers = [first, *(first + each for each in rest)]
        return [
            Row(
                row.entity, number, name, types[min(place, len(types) - 1)],
                row.context, row.available, first if place else "", row.text,
            )
            for place, (number, name) in enumerate(zip(numbers, names, strict=False))
        ]  # fmt: skip
    return [row]


def _one(row: Row, number: str, field: str) -> Row:
    return Row(
        row.entity, number, field, row.type, row.context, row.available, row.parent, row.text
    )
