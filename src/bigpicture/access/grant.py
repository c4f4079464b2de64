"""Grant: record the right of a person to a dataset, hold it, let it go on, revoke it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bigpicture.access.blocks import block, refuse_blocked
from bigpicture.access.epoch import bump
from bigpicture.access.grant_rows import find_grant, held_since, list_grants, read_grant
from bigpicture.access.obligations import has_missed, open_duties
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.grant import ALL_USES, Grant, GrantUse, Hold
from bigpicture.model.use_policy_json import use_policy_of
from bigpicture.storage.records.tables import datasets, grants, people

__all__ = [
    "expire_grants",
    "hold_grant",
    "list_grants",
    "read_grant",
    "record_grant",
    "release_hold",
    "revoke_grant",
]


def record_grant(
    connection: Connection,
    *,
    person: str,
    dataset: str,
    end: datetime,
    reason: str,
    by: str,
    start: datetime | None = None,
    uses: Collection[GrantUse] = ALL_USES,
    conditions: Collection[str] = (),
    application: str = "",
    holds: Collection[Hold] = frozenset(),
    supersedes: str = "",
) -> Grant:
    """Grant `person` (an id) the `dataset` (an accession) from `start` (now) until `end`.

    It opens once it has no hold; who missed a duty of the dataset gets it held for that. It takes
    the place of the grant `supersedes`, which ends now. The events and the move of the seal epoch
    are in the caller's transaction. Raises `InputError` when `end` is not after `start`, no use is
    allowed or no reason is given, `UnknownError` for an unknown person, dataset or grant,
    `ConflictError` when a grant that lives or is to come covers part of the same time, or the
    person is barred from the dataset.
    """
    now = datetime.now(UTC)
    start = start or now
    _check(start=start, end=end, uses=uses, reason=reason)
    if connection.execute(select(people.c.id).where(people.c.id == person)).first() is None:
        raise UnknownError("there is no such person.", place="person")
    described = _described(connection, dataset)
    refuse_blocked(connection, person, dataset)
    grant = Grant(
        secrets.token_hex(10),
        person,
        dataset,
        start,
        end,
        reason=reason,
        uses=frozenset(uses),
        conditions=tuple(conditions),
        application=application,
        holds=frozenset(holds) | _held_for_duties(connection, person, dataset),
        has_begun=False,
    )
    if supersedes:
        _supersede(connection, supersedes, grant, now=now, by=by)
    _refuse_second(connection, person, dataset, after=max(start, now), before=end)
    connection.execute(insert(grants).values(_row(grant, by=by, now=now)))
    bump(connection)
    policy = use_policy_of(described)
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
            "uses": sorted(grant.uses),
            "conditions": len(grant.conditions),
            "application": application,
            "holds": sorted(grant.holds),
            "policy": policy.version,
            "legal_basis": policy.legal_basis or "",
        },
    )
    return grant if grant.holds else _begin(connection, grant, described)


def hold_grant(connection: Connection, grant: str, hold: Hold, *, reason: str, by: str) -> Grant:
    """Suspend a grant for one cause, until that is released; nothing where it is held for it.

    Event and epoch in the caller's transaction. Raises `InputError` without a reason,
    `UnknownError` for an unknown grant, `ConflictError` when it has ended.
    """
    now = datetime.now(UTC)
    row = find_grant(connection, grant)
    held = read_grant(row)
    _check_reason(reason)
    if held.is_over(now):
        raise ConflictError(
            "this grant has ended; there is nothing to suspend.", place=grant, rule=held.state(now)
        )
    if hold in held.holds:
        return held
    since = held_since(row) | {str(hold): now.isoformat()}
    return _change(connection, row, "grant:hold", hold, by=by, reason=reason, holds=since)


def release_hold(connection: Connection, grant: str, hold: Hold, *, reason: str, by: str) -> Grant:
    """Take one cause away; the grant opens when it was the last. Nothing where it was not there.

    Event and epoch in the caller's transaction; a grant that has ended stays ended. The first time
    that a grant has no hold its duties begin. Raises `InputError`, `UnknownError`.
    """
    row = find_grant(connection, grant)
    held = read_grant(row)
    _check_reason(reason)
    if hold not in held.holds or held.is_over(datetime.now(UTC)):
        return held
    left = {cause: since for cause, since in held_since(row).items() if cause != hold}
    freed = _change(
        connection, row, "grant:release", hold, by=by, reason=reason, holds=left or None
    )
    if freed.holds or freed.has_begun:
        return freed
    return _begin(connection, freed, _described(connection, freed.dataset))


def revoke_grant(
    connection: Connection, grant: str, *, reason: str, by: str, is_misuse: bool = False
) -> Grant:
    """End a grant now; event and epoch in the caller's transaction.

    After a misuse the person is barred from the dataset: no grant to it is recorded for them until
    that is lifted. Raises `UnknownError` for an unknown grant, `ConflictError` when it was revoked
    before.
    """
    row = find_grant(connection, grant)
    if row["revoked"] is not None:
        raise ConflictError("this grant was revoked before.", place=grant)
    now = datetime.now(UTC)
    connection.execute(update(grants).where(grants.c.id == grant).values(revoked=now))
    bump(connection)
    details = {"person": row["person"], "dataset": row["dataset"], "reason": reason}
    record(
        connection,
        actor=by,
        action="grant:revoke",
        subject=grant,
        details={**details, "is_misuse": is_misuse},
    )
    revoked = read_grant({**row, "revoked": now})
    if is_misuse:
        block(connection, revoked, reason=reason, by=by)
    return revoked


def expire_grants(connection: Connection, now: datetime, *, limit: int = 1000) -> int:
    """Put the end of grants on record that came by `now`; returns how many.

    From then on no clock that is set back opens them again.
    """
    ended = grants.c.end <= now
    waiting = (grants.c.expired.is_(None), ended, grants.c.revoked.is_(None))
    rows = connection.execute(
        select(grants.c.id, grants.c.person, grants.c.dataset, grants.c.end)
        .where(*waiting)
        .order_by(grants.c.end)
        .limit(limit)
    ).all()
    for row in rows:
        connection.execute(update(grants).where(grants.c.id == row.id).values(expired=now))
        details = {"person": row.person, "dataset": row.dataset, "end": row.end.isoformat()}
        record(connection, actor="node", action="grant:expire", subject=row.id, details=details)
    if rows:
        bump(connection)
    return len(rows)


def _check(*, start: datetime, end: datetime, uses: Collection[GrantUse], reason: str) -> None:
    if end <= start:
        raise InputError("a grant ends after it begins.", place="end")
    if not uses:
        raise InputError("a grant allows some use.", place="uses", rule=", ".join(GrantUse))
    _check_reason(reason)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InputError("a grant needs a reason.", place="reason")


def _described(connection: Connection, dataset: str) -> Mapping[str, Any]:
    """The row of a dataset; raises `UnknownError`."""
    known = select(datasets).where(datasets.c.accession == dataset)
    row = connection.execute(known).mappings().first()
    if row is None:
        raise UnknownError("there is no such dataset.", place="dataset")
    return dict(row)


def _held_for_duties(connection: Connection, person: str, dataset: str) -> frozenset[Hold]:
    """Who missed a duty and lets the grant run out gets no new one that opens."""
    return frozenset({Hold.DUTY} if has_missed(connection, person, dataset) else ())


def _row(grant: Grant, *, by: str, now: datetime) -> dict[str, Any]:
    return {
        "id": grant.id,
        "person": grant.person,
        "dataset": grant.dataset,
        "start": grant.start,
        "end": grant.end,
        "recorded_by": by,
        "reason": grant.reason,
        "uses": sorted(grant.uses),
        "conditions": list(grant.conditions),
        "application": grant.application or None,
        "holds": {hold: now.isoformat() for hold in sorted(grant.holds)} or None,
    }


def _begin(connection: Connection, grant: Grant, described: Mapping[str, Any]) -> Grant:
    """A grant is without holds for the first time."""
    now = datetime.now(UTC)
    connection.execute(update(grants).where(grants.c.id == grant.id).values(begun=now))
    policy = use_policy_of(described)
    open_duties(connection, grant, policy, start=grant.start, end=grant.end)
    return read_grant(find_grant(connection, grant.id))


def _change(
    connection: Connection,
    row: Mapping[str, Any],
    action: str,
    hold: Hold,
    *,
    by: str,
    reason: str,
    holds: Mapping[str, str] | None,
) -> Grant:
    connection.execute(update(grants).where(grants.c.id == row["id"]).values(holds=holds))
    bump(connection)
    record(
        connection,
        actor=by,
        action=action,
        subject=row["id"],
        details={
            "person": row["person"],
            "dataset": row["dataset"],
            "hold": str(hold),
            "left": sorted(holds or ()),
            "reason": reason,
        },
    )
    return read_grant({**row, "holds": holds})


def _supersede(
    connection: Connection, before: str, grant: Grant, *, now: datetime, by: str
) -> None:
    row = find_grant(connection, before)
    if (row["person"], row["dataset"]) != (grant.person, grant.dataset):
        raise InputError(
            "a grant takes the place of one of the same person and dataset.", place="supersedes"
        )
    if read_grant(row).is_over(now):
        return
    ended = {"revoked": now, "superseded_by": grant.id}
    connection.execute(update(grants).where(grants.c.id == before).values(ended))
    record(
        connection,
        actor=by,
        action="grant:supersede",
        subject=before,
        details={"person": grant.person, "dataset": grant.dataset, "grant": grant.id},
    )


def _refuse_second(
    connection: Connection, person: str, dataset: str, *, after: datetime, before: datetime
) -> None:
    """Two grants over the same time: whoever revokes one would believe that access has ended."""
    held = select(grants.c.id).where(
        grants.c.person == person,
        grants.c.dataset == dataset,
        grants.c.revoked.is_(None),
        grants.c.expired.is_(None),
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
