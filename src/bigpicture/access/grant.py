"""Grant: record the right of a person to a dataset, list such rights, revoke them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import RowMapping

from bigpicture.access.epoch import bump
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.grant import Grant
from bigpicture.storage.records.tables import datasets, grants, people


def record_grant(
    connection: Connection,
    *,
    person: str,
    dataset: str,
    end: datetime,
    reason: str,
    by: str,
    start: datetime | None = None,
) -> Grant:
    """Grant `person` (an id) the `dataset` (an accession) from `start` (now) until `end`.

    The event and the move of the seal epoch are in the caller's transaction. Raises `InputError`
    when `end` is not after `start` or no reason is given, `UnknownError` for an unknown person or
    dataset, `ConflictError` when a grant that lives or is to come covers part of the same time.
    """
    now = datetime.now(UTC)
    start = start or now
    if end <= start:
        raise InputError("a grant ends after it begins.", place="end")
    if not reason.strip():
        raise InputError("a grant needs a reason.", place="reason")
    if connection.execute(select(people.c.id).where(people.c.id == person)).first() is None:
        raise UnknownError("there is no such person.", place="person")
    known = select(datasets.c.accession).where(datasets.c.accession == dataset)
    if connection.execute(known).first() is None:
        raise UnknownError("there is no such dataset.", place="dataset")
    _refuse_second(connection, person, dataset, after=max(start, now), before=end)
    grant = Grant(secrets.token_hex(10), person, dataset, start, end, reason=reason)
    connection.execute(
        insert(grants).values(
            id=grant.id,
            person=person,
            dataset=dataset,
            start=start,
            end=end,
            recorded_by=by,
            reason=reason,
        )
    )
    bump(connection)
    record(
        connection,
        actor=by,
        action="grant:record",
        subject=grant.id,
        details={
            "person": person,
            "dataset": dataset,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "reason": reason,
        },
    )
    return grant


def _refuse_second(
    connection: Connection, person: str, dataset: str, *, after: datetime, before: datetime
) -> None:
    """Two grants over the same time: whoever revokes one would believe that access has ended."""
    held = select(grants.c.id).where(
        grants.c.person == person,
        grants.c.dataset == dataset,
        grants.c.revoked.is_(None),
        grants.c.start < before,
        grants.c.end > after,
    )
    first = connection.scalar(held.order_by(grants.c.id).limit(1))
    if first is not None:
        raise ConflictError(
            "this person has a grant to this dataset over that time.",
            place=first,
            remedy="Revoke it first, or let the new one begin when it ends.",
        )


def list_grants(
    connection: Connection,
    *,
    person: str = "",
    dataset: str = "",
    after: str = "",
    limit: int = 50,
) -> list[Grant]:
    """Grants in the order of their ids, live or not; empty `person` or `dataset` mean any."""
    question = select(grants).where(grants.c.id > after).order_by(grants.c.id).limit(limit)
    if person:
        question = question.where(grants.c.person == person)
    if dataset:
        question = question.where(grants.c.dataset == dataset)
    return [read_grant(row) for row in connection.execute(question).mappings()]


def revoke_grant(connection: Connection, grant: str, *, reason: str, by: str) -> Grant:
    """End a grant now; event and epoch in the caller's transaction.

    Raises `UnknownError` for an unknown grant, `ConflictError` when it was revoked before.
    """
    row = connection.execute(select(grants).where(grants.c.id == grant)).mappings().first()
    if row is None:
        raise UnknownError("there is no such grant.", place=grant)
    if row["revoked"] is not None:
        raise ConflictError("this grant was revoked before.", place=grant)
    now = datetime.now(UTC)
    connection.execute(update(grants).where(grants.c.id == grant).values(revoked=now))
    bump(connection)
    record(
        connection,
        actor=by,
        action="grant:revoke",
        subject=grant,
        details={"person": row["person"], "dataset": row["dataset"], "reason": reason},
    )
    return read_grant({**row, "revoked": now})


def read_grant(row: RowMapping | dict[str, object]) -> Grant:
    """A row of `grants` as the noun."""
    names = ("id", "person", "dataset", "start", "end", "revoked", "reason")
    return Grant(**{name: row[name] for name in names})  # type: ignore[arg-type]
