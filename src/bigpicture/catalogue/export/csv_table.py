"""CSV (RFC 4180, UTF-8): a row an image; several terms of a cell are joined by `; `."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from bigpicture.catalogue.export.export import JOINED, Column, Export, Kind

_ROWS = 2000


def write_csv(export: Export) -> Iterator[bytes]:
    """The table in pieces."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.name for column in export.columns)
    cells = [_cells(column) for column in export.columns]
    for number, row in enumerate(zip(*cells, strict=True), start=1):
        writer.writerow(row)
        if number % _ROWS == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _cells(column: Column) -> Iterator[str]:
    for value in column.values:
        if column.kind is Kind.TEXTS:
            yield JOINED.join(value)
        elif column.kind is Kind.NUMBER:
            yield "" if value is None else f"{value:.10g}"
        else:
            yield value
