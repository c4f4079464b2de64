"""Reads the rows of the tables: which entities each names, and the texts it states about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_values import CellReader
from bigpicture.preparation.column import Column, ColumnKind
from bigpicture.preparation.columns import CHAIN, SHEETS
from bigpicture.preparation.headings import Headed, bare, check_headings, find_headings, is_example
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.table import Cell, Row, Table

PASSED_OVER = frozenset({"read me", "readme", "lies mich", "vocabularies", "lisez moi"})
"""Sheets of the template that hold no data."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One row: the sheet's entity, the identifiers it names, its file, and its other texts."""

    table: Table
    number: int
    kind: EntityKind
    ids: Mapping[EntityKind, str]
    file: str
    texts: tuple[tuple[Column, str, int], ...]
    """Column, text, index; cells that are empty are left out."""
    indexes: Mapping[str, int]
    is_slide_named: bool = True
    """Whether the slide was named, and is not called by its file."""

    def cell(self, column: str = "") -> Cell:
        """Where a column of this row stands; the row itself where it has no such column."""
        index = self.indexes.get(column)
        if index is None:
            return Cell(self.table.file, self.table.sheet, self.number)
        return self.table.cell(self.number, index)

    @property
    def is_slide(self) -> bool:
        return self.kind is EntityKind.SLIDE


def kind_of(table: Table) -> EntityKind:
    """The entity of a sheet by its name (of a CSV by the file's); slides where it tells nothing."""
    name = bare(table.sheet or PurePosixPath(table.file).stem)
    for kind, sheet in SHEETS.items():
        if name in (sheet, kind.value, kind.label):
            return kind
    return EntityKind.SLIDE


def headed(tables: list[Table], notes: Notes) -> list[tuple[Table, Headed]]:
    """The tables that have headings we understand; says what is the matter with the others."""
    found: list[tuple[Table, Headed]] = []
    for table in tables:
        if table.is_hidden or bare(table.sheet) in PASSED_OVER:
            continue
        if not table.rows:
            continue
        heading = find_headings(table)
        if heading is None:
            notes.say(
                table.cell(table.rows[0].number, 0),
                "no row of headings is understood in this table: it is not used.",
                expected="headings such as File, Slide, Being, Sex, Stain, Diagnosis",
                remedy="Make a template with `bigpicture prepare --template`, or rename headings.",
            )
            continue
        for finding in check_headings(table, heading):
            notes.add(finding)
        found.append((table, heading))
    return found


def tell_hidden(tables: list[Table], notes: Notes) -> None:
    """Say what is hidden and was not used, and what else was noticed on reading."""
    for table in tables:
        place = Cell(table.file, table.sheet)
        if table.is_hidden and bare(table.sheet) not in PASSED_OVER:
            _hidden(notes, place, "the sheet is hidden: nothing of it is used.")
        if table.hidden_rows:
            row = table.cell(table.hidden_rows[0], 0)
            told = f"{len(table.hidden_rows):,} rows are hidden: none of them is used."
            _hidden(notes, row, told)
        for index in table.hidden_columns:
            _hidden(notes, table.cell(0, index), "a column is hidden: it is not used.")
        for sentence in table.notes:
            notes.say(
                place,
                sentence,
                remedy="Nothing, if accents look right below.",
                severity=Severity.REPAIRED,
            )


def _hidden(notes: Notes, cell: Cell, what: str) -> None:
    notes.say(
        cell,
        what,
        remedy="Show it, if it belongs to the dataset; delete it, if it does not.",
        severity=Severity.WARNING,
    )


def read_rows(table: Table, headed: Headed, reader: CellReader) -> Iterator[Stated]:
    """Yield every row below the headings that states something."""
    indexes = {column.name: index for index, column in headed.columns.items()}
    kind = kind_of(table)
    for row in table.rows:
        if row.number <= headed.row or is_example(row.texts):
            continue
        stated = _read_row(table, headed, row, indexes, reader, kind)
        if stated is not None:
            yield stated


def _read_row(
    table: Table,
    headed: Headed,
    row: Row,
    indexes: Mapping[str, int],
    reader: CellReader,
    kind: EntityKind,
) -> Stated | None:
    ids: dict[EntityKind, str] = {}
    texts: list[tuple[Column, str, int]] = []
    file = ""
    for index, column in headed.columns.items():
        text = row.texts[index] if index < len(row.texts) else ""
        mark = table.marks.get((row.number, index))
        if not text and mark is None:
            continue
        cell = table.cell(row.number, index)
        text = reader.text(column, text, cell, mark)
        if not text:
            continue
        if column.kind is not ColumnKind.IDENTIFIER:
            texts.append((column, text, index))
        elif name := reader.identifier(column, text, cell):
            if column.entity is EntityKind.IMAGE:
                file = name.replace("\\", "/").strip("/")
            else:
                ids[column.entity] = name
    if not ids and not file and not texts:
        return None
    is_named = EntityKind.SLIDE in ids
    if file and not is_named:
        ids = {EntityKind.SLIDE: slide_of_file(file), **ids}
    return Stated(table, row.number, kind, ids, file, tuple(texts), indexes, is_named)


def slide_of_file(file: str) -> str:
    """What a slide is called that has no identifier of its own: its file without the ending."""
    return PurePosixPath(file).stem or file


def most_specific(ids: Mapping[EntityKind, str]) -> EntityKind | None:
    """The entity nearest to the slide that a row names."""
    return next((kind for kind in CHAIN if kind in ids), None)
