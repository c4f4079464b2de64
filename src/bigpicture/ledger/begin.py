"""Begin: a log under another name, where the one before cannot be gone on with."""

from __future__ import annotations

from sqlalchemy import Connection, Text, cast, select

from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.record import record
from bigpicture.ledger.rows import read_json
from bigpicture.ledger.tree import find_head
from bigpicture.model.errors import ConflictError
from bigpicture.storage.records.tables import events

BEGIN = "ledger:begin"


def begin_log(
    connection: Connection, *, origin: str, kept: KeptCheckpoint, actor: str, reason: str
) -> None:
    """Record that the log goes on as `origin`, and what was signed last under the name before.

    Who holds a checkpoint of that name sees in the new log why it does not follow from it. Raises
    `ConflictError` where the name is no other.
    """
    head = find_head(connection)
    before = head.read().origin
    if origin in {before, *past_origins(connection)}:
        raise ConflictError(
            "this log has had that name already.", place=origin, remedy="Choose another name."
        )
    record(
        connection,
        actor=actor,
        action=BEGIN,
        subject="ledger",
        details={
            "origin": origin,
            "before": before,
            "checkpoint": kept.read() or head.note,
            "reason": reason,
        },
    )


def past_origins(connection: Connection) -> list[str]:
    """The names that the log had before the one it has."""
    found = connection.scalars(select(cast(events.c.details, Text)).where(events.c.action == BEGIN))
    names: list[str] = []
    for text in found:
        match read_json(text):
            case {"before": str(before)} if before:
                names.append(before)
            case _:  # the log had no name yet, or the event was altered
                pass
    return names
