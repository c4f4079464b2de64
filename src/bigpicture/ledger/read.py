"""Read what was recorded, in order."""

from __future__ import annotations

from sqlalchemy import Connection, select

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
    return [
        Event(row.seq, row.time, row.actor, row.action, row.subject, row.details) for row in rows
    ]
