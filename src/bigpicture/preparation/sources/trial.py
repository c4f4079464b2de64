"""Tries a mapping: its own tests, and how much of an export it fills."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.mapping import Mapping, MappingTest
from bigpicture.preparation.sources.rows import Reading, Row

_PLACES = 3


@dataclass(frozen=True, slots=True)
class Tried:
    """One test of the mapping file; `failures` says for each cell what was expected."""

    name: str
    place: str
    failures: tuple[str, ...]


@dataclass(slots=True)
class Filled:
    """How many rows fill each column, and where the first stand that do not."""

    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    empty: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def add(self, row: Row) -> None:
        self.rows += 1
        for column, cell in row.cells.items():
            if cell:
                self.counts[column] += 1
            elif len(self.empty.setdefault(column, [])) < _PLACES:
                self.empty[column].append(row.place)


def fill(reading: Reading, export: Path) -> Filled:
    """Read the export and count; no cell is kept."""
    filled = Filled()
    for row in reading.rows(export):
        filled.add(row)
    return filled


def run_tests(mapping: Mapping) -> list[Tried]:
    """Run every [[test]] of a mapping file."""
    return [_run(test, mapping) for test in mapping.tests]


def _run(test: MappingTest, mapping: Mapping) -> Tried:
    try:
        rows = list(_rows(test, mapping))
    except InputError as error:
        return Tried(test.name, test.place, (str(error),))
    if not rows:
        return Tried(test.name, test.place, ("the input gives no row.",))
    cells = rows[0].cells
    return Tried(
        test.name,
        test.place,
        tuple(
            f"{column}: expected {expected!r}, got {cells.get(column)!r}"
            for column, expected in test.expect.items()
            if cells.get(column) != expected
        ),
    )


def _rows(test: MappingTest, mapping: Mapping) -> Iterable[Row]:
    reading = Reading(mapping)
    if test.export:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "test.json"
            file.write_text(test.export, encoding="utf-8", newline="\n")
            return list(reading.rows(file))
    return [reading.row(_context(test), test.place)]


def _context(test: MappingTest) -> dict[str, Json]:
    try:
        context: Json = json.loads(test.context)
    except (ValueError, RecursionError):
        context = None
    if not isinstance(context, dict):
        raise InputError(
            "the context is no JSON object.",
            place=test.place,
            rule='context = \'{"patient": {…}, "slide": {…}}\'',
        )
    return context
