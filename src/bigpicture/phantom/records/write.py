"""Write invented datasets into the records of a node, go on after a stop, take them away."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, delete, func, insert, inspect, select
from sqlalchemy.schema import AddConstraint, DropConstraint

from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError
from bigpicture.phantom.records.bulk import insert_many, prepare
from bigpicture.phantom.records.headed import MARK, dataset_row
from bigpicture.phantom.records.plan import CENTER, PlannedDataset
from bigpicture.phantom.records.rows import rows_of
from bigpicture.storage.records import Records
from bigpicture.storage.records import tables as t

_T = TypeVar("_T")
Told: TypeAlias = Callable[[int], None]
"""Hears of so many slides more that are done."""

_INVENTED = f"{CENTER}-dataset-%"
_ACTOR = "node"
_OF_ENTITIES = (
    t.observations, t.observers, t.images, t.slides, t.stainings, t.block_specimens, t.blocks,
    t.specimens, t.cases, t.beings, t.companion_rows, t.companion_variables, t.grants,
    t.catalogue_segments, t.datasets,
)  # fmt: skip
"""Everything that may hold a row of an invented dataset, children first."""


def check_invented(records: Records, *, center: str, is_beside: bool) -> None:
    """Refuse a node with real datasets, unless told; raises `ConflictError`."""
    if center == CENTER:
        raise ConflictError(
            f"this node's own accessions begin with {CENTER}, as invented ones do.",
            place="center",
            remedy="Invented records belong in a node of another center.",
        )
    with records.read() as connection:
        real = connection.scalar(
            select(func.count()).where(t.datasets.c.accession.not_like(_INVENTED))
        )
    if real and not is_beside:
        raise ConflictError(
            f"this node holds {real} datasets that are not invented.",
            rule="invented records never come among real ones by mistake",
            remedy="Use a node of its own, or --beside; accessions then tell them apart.",
        )


def invented(records: Records) -> dict[str, dict[str, Any]]:
    """The invented datasets that are there: accession to seed, number and slides."""
    with records.read() as connection:
        found = connection.execute(
            select(t.datasets.c.accession, t.datasets.c.landing).where(
                t.datasets.c.accession.like(_INVENTED)
            )
        )
        return {row.accession: row.landing.get(MARK, {}) for row in found}


def write_datasets(records: Records, planned: Sequence[PlannedDataset], told: Told) -> int:
    """Write what is not there yet, each dataset in one transaction; returns how many it wrote.

    Raises `ConflictError` where what is there was made from another plan.
    """
    there = invented(records)
    for each in planned:
        mark = there.get(each.accession)
        if mark is not None and mark != _mark(each):
            raise ConflictError(
                f"it holds {mark.get('slides')} slides and this plan gives it {each.slides}.",
                place=each.accession,
                rule="one plan a node",
                remedy="Use the same --slides, --datasets and --seed, or --remove first.",
            )
    written = 0
    for each in planned:
        if each.accession not in there:
            with records.write() as connection:
                _write(connection, each)
            written += 1
        told(each.slides)
    return written


def remove_datasets(records: Records, told: Told) -> int:
    """Take every invented dataset away with all that hangs on it; returns how many."""
    there = invented(records)
    # SQLite: one after the other, so that the log stays short; a stop leaves whole datasets.
    at_once = 1 if records.engine.dialect.name == "sqlite" else max(1, len(there))
    for together in _batched(there.items(), at_once):
        with records.rewrite() as connection, _loosened(connection):
            for accession, mark in together:
                _remove(connection, accession)
                told(int(mark.get("slides", 0)))
    return len(there)


def _write(connection: Connection, planned: PlannedDataset) -> None:
    prepare(connection)
    change = connection.execute(
        insert(t.changes).values(
            dataset=planned.accession, kind="published", time=planned.published
        )
    )
    assert change.inserted_primary_key is not None
    connection.execute(
        insert(t.datasets).values(**dataset_row(planned), seq=change.inserted_primary_key[0])
    )
    for each in rows_of(planned):
        insert_many(connection, each.table, each.columns, each.rows)
    record(
        connection,
        actor=_ACTOR,
        action="dataset:invent",
        subject=planned.accession,
        details=_mark(planned),
    )


def _remove(connection: Connection, dataset: str) -> None:
    for table in _OF_ENTITIES:
        if table is t.block_specimens:
            of = select(t.blocks.c.accession).where(t.blocks.c.dataset == dataset)
            asked = table.c.block.in_(of)
        elif table is t.datasets:
            asked = table.c.accession == dataset
        else:
            asked = table.c.dataset == dataset
        connection.execute(delete(table).where(asked))
    connection.execute(
        insert(t.changes).values(dataset=dataset, kind="withdrawn", time=datetime.now(UTC))
    )
    record(connection, actor=_ACTOR, action="dataset:remove", subject=dataset)


@contextmanager
def _loosened(connection: Connection) -> Generator[None]:
    """Let references between the tables go, and tie them again at the end.

    PostgreSQL would look through a whole table for each row that goes, for no index leads from
    parents to children.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    looked = inspect(connection)
    there = {name["name"] for table in _OF_ENTITIES for name in looked.get_foreign_keys(table.name)}
    references = [
        each
        for table in _OF_ENTITIES
        for each in table.foreign_key_constraints
        if each.name in there
    ]
    for each in references:
        connection.execute(DropConstraint(each))
    yield
    for each in references:
        connection.execute(AddConstraint(each))


def _mark(planned: PlannedDataset) -> dict[str, int]:
    return {"seed": planned.seed, "number": planned.number, "slides": planned.slides}


def _batched(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some
