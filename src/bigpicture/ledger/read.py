"""Read what was recorded, in order."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from bigpicture.model.event import Event
from bigpicture.storage.records.tables import events


def events_after(connection: Connection, seq: int, limit: int) -> list[Event]:
    """The first `limit` events numbered above `seq`, oldest first.

    Numbers may have gaps, but none is filled later: whoever goes on from the last number seen
    misses nothing.
    """
    rows = connection.execute(
        select(events).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
    )
    return [_read(row) for row in rows]


def events_before(connection: Connection, seq: int | None, limit: int) -> list[Event]:
    """The last `limit` events numbered below `seq` (None: of all), newest first."""
    question = select(events).order_by(events.c.seq.desc()).limit(limit)
    if seq is not None:
        question = question.where(events.c.seq < seq)
    return [_read(row) for row in connection.execute(question)]


def _read(row: Row[Any]) -> Event:
    return Event(row.seq, row.time, row.actor, row.action, row.subject, row.details)
