"""What the child does with a Parquet file: its rows written as CSV, or a copy without some."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from bigpicture.model.errors import MetadataError
from bigpicture.standard.companions.table import MOST_COLUMNS, MOST_ROWS

_BATCH = 4096
_LONGEST_CELL = 10_000
_MOST_LETTERS = 1 << 30
"""Of a file once unpacked: a small file may hold one long text a million times."""


def unpack_rows(place: Path, out: Path) -> None:
    """Write the rows of a Parquet file as CSV in UTF-8, a batch at a time.

    A null becomes the empty cell, a date its ISO form. Raises `MetadataError` for nested columns,
    for bytes, for too much, and where the file is damaged.
    """
    with _readable(place) as file, out.open("w", encoding="utf-8", newline="") as stream:
        schema = file.schema_arrow
        _check_schema(file, schema)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(schema.names)
        letters = 0
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            columns = [batch.column(number).to_pylist() for number in range(batch.num_columns)]
            for row in zip(*columns, strict=True):
                cells = [_cell(value) for value in row]
                letters += sum(map(len, cells))
                _refuse(letters > _MOST_LETTERS, "it unpacks to too many bytes.")
                writer.writerow(cells)


def without_rows(place: Path, out: Path, key: str, aliases: frozenset[str]) -> None:
    """Copy a Parquet file without the rows whose `key` is one of `aliases`."""
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    with _readable(place) as file, parquet.ParquetWriter(out, file.schema_arrow) as writer:
        for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
            named = batch.column(batch.schema.get_field_index(key)).to_pylist()
            kept = [_cell(each).strip() not in aliases for each in named]
            writer.write_batch(batch.filter(arrow.array(kept, type=arrow.bool_())))


@contextmanager
def _readable(place: Path) -> Generator[Any]:
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    arrow.set_memory_pool(arrow.system_memory_pool())  # the limit on memory counts what it maps
    try:
        with parquet.ParquetFile(place, memory_map=False, pre_buffer=False) as file:
            yield file
    except (arrow.ArrowException, OSError, ValueError, UnicodeError) as error:
        raise MetadataError(
            "the file is not Parquet, or it is damaged.", rule="BP-companion-form"
        ) from error


def _check_schema(file: Any, schema: Any) -> None:  # noqa: ANN401 - pyarrow has no types
    types: Any = import_module("pyarrow").types
    meta = file.metadata
    _refuse(meta.num_rows > MOST_ROWS, f"there are more than {MOST_ROWS} rows.")
    _refuse(len(schema.names) > MOST_COLUMNS, f"there are more than {MOST_COLUMNS} columns.")
    plain: tuple[Callable[[Any], bool], ...] = (
        types.is_integer, types.is_floating, types.is_boolean, types.is_string,
        types.is_large_string, types.is_date, types.is_timestamp, types.is_null, types.is_decimal,
    )  # fmt: skip
    for field in schema:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        _refuse(
            not any(each(kind) for each in plain),
            f"column {schema.get_field_index(field.name) + 1} is of the type {kind}, "
            "which is no plain value.",
        )


def _refuse(is_wrong: bool, what: str) -> None:
    if is_wrong:
        raise MetadataError(what, rule="BP-companion-form")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # a column of whole numbers with nulls comes as floats
    text = str(value)
    _refuse(len(text) > _LONGEST_CELL, "a cell is too long.")
    return text
