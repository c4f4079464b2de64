"""Grants on algorithms: recorded by the owner or a steward, revoked, found."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bigpicture.access.epoch import bump
from bigpicture.analysis.publish import owner_row
from bigpicture.ledger.record import record
from bigpicture.model.algorithm_grant import AlgorithmGrant, AlgorithmUse
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.person import Person
from bigpicture.storage.records.algorithm_tables import algorithm_grants
from bigpicture.storage.records.tables import people


def grant_algorithm(
    connection: Connection,
    person: Person,
    algorithm: str,
    *,
    to: str,
    uses: Collection[AlgorithmUse],
    end: datetime,
    reason: str,
    start: datetime | None = None,
) -> AlgorithmGrant:
    """Let the person `to` (an id) use an algorithm from `start` (now) until `end`.

    By its owner or a steward; event and epoch in the caller's transaction. Raises `InputError`,
    `UnknownError`, `ForbiddenError`, `ConflictError` where the person has one over that time.
    """
    owner_row(connection, person, algorithm)
    now = datetime.now(UTC)
    made = AlgorithmGrant(
        secrets.token_hex(10), algorithm, to, frozenset(uses), start or now, end, reason.strip()
    )
    _check(connection, made)
    _refuse_second(connection, made)
    values = {
        "id": made.id,
        "algorithm": algorithm,
        "person": to,
        "uses": sorted(made.uses),
        "start": made.start,
        "end": end,
        "reason": made.reason,
        "recorded_by": person.id,
    }
    connection.execute(insert(algorithm_grants).values(values))
    bump(connection)
    details = {"grant": made.id, "person": to, "uses": sorted(made.uses), "reason": made.reason}
    details |= {"start": made.start.isoformat(), "end": end.isoformat()}
    record(
        connection, actor=person.id, action="algorithm:grant", subject=algorithm, details=details
    )
    return made


def revoke_algorithm_grant(
    connection: Connection, person: Person, algorithm: str, grant: str, *, reason: str
) -> AlgorithmGrant:
    """End a grant now; as `grant_algorithm`."""
    owner_row(connection, person, algorithm)
    found = next((each for each in list_grants(connection, algorithm) if each.id == grant), None)
    if found is None:
        raise UnknownError("there is no such grant.", place=grant[:40])
    if not reason.strip():
        raise InputError("a revocation needs a reason.", place="reason")
    if found.revoked is not None:
        raise ConflictError("this grant was revoked before.", place=grant)
    now = datetime.now(UTC)
    changed = update(algorithm_grants).where(algorithm_grants.c.id == grant)
    connection.execute(changed.values(revoked=now))
    bump(connection)
    details = {"grant": grant, "person": found.person, "reason": reason.strip()}
    record(
        connection, actor=person.id, action="algorithm:revoke", subject=algorithm, details=details
    )
    return next(each for each in list_grants(connection, algorithm) if each.id == grant)


def list_grants(
    connection: Connection, algorithm: str = "", *, person: str = ""
) -> list[AlgorithmGrant]:
    """Grants on an algorithm, or of a person, live or not, in the order of their ids."""
    question = select(algorithm_grants).order_by(algorithm_grants.c.id)
    if algorithm:
        question = question.where(algorithm_grants.c.algorithm == algorithm)
    if person:
        question = question.where(algorithm_grants.c.person == person)
    return [_read(row) for row in connection.execute(question).mappings()]


def _read(row: Mapping[Any, Any]) -> AlgorithmGrant:
    return AlgorithmGrant(
        row["id"],
        row["algorithm"],
        row["person"],
        frozenset(AlgorithmUse(use) for use in row["uses"]),
        row["start"],
        row["end"],
        row["reason"],
        row["revoked"],
    )


def _check(connection: Connection, made: AlgorithmGrant) -> None:
    if made.end <= made.start:
        raise InputError("a grant ends after it begins.", place="end")
    if not made.uses:
        raise InputError("a grant allows some use.", place="uses", rule=", ".join(AlgorithmUse))
    if not made.reason:
        raise InputError("a grant needs a reason.", place="reason")
    if connection.execute(select(people.c.id).where(people.c.id == made.person)).first() is None:
        raise UnknownError("there is no such person.", place="person")


def _refuse_second(connection: Connection, made: AlgorithmGrant) -> None:
    """Two grants over the same time: whoever revokes one would believe that it has ended."""
    for each in list_grants(connection, made.algorithm, person=made.person):
        if each.revoked is None and each.start < made.end and made.start < each.end:
            raise ConflictError(
                "this person has a grant on this algorithm over that time.",
                place=each.id,
                remedy="Revoke it first, or let the new one begin when it ends.",
            )
