"""Grants from outside: what somebody whom this node trusts decides becomes a grant here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.engine import RowMapping

from bigpicture.access.grant import record_grant, revoke_grant
from bigpicture.model.errors import ConflictError
from bigpicture.storage.records.identity_tables import outside_grants
from bigpicture.storage.records.tables import grants

_NODE = "node"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dataset that is to be open until a moment; `reference` names the decision elsewhere."""

    until: datetime
    reference: str
    reason: str


def follow(
    connection: Connection,
    *,
    decider: str,
    person: str,
    wanted: Mapping[str, Wanted],
    is_complete: bool,
) -> None:
    """Make the grants of `person` (an id) what `decider` says; `wanted` by accession.

    With `is_complete` all that is not wanted any more is revoked. What somebody here has revoked
    is not opened again by anybody outside: whoever revoked it records a new grant, if ever.
    Grants, events and epoch are in the caller's transaction.
    """
    held = _held(connection, decider, person)
    for dataset, each in wanted.items():
        _open(
            connection,
            decider,
            person,
            dataset,
            each,
            [row for row in held if row["dataset"] == dataset],
        )
    for row in held if is_complete else ():
        if row["dataset"] not in wanted and row["revoked"] is None:
            _end(connection, row["id"], f"{decider} no longer says so.")


def followed(connection: Connection, decider: str) -> set[str]:
    """Ids of the people who hold a grant by this decider."""
    question = (
        select(grants.c.person)
        .join(outside_grants, outside_grants.c.grant == grants.c.id)
        .where(outside_grants.c.decider == decider, grants.c.revoked.is_(None))
    )
    return set(connection.scalars(question.distinct()))


def _held(connection: Connection, decider: str, person: str) -> list[RowMapping]:
    question = (
        select(grants, outside_grants.c.reference)
        .join(outside_grants, outside_grants.c.grant == grants.c.id)
        .where(outside_grants.c.decider == decider, grants.c.person == person)
        .order_by(grants.c.end)
    )
    return list(connection.execute(question).mappings())


def _open(
    connection: Connection,
    decider: str,
    person: str,
    dataset: str,
    wanted: Wanted,
    held: list[RowMapping],
) -> None:
    if any(row["revoked"] is not None for row in held):
        return  # by somebody here: what the decider withdrew itself has no row any more
    now = datetime.now(UTC)
    if wanted.until <= now:
        return
    live = [row for row in held if row["end"] > now]
    for row in live:
        if row["end"] > wanted.until:
            _end(connection, row["id"], f"{decider} has shortened it.")
    covered = [row for row in live if row["end"] <= wanted.until]
    begin = max((row["end"] for row in covered), default=now)
    if begin >= wanted.until:
        return
    try:
        # a grant that somebody else recorded over that time stands; theirs is no second one
        with connection.begin_nested():
            made = record_grant(
                connection,
                person=person,
                dataset=dataset,
                start=begin,
                end=wanted.until,
                reason=wanted.reason,
                by=_NODE,
            )
            connection.execute(
                insert(outside_grants).values(
                    grant=made.id, decider=decider, reference=wanted.reference
                )
            )
    except ConflictError:
        return


def _end(connection: Connection, grant: str, reason: str) -> None:
    connection.execute(delete(outside_grants).where(outside_grants.c.grant == grant))
    revoke_grant(connection, grant, reason=reason, by=_NODE)
