"""Overdue: duties are met, waived, or missed; what was missed suspends until it is made good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from bigpicture.access.grant import expire_grants, hold_grant, release_hold
from bigpicture.access.obligations import has_missed
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.grant import Hold
from bigpicture.model.obligation import Obligation, ObligationState
from bigpicture.storage.records.grant_tables import duties
from bigpicture.storage.records.tables import grants

AT_ONCE = 500
"""Duties that one transaction takes up; others wait for the next round."""


def fall_due(connection: Connection, now: datetime) -> int:
    """Put on record what came to its end by `now`: grants that ended, duties that were missed.

    A missed duty holds the grants of its person to its dataset. Returns how many it took up. The
    events and the epoch are in the caller's transaction.
    """
    ended = expire_grants(connection, now)
    rows = connection.execute(
        select(duties)
        .where(duties.c.missed.is_(None), duties.c.due <= now, *_OWED)
        .order_by(duties.c.due)
        .limit(AT_ONCE)
    ).mappings()
    missed = [read_obligation(row) for row in rows]
    for each in missed:
        _miss(connection, each, now)
    return ended + len(missed)


def do_duty(connection: Connection, duty: str, *, evidence: str, by: str) -> Obligation:
    """A duty was met: `evidence` says how, in words or by an address.

    Grants held for missed duties go on when it was the last. Raises `UnknownError`, `InputError`
    without evidence, `ConflictError` where it was done or waived before.
    """
    if not evidence.strip():
        raise InputError("say how the duty was met.", place="evidence")
    changed = {"done": datetime.now(UTC), "done_by": by, "evidence": evidence}
    return _settle(connection, duty, changed, action="duty:do", by=by, details={})


def waive_duty(connection: Connection, duty: str, *, reason: str, by: str) -> Obligation:
    """A duty is no longer owed; as `do_duty`, with a reason."""
    if not reason.strip():
        raise InputError("waiving a duty needs a reason.", place="reason")
    changed = {"waived": datetime.now(UTC), "waived_by": by, "waived_reason": reason}
    return _settle(
        connection, duty, changed, action="duty:waive", by=by, details={"reason": reason}
    )


def find_obligation(connection: Connection, duty: str) -> Obligation:
    """A duty by its id; raises `UnknownError`."""
    row = connection.execute(select(duties).where(duties.c.id == duty)).mappings().first()
    if row is None:
        raise UnknownError("there is no such duty.", place=duty)
    return read_obligation(row)


def list_obligations(
    connection: Connection,
    *,
    now: datetime,
    person: str = "",
    grant: str = "",
    duty: str = "",
    state: ObligationState | None = None,
    after: str = "",
    limit: int = 50,
) -> list[Obligation]:
    """Duties in the order of their ids; what is empty means any."""
    question = select(duties).where(duties.c.id > after).order_by(duties.c.id).limit(limit)
    if person:
        question = question.where(duties.c.person == person)
    if duty:
        question = question.where(duties.c.id == duty)
    if grant:
        question = question.where(duties.c.grant == grant)
    if state is not None:
        question = question.where(_in_state(state, now))
    return [read_obligation(row) for row in connection.execute(question).mappings()]


def read_obligation(row: Mapping[Any, Any]) -> Obligation:
    """A row of `duties` as the noun."""
    return Obligation(**dict(row))


_OWED = (duties.c.done.is_(None), duties.c.waived.is_(None))


def _in_state(state: ObligationState, now: datetime) -> ColumnElement[bool]:
    is_late = or_(
        duties.c.missed.is_not(None), and_(duties.c.due.is_not(None), duties.c.due <= now)
    )
    is_timely = and_(duties.c.missed.is_(None), or_(duties.c.due.is_(None), duties.c.due > now))
    return {
        ObligationState.WAIVED: duties.c.waived.is_not(None),
        ObligationState.DONE: and_(duties.c.waived.is_(None), duties.c.done.is_not(None)),
        ObligationState.OVERDUE: and_(*_OWED, is_late),
        ObligationState.OPEN: and_(*_OWED, is_timely),
    }[state]


def _miss(connection: Connection, missed: Obligation, now: datetime) -> None:
    connection.execute(update(duties).where(duties.c.id == missed.id).values(missed=now))
    _record(connection, missed, "duty:miss", by="node", details={})
    for grant in _running(connection, missed, now):
        hold_grant(connection, grant, Hold.DUTY, reason=f"missed duty: {missed.kind}", by="node")


def _settle(
    connection: Connection,
    duty: str,
    changed: Mapping[str, object],
    *,
    action: str,
    by: str,
    details: Mapping[str, object],
) -> Obligation:
    owed = find_obligation(connection, duty)
    if owed.done is not None or owed.waived is not None:
        raise ConflictError(
            "this duty is settled.", place=duty, rule="a duty is done or waived once"
        )
    connection.execute(update(duties).where(duties.c.id == duty).values(**changed))
    _record(connection, owed, action, by=by, details=details)
    if not has_missed(connection, owed.person, owed.dataset):
        for grant in _running(connection, owed, datetime.now(UTC)):
            release_hold(connection, grant, Hold.DUTY, reason="no duty is overdue", by=by)
    return find_obligation(connection, duty)


def _running(connection: Connection, owed: Obligation, now: datetime) -> list[str]:
    """The grants of the person to the dataset that have not ended."""
    found = select(grants.c.id).where(
        grants.c.person == owed.person,
        grants.c.dataset == owed.dataset,
        grants.c.revoked.is_(None),
        grants.c.expired.is_(None),
        grants.c.end > max(now, datetime.now(UTC)),
    )
    return list(connection.scalars(found.order_by(grants.c.id)))


def _record(
    connection: Connection,
    owed: Obligation,
    action: str,
    *,
    by: str,
    details: Mapping[str, object],
) -> None:
    named = {"grant": owed.grant, "person": owed.person, "dataset": owed.dataset}
    record(
        connection,
        actor=by,
        action=action,
        subject=owed.id,
        details={**named, "kind": owed.kind, "clause": owed.clause, **details},
    )
