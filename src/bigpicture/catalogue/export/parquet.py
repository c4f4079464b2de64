"""Parquet: a row an image, several terms as lists; the file's metadata say what was frozen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bigpicture.catalogue.export.export import Column, Export, Kind
from bigpicture.catalogue.export.json_table import describe
from bigpicture.catalogue.export.pieces import Pieces

_ROWS = 100_000
_TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.NUMBER: pa.float64(),
}


def write_parquet(export: Export) -> Iterator[bytes]:
    """The file, row group after row group."""
    about = json.dumps(describe(export.about), ensure_ascii=False)
    schema: Any = pa.schema(
        [
            pa.field(each.name, _TYPES[each.kind], metadata={"about": each.about})
            for each in export.columns
        ],
        metadata={"cohort": about},
    )
    pieces = Pieces()
    writer: Any
    with pq.ParquetWriter(pa.PythonFile(pieces, mode="w"), schema, compression="zstd") as writer:
        for start in range(0, export.length, _ROWS):
            arrays = [_array(each, start) for each in export.columns]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield pieces.taken()
    yield pieces.taken()


def _array(column: Column, start: int) -> Any:  # noqa: ANN401 - pyarrow ships no types
    return pa.array(list(column.values[start : start + _ROWS]), type=_TYPES[column.kind])
