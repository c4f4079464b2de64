"""Writes the table of slides as CSV, whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.rows import Row


def write_table(rows: Iterable[Row], columns: Iterable[str], out: Path) -> int:
    """Write one line a row under the names of the columns; returns how many.

    A file that exists is left alone: corrections may have been made in it. What was begun and
    not ended is removed.
    """
    if out.exists():
        raise InputError(
            "the table exists already.",
            place=out.name,
            remedy="Give another --out, or remove it: corrections made in it would be lost.",
        )
    part = out.with_name(f".{out.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(columns))
            table.writeheader()
            for row in rows:
                table.writerow(row.cells)
                count += 1
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return count
