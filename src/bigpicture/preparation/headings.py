"""Finds the row of headings in a table, and what each heading means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_finding import CellFinding, about
from bigpicture.preparation.column import Column
from bigpicture.preparation.columns import COLUMNS
from bigpicture.preparation.meaning import fold
from bigpicture.preparation.table import Mark, Table

_LOOKED_AT = 20
"""Rows above which headings are looked for: exports put titles over their tables."""
_ALIKE = 0.8
_SUFFIXES = ("id", "ids", "nr", "no", "num", "number", "nummer", "numero", "code", "name")
EXAMPLE = "example"
"""A row whose first cell begins with this word is one of the template's, and passed over."""


@dataclass(frozen=True, slots=True)
class Headed:
    """`columns` maps each index that is understood; the data begin after row number `row`."""

    row: int
    columns: Mapping[int, Column]


def bare(heading: str) -> str:
    """A heading without case, accents, marks and doubled blanks."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(heading).replace("ß", "ss")).split())


@cache
def _known() -> Mapping[str, Column]:
    found: dict[str, Column] = {}
    for column in COLUMNS:
        for name in (column.name, column.heading, *column.other_names):
            found.setdefault(bare(name), column)
    return found


def column_of(heading: str) -> Column | None:
    """The column that a heading means; None where that is not certain."""
    folded = bare(heading)
    found = _known().get(folded)
    words = folded.split()
    while found is None and len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
        found = _known().get(" ".join(words))
    return found or _known().get(re.sub(r"(nr|nummer|id)$", "", folded))


def nearest(heading: str) -> Column | None:
    """The column whose name is most like a heading; None where none is."""
    close = get_close_matches(bare(heading), _known(), n=1, cutoff=_ALIKE)
    return _known()[close[0]] if close else None


def find_headings(table: Table) -> Headed | None:
    """The first row in which most headings are understood; None where there is none."""
    best: Headed | None = None
    for row in table.rows[:_LOOKED_AT]:
        columns: dict[int, Column] = {}
        for index, text in enumerate(row.texts):
            column = column_of(text) if text else None
            if column is not None and column not in columns.values():
                columns[index] = column
        if len(columns) >= 2 and (best is None or len(columns) > len(best.columns)):
            best = Headed(row.number, columns)
    return best


def check_headings(table: Table, headed: Headed) -> Iterator[CellFinding]:
    """Yield what is not understood in the row of headings, and what is there twice."""
    row = next(each for each in table.rows if each.number == headed.row)
    for index, text in enumerate(row.texts):
        cell = table.cell(headed.row, index)
        if table.marks.get((headed.row, index)) is Mark.MERGED_ACROSS and text:
            yield about(
                cell,
                "a heading is merged over several columns.",
                expected="one heading for each column",
                remedy="Undo the merging, and write a heading over each column.",
            )
        elif text and index not in headed.columns:
            yield _unused(cell_text=text, table=table, row=headed.row, index=index)


def _unused(*, cell_text: str, table: Table, row: int, index: int) -> CellFinding:
    cell = table.cell(row, index)
    column = column_of(cell_text)
    if column is not None:
        return about(
            cell,
            f"a second column means {column.heading}: it is not used.",
            expected="one column for it",
            remedy="Delete or rename one of the two.",
            column=column.name,
        )
    meant = nearest(cell_text)
    return about(
        cell,
        f"the heading {cell_text[:40]!r} is not known: its column is not used.",
        expected=f"{meant.heading}, perhaps?" if meant else "",
        remedy=f"Write {meant.heading}, if that is meant."
        if meant
        else "Nothing, if that is right.",
        column=meant.name if meant else "",
        severity=Severity.WARNING,
    )


def is_example(texts: Iterable[str]) -> bool:
    """Whether a row is an example of the template."""
    first = next((text for text in texts if text), "")
    return first.lower().startswith(EXAMPLE)
