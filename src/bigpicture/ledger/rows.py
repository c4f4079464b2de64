"""Rows: events as the records hold them now, beside their entries in the tree.

Whoever altered a row may have put anything there. So what a database gives unchecked is read as
it is, and never stops the reading: it only fails to open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, Text, cast, select, type_coerce

from bigpicture.ledger.entry import Leaf, Part, octets, write_time
from bigpicture.ledger.openings import Opening
from bigpicture.storage.records.tables import events, ledger_entries


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry: `leaf` as it follows from the event's row now; None where that row is gone."""

    index: int
    seq: int
    digests: Mapping[Part, bytes]
    leaf: Leaf | None
    openings: Mapping[Part, Opening]

    @property
    def place(self) -> str:
        return f"event {self.seq} (entry {self.index})"


def read_entries(connection: Connection, start: int, end: int) -> list[EntryRow]:
    """The entries from index `start` up to `end`, in order; those that are gone are left out."""
    rows = connection.execute(
        select(
            ledger_entries,
            events.c.seq,
            events.c.id,
            events.c.actor,
            events.c.action,
            events.c.subject,
            _time(connection).label("time"),
            cast(events.c.details, Text).label("details"),
        )
        .select_from(ledger_entries.outerjoin(events, events.c.seq == ledger_entries.c.event))
        .where(ledger_entries.c.leaf >= start, ledger_entries.c.leaf < end)
        .order_by(ledger_entries.c.leaf)
    )
    return [_read(row) for row in rows]


def find_entry(connection: Connection, index: int) -> EntryRow | None:
    """The entry of this index."""
    found = read_entries(connection, index, index + 1)
    return found[0] if found else None


def find_erased(connection: Connection, action: str) -> set[tuple[int, Part]]:
    """Numbers and parts of events that an event of this `action` says were erased."""
    found: set[tuple[int, Part]] = set()
    names = frozenset(map(str, Part))
    wanted = select(cast(events.c.details, Text)).where(events.c.action == action)
    for (text,) in connection.execute(wanted):
        match read_json(text):
            case {"event": int(seq), "parts": list(parts)}:
                found.update((seq, Part(part)) for part in parts if part in names)
            case _:  # it was altered, which is told by itself
                pass
    return found


def _time(connection: Connection) -> ColumnElement[Any]:
    """SQLite keeps moments as text, which may be any text."""
    is_text = connection.dialect.name == "sqlite"
    return type_coerce(events.c.time, String) if is_text else events.c.time


def _read(row: Row[Any]) -> EntryRow:
    digests = {
        Part.ACTOR: octets(row.actor_digest),
        Part.SUBJECT: octets(row.subject_digest),
        Part.DETAILS: octets(row.details_digest),
    }
    if row.seq is None:
        return EntryRow(row.leaf, row.event, digests, None, {})
    openings = {
        Part.ACTOR: _opening(row.actor_salt, row.actor),
        Part.SUBJECT: _opening(row.subject_salt, row.subject),
        Part.DETAILS: _opening(row.details_salt, read_json(row.details)),
    }
    leaf = Leaf(row.seq, row.id, _read_time(row.time), row.action, digests)
    return EntryRow(row.leaf, row.event, digests, leaf, openings)


def _opening(salt: object, value: object) -> Opening:
    return Opening(None if salt is None else octets(salt), value)


def _read_time(kept: datetime | str) -> str:
    if isinstance(kept, datetime):
        return write_time(kept)
    try:
        return write_time(datetime.fromisoformat(kept).replace(tzinfo=UTC))
    except ValueError:
        return kept


def read_json(text: str) -> object:
    """A JSON value out of the records; where it is none, the text that is there."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
