"""Turns the tables of a file into the one sheet of a grid, and says what does not fit into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import InputError, LimitError
from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.dataset_table import is_dataset_table, read_dataset
from bigpicture.preparation.headings import Headed, is_example
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.read import tables_of
from bigpicture.preparation.rows import headed, kind_of, tell_hidden
from bigpicture.preparation.sheet import MOST_ROWS, Sheet
from bigpicture.preparation.table import Cell, Mark, Table

_UNUSABLE = (Mark.ERROR, Mark.FORMULA)


@dataclass(frozen=True, slots=True)
class Read:
    """A file as a grid takes it. `findings` are about the file, by its own cells."""

    sheet: Sheet
    findings: tuple[CellFinding, ...]


def read_grid(data: bytes, file: str) -> Read:
    """Read a spreadsheet or a CSV; raises `InputError` or `LimitError` where it cannot be one."""
    tables = tables_of(data, file=file)
    notes = Notes()
    tell_hidden(tables, notes)
    about_dataset = [each for each in tables if is_dataset_table(each) and not each.is_hidden]
    fields = {name: "; ".join(said) for name, said in read_dataset(about_dataset, notes).items()}
    found = headed([each for each in tables if each not in about_dataset], notes)
    columns, rows = _rows(found, notes)
    if not rows and not fields:
        _nothing(found, file)
    return Read(Sheet(columns, rows, fields), notes.findings)


def _nothing(found: list[tuple[Table, Headed]], file: str) -> None:
    if not found:
        raise InputError(
            "no row of headings is understood in this file.",
            place=file,
            rule="headings such as File, Slide, Being, Sex, Stain, Diagnosis",
            remedy="Begin with the template, or rename the headings.",
        )


def _rows(
    found: list[tuple[Table, Headed]], notes: Notes
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    columns: dict[str, None] = {}
    for table, heading in found:
        if kind_of(table) is EntityKind.SLIDE:
            columns.update(dict.fromkeys(column.name for column in heading.columns.values()))
    names = tuple(columns)
    rows: list[tuple[str, ...]] = []
    for table, heading in found:
        if kind_of(table) is not EntityKind.SLIDE:
            notes.say(
                Cell(table.file, table.sheet),
                "a sheet of single entities is not used here.",
                expected="one sheet with a row for each slide",
                remedy="`bigpicture prepare` reads such workbooks on the command line.",
            )
            continue
        rows += _of_table(table, heading, names, notes)
        if len(rows) > MOST_ROWS:
            raise LimitError(
                "there are more rows than a page can hold.",
                place=table.file,
                rule=f"at most {MOST_ROWS:,} rows",
                remedy="Use `bigpicture prepare` on the command line, or split the table.",
            )
    return names, tuple(rows)


def _of_table(
    table: Table, heading: Headed, names: Sequence[str], notes: Notes
) -> list[tuple[str, ...]]:
    places = {column.name: index for index, column in heading.columns.items()}
    rows: list[tuple[str, ...]] = []
    for row in table.rows:
        if row.number <= heading.row or is_example(row.texts):
            continue
        _tell_marks(table, heading, row.number, notes)
        texts = tuple(
            row.texts[places[name]] if places.get(name, len(row.texts)) < len(row.texts) else ""
            for name in names
        )
        if any(texts):
            rows.append(texts)
    return rows


def _tell_marks(table: Table, heading: Headed, row: int, notes: Notes) -> None:
    if not table.marks:
        return
    for index, column in heading.columns.items():
        mark = table.marks.get((row, index))
        if mark is None:
            continue
        is_lost = mark in _UNUSABLE
        notes.say(
            table.cell(row, index),
            f"the spreadsheet holds a {mark.value} here.",
            expected="a value" if is_lost else "",
            remedy="Look whether it came over as it was meant.",
            column=column.name,
            severity=Severity.ERROR if is_lost else Severity.WARNING,
        )
