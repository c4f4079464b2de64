"""Reads the sheets of a workbook (XLSX, XLS, ODS): values as a person sees them, and oddities."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from bigpicture.model.errors import InputError, LimitError
from bigpicture.preparation.read_csv import MOST_BYTES
from bigpicture.preparation.table import Mark, Row, Table
from bigpicture.preparation.workbook_file import SheetFacts, check_zip, damaged, sheet_facts

_EXACT = 10**15
"""Integers from here on are rounded by spreadsheets, which keep 15 digits."""
_ZIP = b"PK"


def read_xlsx(data: bytes, *, file: str) -> list[Table]:
    """Read every sheet of a workbook, in its order.

    A hidden sheet is told with its name and without its rows; hidden rows and columns are left
    out and told. Cells that are merged down one column all have the first one's text. Raises
    `InputError` where the workbook cannot be read, `LimitError` where it is too large.
    """
    if len(data) > MOST_BYTES:
        raise LimitError(
            "the file is too large.", place=file, rule=f"at most {MOST_BYTES >> 20} MB"
        )
    facts: dict[str, SheetFacts] = {}
    if data.startswith(_ZIP):
        check_zip(data, file=file)
        facts = sheet_facts(data, file=file)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return list(_tables(book, facts, file))
    except PasswordError as error:
        raise InputError(
            "the workbook is locked with a password.",
            place=file,
            remedy="Save it without a password.",
        ) from error
    except CalamineError as error:
        raise damaged(file) from error
    except BaseException as error:
        # the library is Rust: what it did not foresee ends in a panic, which is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(file) from error


def _tables(book: CalamineWorkbook, facts: dict[str, SheetFacts], file: str) -> Iterable[Table]:
    for told in book.sheets_metadata:
        if told.typ != SheetTypeEnum.WorkSheet:
            continue
        if told.visible != SheetVisibleEnum.Visible:
            yield Table(file, told.name, is_hidden=True)
            continue
        sheet = book.get_sheet_by_name(told.name)
        yield _Reading(sheet, facts.get(told.name, SheetFacts()), file).table()


class _Reading:
    """One sheet under way."""

    def __init__(self, sheet: CalamineSheet, facts: SheetFacts, file: str) -> None:
        self._sheet = sheet
        self._facts = facts
        self._file = file
        self._marks: dict[tuple[int, int], Mark] = {
            **dict.fromkeys(facts.unvalued, Mark.FORMULA),
            **dict.fromkeys(facts.errors, Mark.ERROR),
        }
        self._kept: dict[str, str] = {}

    def table(self) -> Table:
        fills = self._merged()
        rows: list[Row] = []
        hidden_rows: list[int] = []
        hidden_columns: set[int] = set()
        # the iterator begins at row 1 whatever is empty, but at the first column that is used
        first_column = (self._sheet.start or (0, 0))[1]
        above: tuple[str, ...] = ()
        for number, values in enumerate(self._sheet.iter_rows(), start=1):
            texts = self._texts(number, values, first_column, fills, above)
            above = texts
            if not any(texts):
                continue
            if number in self._facts.hidden_rows:
                hidden_rows.append(number)
                continue
            shown = self._shown(texts, hidden_columns)
            if any(shown):
                rows.append(Row(number, shown))
        return Table(
            self._file,
            self._sheet.name,
            tuple(rows),
            marks=self._marks,
            hidden_rows=tuple(hidden_rows),
            hidden_columns=tuple(sorted(hidden_columns)),
        )

    def _texts(
        self,
        number: int,
        values: list[Any],
        first: int,
        fills: dict[tuple[int, int], Mark],
        above: tuple[str, ...],
    ) -> tuple[str, ...]:
        texts = [""] * first
        for index, value in enumerate(values, start=first):
            text = self._text(value, number, index)
            mark = fills.get((number, index)) if fills else None
            if mark is Mark.MERGED and not text and index < len(above):
                text = above[index]
            if mark is not None:
                self._marks[number, index] = mark
            texts.append(self._kept.setdefault(text, text))
        return tuple(texts)

    def _text(self, value: object, row: int, column: int) -> str:
        match value:
            case str():
                if value.startswith("#") and value in _ERRORS:
                    self._marks[row, column] = Mark.ERROR
                    return ""
                return value.strip()
            case bool():
                return "True" if value else "False"
            case int() | float():
                if abs(value) >= _EXACT:
                    self._marks[row, column] = Mark.LONG_NUMBER
                return _digits(value)
            case datetime.datetime():
                self._marks[row, column] = Mark.DATE
                return value.date().isoformat()
            case datetime.date() | datetime.time() | datetime.timedelta():
                self._marks[row, column] = Mark.DATE
                return str(value)
            case _:
                return ""

    def _shown(self, texts: tuple[str, ...], hidden: set[int]) -> tuple[str, ...]:
        """Without what stands in hidden columns."""
        if not self._facts.hidden_columns:
            return texts
        there = {index for index in self._facts.hidden_columns if texts[index : index + 1] > ("",)}
        hidden |= there
        return tuple("" if index in there else text for index, text in enumerate(texts))

    def _merged(self) -> dict[tuple[int, int], Mark]:
        """Every cell of merged ranges (row from 1, column from 0)."""
        found: dict[tuple[int, int], Mark] = {}
        for (top, left), (bottom, right) in self._sheet.merged_cell_ranges or ():
            mark = Mark.MERGED if left == right else Mark.MERGED_ACROSS
            for row in range(top, min(bottom, top + _MOST_MERGED) + 1):
                for column in range(left, min(right, left + _MOST_MERGED) + 1):
                    found[row + 1, column] = mark
        return found


_MOST_MERGED = 100_000
_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"}
)


def _digits(value: float) -> str:
    """12.0 is 12: spreadsheets keep every number with a fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value)
