"""Seal: close the node or a part of it at once; two people together open it again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from bigpicture.access.epoch import bump
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.seals import seal_of
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError, UnknownError
from bigpicture.model.seal import Seal, Sealed, SealScope
from bigpicture.storage.records import Records
from bigpicture.storage.records.grant_tables import seal_openings, seals

LONGEST_OF = 400


@dataclass(frozen=True, slots=True)
class Opening:
    """A first person agreed to open a seal; it opens when another does too."""

    person: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A seal as people see it; `opening` is the first agreement to open it, if there is one."""

    seal: Seal
    opening: Opening | None


def lay_seal(files: SealFiles, *, scope: SealScope, of: str, reason: str, by: str) -> Seal:
    """Seal: from when this returns the file lies there, and every process sees it.

    Needs no records. `enter_seals` brings it into them. Raises `InputError`, `StorageError`.
    """
    of = of.strip()
    if (scope is SealScope.NODE) != (not of):
        raise InputError(
            "a seal says what it closes.",
            place="of",
            rule="nothing for the node; else an id, an accession, a name or an address",
        )
    if len(of) > LONGEST_OF:
        raise InputError("this names nothing.", place="of", rule=f"at most {LONGEST_OF} characters")
    if not reason.strip():
        raise InputError("a seal needs a reason.", place="reason")
    seal = Seal(secrets.token_hex(10), scope, of, reason, datetime.now(UTC), by)
    files.write(seal)
    return seal


def enter_seals(connection: Connection, files: SealFiles) -> int:
    """Put seals on record of which only the files know; returns how many.

    Event and epoch in the caller's transaction.
    """
    known = set(connection.scalars(select(seals.c.id)))
    entered = [seal for name in sorted(files.names() - known) if (seal := files.read(name))]
    for seal in entered:
        connection.execute(
            insert(seals).values(
                id=seal.id,
                scope=str(seal.scope),
                of=seal.of,
                reason=seal.reason,
                since=seal.since,
                by=seal.by,
            )
        )
        record(
            connection,
            actor=seal.by,
            action="seal:set",
            subject=seal.id,
            details={
                "scope": str(seal.scope),
                "of": seal.of,
                "since": seal.since.isoformat(),
                "reason": seal.reason,
            },
        )
    if entered:
        bump(connection)
    return len(entered)


def unseal(
    records: Records, files: SealFiles, seal: str, *, person: str, reason: str
) -> Opening | None:
    """Agree to open a seal. The first who does is answered with that; None: it is open.

    Raises `UnknownError` for an unknown seal, `InputError` without a reason, `ConflictError` where
    the same person agrees twice, `ForbiddenError` where that person is sealed.
    """
    if not reason.strip():
        raise InputError("opening a seal needs a reason.", place="reason")
    _refuse_sealed(files, person)
    with records.write() as connection:
        enter_seals(connection, files)
        opening = _agree(connection, seal, person=person, reason=reason)
    if opening is None:
        files.remove(seal)
    return opening


def list_seals(connection: Connection, files: SealFiles) -> list[Standing]:
    """Every seal that holds, the oldest first."""
    rows = connection.execute(select(seals).where(seals.c.opened.is_(None)))
    held = {row.id: seal_of(row) for row in rows}
    held |= {name: seal for name in files.names() if (seal := files.read(name))}
    agreed = connection.execute(
        select(seal_openings).where(seal_openings.c.seal.in_(held)).order_by(seal_openings.c.at)
    )
    first = {row.seal: Opening(row.person, row.at, row.reason) for row in agreed}
    order = sorted(held.values(), key=lambda seal: (seal.since, seal.id))
    return [Standing(seal, first.get(seal.id)) for seal in order]


def _refuse_sealed(files: SealFiles, person: str) -> None:
    """Whoever was sealed out does not let themself in."""
    if Sealed(filter(None, map(files.read, files.names()))).over_person(person):
        raise ForbiddenError(
            "this account is sealed.", remedy="Ask another steward or member of a committee."
        )


def _agree(connection: Connection, seal: str, *, person: str, reason: str) -> Opening | None:
    row = connection.execute(select(seals).where(seals.c.id == seal)).first()
    if row is None:
        raise UnknownError("there is no such seal.", place=seal)
    if row.opened is not None:
        return None  # a file that was left behind goes now
    agreed = connection.execute(
        select(seal_openings.c.person).where(seal_openings.c.seal == seal)
    ).all()
    if any(each.person == person for each in agreed):
        raise ConflictError(
            "you have agreed to open this seal.",
            place=seal,
            rule="two different people open a seal",
            remedy="Ask another steward or member of a committee.",
        )
    now = datetime.now(UTC)
    connection.execute(
        insert(seal_openings).values(seal=seal, person=person, at=now, reason=reason)
    )
    if agreed:
        connection.execute(update(seals).where(seals.c.id == seal).values(opened=now))
        bump(connection)
    record(
        connection,
        actor=person,
        action="seal:open" if agreed else "seal:agree",
        subject=seal,
        details={"scope": row.scope, "of": row.of, "reason": reason},
    )
    return None if agreed else Opening(person, now, reason)
