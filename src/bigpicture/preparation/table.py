"""A table as a person filled it in: its cells, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from bigpicture.model.place import Place


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where something stands: file, sheet (empty in a CSV), row from 1, column as a letter."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    @property
    def place(self) -> Place:
        return Place(self.file, self.row)

    @property
    def address(self) -> str:
        """`slides!G12`, as spreadsheets say it; `G12` in a file without sheets."""
        at = f"{self.column}{self.row or ''}"
        return "!".join(each for each in (self.sheet, at) if each)

    def __str__(self) -> str:
        return f"{self.file}, {self.address}" if self.address else self.file


class Mark(StrEnum):
    """What is the matter with a cell whose text alone would not tell."""

    DATE = "date"
    """A spreadsheet's date; the text is the day in ISO 8601."""
    ERROR = "error"
    """`#N/A`, `#REF!` and the like; the text is empty."""
    FORMULA = "formula"
    """A formula whose result was never stored; the text is empty."""
    LONG_NUMBER = "long number"
    """More than 15 digits as a number: spreadsheets have rounded it already."""
    MERGED = "merged"
    """Part of merged cells of one column; the text is that of the first."""
    MERGED_ACROSS = "merged across"
    """Part of cells that are merged over several columns; the text is empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """The texts of one row in the order of the columns, stripped; `number` counts from 1."""

    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet, or one CSV. `rows` holds every row that is not empty, headings included.

    `marks` tells cells by row number and column index. `hidden_rows` and `hidden_columns` were
    not read (a row by its number, a column by its index); `notes` says what else was noticed on
    reading, sentence by sentence.
    """

    file: str
    sheet: str = ""
    rows: Sequence[Row] = ()
    marks: Mapping[tuple[int, int], Mark] = field(default_factory=dict[tuple[int, int], Mark])
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    is_hidden: bool = False
    notes: tuple[str, ...] = ()

    def cell(self, row: int, column: int) -> Cell:
        """The place of a cell, by row number and column index."""
        return Cell(self.file, self.sheet, row, column_letter(column))

    @property
    def cells(self) -> Iterator[tuple[Cell, str]]:
        """Every cell with its text."""
        for row in self.rows:
            for index, text in enumerate(row.texts):
                yield self.cell(row.number, index), text


@lru_cache(1024)
def column_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def table_of(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    file: str = "",
    sheet: str = "slides",
) -> Table:
    """Make a table of headings and rows that come from elsewhere (a grid, another system)."""
    everything = (headings, *rows)
    return Table(
        file,
        sheet,
        tuple(
            Row(number, tuple(text.strip() for text in texts))
            for number, texts in enumerate(everything, start=1)
            if any(text.strip() for text in texts)
        ),
    )
