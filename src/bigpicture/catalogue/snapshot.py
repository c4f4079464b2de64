"""A snapshot: what is known of every image that anyone may open, as one Parquet file.

The idea is the index of the Imaging Data Commons (idc-index): questions that need no node.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.access.epoch import Epoch
from bigpicture.catalogue.snapshot_rows import (
    NUMBERS,
    ONE,
    SEVERAL,
    WHOLE,
    SnapshotRows,
    read_rows,
)
from bigpicture.model.policy import AccessTier
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import datasets, epochs

LAYOUT = 1
"""Raised when the columns change."""
MEDIA_TYPE = "application/vnd.apache.parquet"
_GROUP = 50_000
"""Rows that stand together, at least: what a reader can leave out by their statistics."""


def open_datasets(connection: Connection) -> dict[str, int]:
    """The datasets of the tier *open* with their change numbers, in order.

    The one decision is still to be asked of them.
    """
    asked = select(datasets.c.accession, datasets.c.seq)
    rows = connection.execute(
        asked.where(datasets.c.tier == AccessTier.OPEN).order_by(datasets.c.accession)
    )
    return {row.accession: row.seq for row in rows}


def tag_of(connection: Connection, opened: Collection[str]) -> str:
    """A name for the content: it changes with the datasets, their versions, and any erasure."""
    erasures = connection.scalar(select(epochs.c.value).where(epochs.c.name == Epoch.ERASURE))
    wanted = set(opened)
    told = [f"{name} {seq}" for name, seq in open_datasets(connection).items() if name in wanted]
    return hashlib.sha256("\n".join([str(LAYOUT), str(erasures), *told]).encode()).hexdigest()[:32]


def write_snapshot(records: Records, opened: Collection[str], file: Path, *, node: str) -> int:
    """Write the images of the open ones among `opened`; returns how many.

    The file is there whole or not at all. One dataset is in memory at a time. Of those `opened`
    (what the one decision lets the world read) only such of the tier *open* are told of.
    """
    arrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    wanted = set(opened)
    images = 0
    try:
        with records.read() as connection:
            tag = tag_of(connection, wanted)
            schema = _schema(arrow).with_metadata(
                {"bigpicture.node": node, "bigpicture.tag": tag, "bigpicture.layout": str(LAYOUT)}
            )
            with parquet.ParquetWriter(written, schema, compression="zstd") as writer:
                rows = (
                    read_rows(connection, name, seq)
                    for name, seq in open_datasets(connection).items()
                    if name in wanted
                )
                for group in _groups(arrow, schema, rows):
                    writer.write_table(group, row_group_size=len(group) or None)
                    images += len(group)
        os.replace(written, file)  # noqa: PTH105  atomic, and says so
    finally:
        written.unlink(missing_ok=True)
    return images


def _schema(arrow: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    text, many = arrow.string(), arrow.list_(arrow.string())
    columns = [("accession", text), ("alias", text), ("dataset", text), ("dataset_title", text),
               ("being", many)]  # fmt: skip
    for names, kind in ((ONE, text), (SEVERAL, many)):
        for name in names:
            columns += [(name, kind), (f"{name}_key", kind)]
    columns += [(name, arrow.float64()) for name in NUMBERS]
    columns += [(name, arrow.int64()) for name in WHOLE]
    columns.append(("companion", arrow.map_(text, many)))
    return arrow.schema(columns)


def _groups(arrow: Any, schema: Any, rows: Iterable[SnapshotRows]) -> Iterable[Any]:  # noqa: ANN401
    """Tables of some datasets together."""
    waiting: list[Any] = []
    for each in rows:
        waiting.append(_table(arrow, schema, each))
        if sum(map(len, waiting)) >= _GROUP:
            yield arrow.concat_tables(waiting)
            waiting = []
    if waiting:
        yield arrow.concat_tables(waiting)


def _table(arrow: Any, schema: Any, rows: SnapshotRows) -> Any:  # noqa: ANN401
    count = len(rows.accessions)
    columns: dict[str, Any] = {
        "accession": rows.accessions,
        "alias": rows.aliases,
        "dataset": [rows.dataset] * count,
        "dataset_title": [rows.title] * count,
        "being": rows.beings,
        "companion": [list(each.items()) for each in rows.companion],
    }
    for name in ONE:
        columns[name] = [each[0].label if each else None for each in rows.terms[name]]
        columns[f"{name}_key"] = [each[0].key if each else None for each in rows.terms[name]]
    for name in SEVERAL:
        columns[name] = [[term.label for term in each] for each in rows.terms[name]]
        columns[f"{name}_key"] = [[term.key for term in each] for each in rows.terms[name]]
    columns |= {name: rows.numbers[name] for name in (*NUMBERS, *WHOLE)}
    return arrow.table({name: columns[name] for name in schema.names}, schema=schema)
