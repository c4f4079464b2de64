"""Makes the workbook that a person fills in: headings with help, lists to choose from, examples."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from bigpicture.model.entity import EntityKind
from bigpicture.preparation.column import Column, ColumnKind
from bigpicture.preparation.columns import COLUMNS, SHEETS, columns_of
from bigpicture.preparation.field import Field
from bigpicture.preparation.fields import FIELDS
from bigpicture.preparation.headings import EXAMPLE
from bigpicture.preparation.words import terms_of
from bigpicture.standard.rule import Audience

_ROWS = 5000
"""Rows that get lists to choose from."""
_VOCABULARIES = "vocabularies"
_READ_ME = """Describing a dataset

1. Sheet “slides”: one row for each slide. Put the slides' files into one folder.
2. Sheet “dataset”: one line for each field.
3. Then: bigpicture prepare FOLDER THIS_FILE.xlsx --out DATASET_name

Orange headings must be filled in; the others may stay empty.
Rest the pointer on a heading to read what belongs there.
Rows that begin with EXAMPLE are examples: they are passed over, and may be deleted.

Use your own words and numbers. A word that is not known is asked for once; what you decide
is kept in a mapping file. Your numbers of patients, cases and slides never leave the site:
the dataset bears pseudonyms, and a key file that stays with you says which is which.

