"""Leases: a slide is worked on by who holds it, for as long as the holder is heard of.

Whoever dies holding some loses them when their time is over, or when it starts again under the
same name. A lease has a number, so that a holder who was taken for dead changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, tuple_, update

from bigpicture.analysis.runs import end_if_over
from bigpicture.model.run import RunReason, RunState, SlideState
from bigpicture.storage.records.run_tables import run_slides, runs

LEASE_SECONDS = 60.0
MOST_FAULTS = 4
MOST_LEASES = 25
"""A slide that was lost so often takes its holders with it."""
_BACKOFF_SECONDS = (1.0, 5.0, 25.0)


@dataclass(frozen=True, slots=True, order=True)
class Lease:
    """One slide held. `person` is whose run it is."""

    run: str
    ordinal: int
    attempt: int
    dataset: str = ""
    person: str = ""

    @property
    def reference(self) -> str:
        """By which an executor's task finds it again."""
        return f"{self.run}:{self.ordinal}:{self.attempt}"

    @classmethod
    def parse(cls, reference: str) -> Lease:
        run, ordinal, attempt = reference.split(":")
        return cls(run, int(ordinal), int(attempt))


def next_waiting(connection: Connection, *, now: datetime, limit: int) -> list[Lease]:
    """Slides that could be leased now, with the number that their lease would have.

    Every run is as far as every other: a small one does not wait for a large one to end.
    """
    s = run_slides.c
    rows = connection.execute(
        select(s.run, s.ordinal, s.attempt, s.dataset, runs.c.person)
        .join(runs, runs.c.id == s.run)
        .where(
            s.state == SlideState.WAITING,
            runs.c.state == RunState.RUNNING,
            or_(s.not_before.is_(None), s.not_before <= now),
        )
        .order_by(s.ordinal, runs.c.created, s.run)
        .limit(limit)
    ).all()
    return [Lease(row.run, row.ordinal, row.attempt + 1, row.dataset, row.person) for row in rows]


def take(
    connection: Connection, wanted: Sequence[Lease], *, owner: str, now: datetime
) -> list[Lease]:
    """Lease those of the slides that still wait; returns them."""
    s = run_slides.c
    taken = [
        lease
        for lease in wanted
        if connection.execute(
            update(run_slides)
            .where(*_is(lease), s.state == SlideState.WAITING, s.attempt == lease.attempt - 1)
            .values(
                state=SlideState.LEASED,
                owner=owner,
                attempt=lease.attempt,
                lease_until=now + timedelta(seconds=LEASE_SECONDS),
                started=now,
            )
        ).rowcount
    ]
    begun = {lease.run for lease in taken}
    connection.execute(
        update(runs).where(runs.c.id.in_(begun), runs.c.started.is_(None)).values(started=now)
    )
    return taken


def keep_alive(connection: Connection, *, owner: str, now: datetime) -> int:
    """Say that the holder lives; a slide past its deadline is not held any longer."""
    s = run_slides.c
    held = connection.execute(
        select(s.run, s.ordinal, s.started, runs.c.deadline)
        .join(runs, runs.c.id == s.run)
        .where(s.state == SlideState.LEASED, s.owner == owner)
    ).all()
    fresh = [
        (row.run, row.ordinal)
        for row in held
        if now - row.started < timedelta(seconds=row.deadline)
    ]
    if fresh:
        connection.execute(
            update(run_slides)
            .where(tuple_(s.run, s.ordinal).in_(fresh), s.state == SlideState.LEASED)
            .values(lease_until=now + timedelta(seconds=LEASE_SECONDS))
        )
    return len(fresh)


def release(connection: Connection, *, owner: str, now: datetime) -> int:
    """Give back all that a holder held before it started again; returns how many slides."""
    s = run_slides.c
    return _give_back(connection, and_(s.state == SlideState.LEASED, s.owner == owner), now)


def expire(connection: Connection, *, now: datetime) -> int:
    """Give back the leases of holders that are not heard of; returns how many slides."""
    s = run_slides.c
    return _give_back(connection, and_(s.state == SlideState.LEASED, s.lease_until < now), now)


def fault(connection: Connection, lease: Lease, text: str, *, now: datetime) -> None:
    """The platform failed, not the algorithm: try again a little later, a few times."""
    s = run_slides.c
    faults = connection.scalar(select(s.faults).where(*_is(lease), *_held(lease)))
    if faults is None:
        return
    if faults + 1 >= MOST_FAULTS:
        _give_up(connection, and_(*_is(lease)), text, now)
        end_if_over(connection, lease.run, now=now)
        return
    wait = _BACKOFF_SECONDS[min(faults, len(_BACKOFF_SECONDS) - 1)]
    connection.execute(
        update(run_slides)
        .where(*_is(lease))
        .values(
            state=SlideState.WAITING,
            owner="",
            lease_until=None,
            faults=faults + 1,
            not_before=now + timedelta(seconds=wait),
        )
    )


def is_held(connection: Connection, lease: Lease) -> bool:
    """Whether the lease is the one that counts."""
    asked = select(run_slides.c.ordinal).where(*held_as(lease))
    return connection.execute(asked).first() is not None


def end(
    connection: Connection,
    lease: Lease,
    state: SlideState,
    *,
    now: datetime,
    reason: str = "",
    text: str = "",
    timings: dict[str, float] | None = None,
    log: str = "",
) -> bool:
    """End a slide, and its run with the last one; False where the lease is not held any more."""
    changed = connection.execute(
        update(run_slides)
        .where(*_is(lease), *_held(lease))
        .values(
            state=state,
            reason=reason,
            text=text,
            owner="",
            lease_until=None,
            ended=now,
            timings=timings,
            log=log,
        )
    )
    if changed.rowcount:
        end_if_over(connection, lease.run, now=now)
    return bool(changed.rowcount)


def _give_back(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    s = run_slides.c
    lost = list(connection.scalars(select(s.run).where(which, s.attempt >= MOST_LEASES).distinct()))
    if lost:
        told = "Whoever worked on this slide was lost, again and again: it may need more memory."
        _give_up(connection, and_(which, s.attempt >= MOST_LEASES), told, now)
        for run in lost:
            end_if_over(connection, run, now=now)
    changed = connection.execute(
        update(run_slides).where(which).values(state=SlideState.WAITING, owner="", lease_until=None)
    )
    return changed.rowcount


def _give_up(connection: Connection, which: ColumnElement[bool], text: str, now: datetime) -> None:
    connection.execute(
        update(run_slides)
        .where(which)
        .values(
            state=SlideState.FAILED,
            reason=RunReason.PLATFORM,
            text=text,
            owner="",
            lease_until=None,
            ended=now,
        )
    )


def held_as(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    """The conditions on rows of `run_slides` under which a lease is the one that counts."""
    return *_is(lease), *_held(lease)


def _is(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return run_slides.c.run == lease.run, run_slides.c.ordinal == lease.ordinal


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return run_slides.c.state == SlideState.LEASED, run_slides.c.attempt == lease.attempt
