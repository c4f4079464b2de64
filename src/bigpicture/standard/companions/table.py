"""Read a companion table row by row, as CSV; whatever a file holds, memory stays small."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from bigpicture.model.errors import MetadataError

MOST_ROWS = 2_000_000
MOST_COLUMNS = 500
LONGEST_LINE = 1 << 20
"""Characters."""

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` yields (line, cells) and can be read once."""

    headings: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]


class _Reader(Protocol):
    """What `csv.reader` makes."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@contextmanager
def open_table(place: Path, *, name: str) -> Generator[Table]:
    """Open a CSV table in UTF-8; commas, or what the heading line has instead, part the cells.

    Raises `MetadataError` here or from `rows` where the file is none; `name` is what it is called.
    """
    with place.open(encoding="utf-8-sig", newline="") as stream:
        lines = _lines(stream, name)
        first = next(lines, "")
        if not first.strip():
            raise _broken(name, 1, "the file is empty.", "Give it a line of headings, and rows.")
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(_back(first, lines), delimiter=delimiter, strict=True)
        headings = tuple(each.strip() for each in _next(reader, name) or [])
        if len(headings) > MOST_COLUMNS:
            raise _broken(name, 1, "there are too many columns.", f"At most {MOST_COLUMNS}.")
        yield Table(headings, _rows(reader, name))


def _rows(reader: _Reader, name: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        line = reader.line_num + 1
        cells = _next(reader, name)
        if cells is None:
            return
        if not cells:
            continue  # an empty line, which spreadsheets leave at the end
        number += 1
        if number > MOST_ROWS:
            raise _broken(name, line, "there are too many rows.", f"At most {MOST_ROWS}.")
        yield line, [cell.strip() for cell in cells]


def _next(reader: _Reader, name: str) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise _broken(
            name,
            reader.line_num,
            f"the line is no CSV: {error}.",
            "Look for a quotation mark that is not closed.",
        ) from error


def _lines(stream: TextIO, name: str) -> Iterator[str]:
    """Lines of bounded length; a file that is not text is told with its line."""
    number = 0
    while True:
        number += 1
        try:
            line = stream.readline(LONGEST_LINE)
        except UnicodeDecodeError as error:
            raise MetadataError(
                "the file is not UTF-8 from about here on.",
                place=f"{name}:{number}",
                rule="BP-companion-encoding",
                remedy="Save it as “CSV UTF-8”.",
            ) from error
        if not line:
            return
        if "\0" in line:
            raise _broken(name, number, "there is a NUL byte: this is no text.", "Save it as CSV.")
        if len(line) >= LONGEST_LINE:
            raise _broken(name, number, "the line is too long.", f"At most {LONGEST_LINE}.")
        yield line


def _back(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _broken(name: str, line: int, what: str, remedy: str) -> MetadataError:
    return MetadataError(what, place=f"{name}:{line}", rule="BP-companion-form", remedy=remedy)
