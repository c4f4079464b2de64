"""Reads the tables that a person handed over, by what is in each file."""

from __future__ import annotations

from pathlib import Path

from bigpicture.model.errors import InputError
from bigpicture.preparation.read_csv import read_csv
from bigpicture.preparation.read_xlsx import read_xlsx
from bigpicture.preparation.table import Table

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How XLSX and ODS, and XLS, begin."""


def read_tables(path: Path) -> list[Table]:
    """Read a workbook's sheets, or the one table of a CSV; raises `InputError`, `LimitError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"it cannot be read ({error.strerror}).",
            place=path.name,
            remedy="Check its name; close it in the spreadsheet, if it is open there.",
        ) from error
    return tables_of(data, file=path.name)


def tables_of(data: bytes, *, file: str) -> list[Table]:
    """Read the tables of a file's content; `file` is the name that findings bear."""
    if not data:
        raise InputError("the file is empty.", place=file, remedy="Export it again.")
    if data.startswith(_WORKBOOKS):
        return read_xlsx(data, file=file)
    return [read_csv(data, file=file)]
