"""Read what was recorded, in order: all of it, or what is sought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, cast, or_, select

from bigpicture.model.event import Event
from bigpicture.storage.records.tables import events


@dataclass(frozen=True, slots=True)
class Sought:
    """Which events are meant; what is left out does not narrow.

    `actors` are ids, any of them. `action` is a whole one, or its beginning up to the colon.
    `thing` is the subject; with `is_mentioned_too` also what the details name, which reads every
    row that the other conditions leave. Times are from `since` on, and before `until`.
    """

    actors: frozenset[str] | None = None
    action: str = ""
    thing: str = ""
    is_mentioned_too: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a row of `events` has to meet."""
        if self.actors is not None:
            yield events.c.actor.in_(self.actors)
        if self.action.endswith(":"):
            yield events.c.action.startswith(self.action, autoescape=True)
        elif self.action:
            yield events.c.action == self.action
        if self.thing:
            yield self._names_thing()
        if self.since is not None:
            yield events.c.time >= self.since
        if self.until is not None:
            yield events.c.time < self.until

    def _names_thing(self) -> ColumnElement[bool]:
        is_subject = events.c.subject == self.thing
        if not self.is_mentioned_too:
            return is_subject
        # Accessions and ids are plain ASCII: in JSON they stand between quotes as they are.
        return or_(
            is_subject, cast(events.c.details, Text).contains(f'"{self.thing}"', autoescape=True)
        )


ALL = Sought()


def events_after(connection: Connection, seq: int, limit: int, sought: Sought = ALL) -> list[Event]:
    """The first `limit` events numbered above `seq`, oldest first.

    Numbers may have gaps, but none is filled later: whoever goes on from the last number seen
    misses nothing.
    """
    question = select(events).where(events.c.seq > seq, *sought.conditions())
    rows = connection.execute(question.order_by(events.c.seq).limit(limit))
    return [_read(row) for row in rows]


def events_before(
    connection: Connection, seq: int | None, limit: int, sought: Sought = ALL
) -> list[Event]:
    """The last `limit` events numbered below `seq` (None: of all), newest first."""
    question = select(events).where(*sought.conditions())
    question = question.order_by(events.c.seq.desc()).limit(limit)
    if seq is not None:
        question = question.where(events.c.seq < seq)
    return [_read(row) for row in connection.execute(question)]


def _read(row: Row[Any]) -> Event:
    return Event(row.seq, row.time, row.actor, row.action, row.subject, row.details)