A cell may carry a code itself: SNOMED CT:71854001 Colon structure.
N/A says that something is not known. Never write names, birthdays or addresses."""


def template(
    *,
    audience: Audience = Audience.CLINICAL,
    files: Sequence[str] = (),
    by_entity: bool = False,
) -> bytes:
    """Return an XLSX: the sheets of slides and of the dataset, or a sheet for each entity.

    With `files` the column File holds one row for each, and no examples stand above them.
    """
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        _Writing(book, audience).write(files, by_entity=by_entity)
    return out.getvalue()


def template_csv(*, audience: Audience = Audience.CLINICAL, files: Sequence[str] = ()) -> bytes:
    """Return the sheet of slides as CSV, UTF-8 with the mark that spreadsheets need."""
    columns = _used(COLUMNS, audience)
    rows = [[column.heading for column in columns]]
    rows += [[file] for file in files] if files else _examples(columns, audience)
    return _csv(rows)


def dataset_csv(*, audience: Audience = Audience.CLINICAL) -> bytes:
    """Return the table of the dataset as CSV: field, value, help."""
    fields = [(each.name, "", _help(each, audience)) for each in _fields(audience)]
    return _csv([("field", "value", "help"), *fields])


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _used(columns: Iterable[Column], audience: Audience) -> list[Column]:
    is_animal = audience is Audience.NON_CLINICAL
    return [
        each
        for each in columns
        if each.is_used(audience) and not (is_animal and each.name in ("case", "diagnosis"))
    ]


def _fields(audience: Audience) -> list[Field]:
    return [
        each
        for each in FIELDS
        if each.audience in (None, Audience.EVERYONE, audience)
        and not (audience is Audience.NON_CLINICAL and each.name == "legal_basis")
    ]


def _help(field_: Field, audience: Audience) -> str:
    needed = "Required. " if field_.is_required(audience) else ""
    default = f" Left out: {field_.default}." if field_.default else ""
    example = f" Example: {field_.example}" if field_.example else ""
    return f"{needed}{field_.help}{default}{example}"


def _examples(columns: Sequence[Column], audience: Audience) -> list[list[str]]:
    """Two rows, the first cell of which says that they are examples."""
    is_animal = audience is Audience.NON_CLINICAL
    rows: list[list[str]] = []
    for number in (1, 2):
        row = [each.animal_example if is_animal else each.example for each in columns]
        if not row[0].lower().startswith(EXAMPLE):
            row[0] = f"EXAMPLE {row[0]}".strip()
        rows.append([text.replace("-1", f"-{number}") for text in row])
    return rows


@dataclass(slots=True)
class _Writing:
    book: Workbook
    audience: Audience
    _lists: dict[str, str] = field(default_factory=dict[str, str])
    _formats: dict[str, Any] = field(default_factory=dict[str, Any])

    def write(self, files: Sequence[str], *, by_entity: bool) -> None:
        base = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        self._formats = {
            "needed": self.book.add_format({**base, "bg_color": "#F7C99B"}),
            "other": self.book.add_format({**base, "bg_color": "#E4E7EB"}),
            "example": self.book.add_format({"italic": True, "font_color": "#7A828C"}),
            "text": self.book.add_format({"num_format": "@"}),
            "title": self.book.add_format({"bold": True, "font_size": 16}),
            "help": self.book.add_format({"font_color": "#5A626C", "text_wrap": True}),
            "wrap": self.book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        }
        self._read_me()
        kinds = list(SHEETS) if by_entity else [EntityKind.SLIDE]
        for kind in kinds:
            if kind is EntityKind.CASE and self.audience is Audience.NON_CLINICAL:
                continue
            columns = _used(columns_of(kind) if by_entity else COLUMNS, self.audience)
            self._sheet(SHEETS[kind], columns, files if kind is EntityKind.SLIDE else ())
        self._dataset()
        self._vocabularies()

    def _read_me(self) -> None:
        sheet = self.book.add_worksheet("read me")
        sheet.set_column(0, 0, 100)
        for number, text in enumerate(_READ_ME.splitlines()):
            sheet.write_string(number, 0, text, self._formats["text" if number else "title"])

    def _sheet(self, name: str, columns: Sequence[Column], files: Sequence[str]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for index, column in enumerate(columns):
            needed = column.is_required(self.audience)
            kind = "needed" if needed else "other"
            sheet.write_string(0, index, column.heading, self._formats[kind])
            # text keeps 007 and 3-1 as they are typed
            sheet.set_column(index, index, _width(column), self._formats["text"])
            sheet.write_comment(0, index, _comment(column, needed=needed), {"x_scale": 2})
            self._choices(sheet, column, index)
        for number, row in enumerate(_examples(columns, self.audience) if not files else ()):
            for index, text in enumerate(row):
                sheet.write_string(number + 1, index, text, self._formats["example"])
        place = next((i for i, column in enumerate(columns) if column.name == "file"), 0)
        for number, file in enumerate(files, start=1):
            sheet.write_string(number, place, file, self._formats["text"])

    def _choices(self, sheet: Worksheet, column: Column, index: int) -> None:
        if column.kind is not ColumnKind.TERM:
            return
        source = self._lists.setdefault(column.name, "")
        if not source:
            number = len(self._lists) - 1
            letter = xl_col_to_name(number)
            count = len(_choices(column))
            if not count:
                return
            source = f"={_VOCABULARIES}!${letter}$2:${letter}${count + 1}"
            self._lists[column.name] = source
        # another word is allowed: the site's own are mapped
        sheet.data_validation(
            1, index, _ROWS, index, {"validate": "list", "source": source, "show_error": False}
        )

    def _dataset(self) -> None:
        sheet = self.book.add_worksheet("dataset")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 60, self._formats["wrap"])
        sheet.set_column(2, 2, 90)
        for index, text in enumerate(("field", "value", "help")):
            sheet.write_string(0, index, text, self._formats["other"])
        for number, each in enumerate(_fields(self.audience), start=1):
            kind = "needed" if each.is_required(self.audience) else "other"
            sheet.write_string(number, 0, each.name, self._formats[kind])
            sheet.write_string(number, 2, _help(each, self.audience), self._formats["help"])
            choices = [each_ for each_ in each.values if _fits(each, each_, self.audience)]
            if choices:
                listed = {"validate": "list", "source": choices, "show_error": not each.many}
                sheet.data_validation(number, 1, number, 1, listed)

    def _vocabularies(self) -> None:
        """What the lists show; it is hidden, and passed over on reading."""
        sheet = self.book.add_worksheet(_VOCABULARIES)
        by_name = {column.name: column for column in COLUMNS}
        for index, name in enumerate(self._lists):
            sheet.write_string(0, index, name)
            for number, text in enumerate(_choices(by_name[name]), start=1):
                sheet.write_string(number, index, text)
        sheet.hide()


def _choices(column: Column) -> list[str]:
    return list(dict.fromkeys(str(meaning) for meaning, _ in terms_of(column.name)))


def _fits(field_: Field, value: str, audience: Audience) -> bool:
    if field_.name != "type_of_dataset":
        return True
    return value.startswith("Clinical") == (audience is Audience.CLINICAL)


def _comment(column: Column, *, needed: bool) -> str:
    parts = ["Required." if needed else "", column.help]
    parts.append(f"For example: {column.example}" if column.example else "")
    return "\n".join(part for part in parts if part)


def _width(column: Column) -> int:
    return 40 if column.kind is ColumnKind.TEXT else max(14, len(column.heading) + 4)
