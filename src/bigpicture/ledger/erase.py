"""Erase: who did it, to what, or the details leave an event; its leaf and every proof stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select, update

from bigpicture.ledger.entry import ERASED, Part
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, UnknownError
from bigpicture.storage.records.tables import events, ledger_entries

ERASE = "ledger:erase"


def erase_parts(
    connection: Connection, seq: int, parts: Collection[Part], *, actor: str, reason: str
) -> None:
    """Erase parts of event `seq` with their salts, and record that; call `Records.forget` after.

    Without its 32 random bytes a commitment tells nothing, not even to somebody who guesses the
    value. Raises `UnknownError` where there is no such event, `ConflictError` while it is not in
    the tree.
    """
    if connection.scalar(select(events.c.seq).where(events.c.seq == seq)) is None:
        raise UnknownError("there is no event of this number.", place=f"event {seq}")
    ordered = sorted(set(parts))
    done = connection.execute(
        update(ledger_entries)
        .where(ledger_entries.c.event == seq)
        .values({f"{part}_salt": None for part in ordered})
    )
    if done.rowcount == 0:
        raise ConflictError(
            "this event is not in the tree yet.",
            place=f"event {seq}",
            remedy="Wait some seconds, or run `bigpicture ledger sequence`.",
        )
    connection.execute(
        update(events)
        .where(events.c.seq == seq)
        .values({str(part): ERASED[part] for part in ordered} | _named_in(ordered))
    )
    record(
        connection,
        actor=actor,
        action=ERASE,
        subject=f"event-{seq}",
        details={"event": seq, "parts": ordered, "reason": reason},
    )


def _named_in(parts: Collection[Part]) -> dict[str, Any]:
    """What else of a row names what its details named."""
    return {"by_grant": None} if Part.DETAILS in parts else {}
