"""Blocks: who misused a dataset is barred from it, until a steward lifts that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from bigpicture.access.epoch import bump
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError, UnknownError
from bigpicture.model.grant import Grant
from bigpicture.storage.records.grant_tables import dataset_blocks


@dataclass(frozen=True, slots=True)
class Block:
    """`grant` is the one that was misused."""

    dataset: str
    person: str
    since: datetime
    grant: str
    by: str
    reason: str


def blocked(connection: Connection, person: str, dataset: str) -> bool:
    """Whether a person is barred from a dataset."""
    return _find(connection, person, dataset) is not None


def refuse_blocked(connection: Connection, person: str, dataset: str) -> None:
    """Raise `ConflictError` where the person is barred from the dataset."""
    if blocked(connection, person, dataset):
        raise ConflictError(
            "this person is barred from this dataset after a misuse.",
            place=dataset,
            remedy="A steward can lift that, with a reason.",
        )


def block(connection: Connection, grant: Grant, *, reason: str, by: str) -> None:
    """Bar the person of a misused grant from its dataset; event in the caller's transaction."""
    if blocked(connection, grant.person, grant.dataset):
        return
    connection.execute(
        insert(dataset_blocks).values(
            dataset=grant.dataset,
            person=grant.person,
            since=datetime.now(UTC),
            grant=grant.id,
            by=by,
            reason=reason,
        )
    )
    record(
        connection,
        actor=by,
        action="person:bar",
        subject=grant.person,
        details={"dataset": grant.dataset, "grant": grant.id, "reason": reason},
    )


def lift_block(connection: Connection, person: str, dataset: str, *, reason: str, by: str) -> None:
    """Let a person apply for a dataset again.

    Raises `UnknownError` where they were not barred, `ForbiddenError` where they lift their own.
    """
    if by == person:
        raise ForbiddenError(
            "nobody lifts a bar of their own.", remedy="Ask another steward of this node."
        )
    if not blocked(connection, person, dataset):
        raise UnknownError("this person is not barred from this dataset.", place=dataset)
    connection.execute(
        delete(dataset_blocks).where(
            dataset_blocks.c.person == person, dataset_blocks.c.dataset == dataset
        )
    )
    bump(connection)
    record(
        connection,
        actor=by,
        action="person:unbar",
        subject=person,
        details={"dataset": dataset, "reason": reason},
    )


def list_blocks(
    connection: Connection, *, dataset: str, after: str = "", limit: int = 50
) -> list[Block]:
    """Who is barred from a dataset, in the order of their ids."""
    rows = connection.execute(
        select(dataset_blocks)
        .where(dataset_blocks.c.dataset == dataset, dataset_blocks.c.person > after)
        .order_by(dataset_blocks.c.person)
        .limit(limit)
    ).mappings()
    return [Block(**row) for row in rows]


def _find(connection: Connection, person: str, dataset: str) -> object:
    return connection.execute(
        select(dataset_blocks.c.person).where(
            dataset_blocks.c.person == person, dataset_blocks.c.dataset == dataset
        )
    ).first()
