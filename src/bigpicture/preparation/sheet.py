"""A sheet as a grid holds it: rows of slides, fields of the dataset, decisions about words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bigpicture.preparation.columns import BY_NAME
from bigpicture.preparation.mapping import HEADINGS
from bigpicture.preparation.table import Row, Table, table_of

SLIDES, DATASET, MAPPING = "slides", "dataset", "mapping"
MOST_ROWS = 10_000
"""What a person looks through in a grid; a larger table is for the command line."""
MOST_FIELDS = 100
MOST_DECISIONS = 10_000
FIRST_ROW = 2
"""The row of a spreadsheet in which the first row of the grid stands."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one word of the site's own means; a line of the mapping file."""

    column: str
    local: str
    code: str = ""
    scheme: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns` are names of ours; each row has a text for each of them, or fewer."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    mapping: Sequence[Decision] = ()

    @property
    def is_known(self) -> bool:
        """Whether every column is one of ours, and none is there twice."""
        return len(set(self.columns)) == len(self.columns) and set(self.columns) <= set(BY_NAME)


def tables_of_sheet(sheet: Sheet) -> list[Table]:
    """The tables of a workbook that would hold the sheet."""
    return [
        table_of(list(sheet.columns), sheet.rows, sheet=SLIDES),
        Table("", DATASET, tuple(_lines([("field", "value"), *sheet.fields.items()]))),
    ]


def mapping_of_sheet(sheet: Sheet) -> list[Table]:
    """The mapping file of the sheet; no table where nothing was decided."""
    lines = [
        (each.column, each.local, each.code, each.scheme, each.meaning) for each in sheet.mapping
    ]
    return [Table("", MAPPING, tuple(_lines([HEADINGS[:5], *lines])))] if lines else []


def _lines(lines: Iterable[Sequence[str]]) -> Iterable[Row]:
    for number, texts in enumerate(lines, start=1):
        yield Row(number, tuple(text.strip() for text in texts))
