"""Record an act, in the transaction that does it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, insert

from bigpicture.model.event import Event
from bigpicture.storage.records.engine import lock_writers
from bigpicture.storage.records.tables import events

_ACTION = re.compile(r"[a-z][a-z-]*:[a-z][a-z-]*")
_SECRET = re.compile(r"passw|passphrase|token|secret|credential|cookie|private_?key", re.IGNORECASE)
_DETAILS_BYTES = 64 << 10


def record(
    connection: Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, object] | None = None,
) -> Event:
    """Insert an event; it stands or falls with the caller's transaction.

    `actor` is a person's id or `node`, `action` reads `subject:action`, `subject` is an accession
    or an id. `details` are JSON, and hold neither secrets nor identifying values. Raises
    `ValueError` when a rule is broken: that is a fault of the calling code, and it undoes the
    act.
    """
    if not _ACTION.fullmatch(action):
        raise ValueError(f"an action reads subject:action, unlike {action!r}")
    if not actor or not subject:
        raise ValueError(f"{action}: an event needs an actor and a subject")
    kept = _check_details(action, details or {})
    time = datetime.now(UTC)
    lock_writers(connection)  # numbers must become visible in their order
    row = {
        "id": secrets.token_hex(16),
        "time": time,
        "actor": actor,
        "action": action,
        "subject": subject,
        "details": kept,
    }
    seq = connection.execute(insert(events).values(row).returning(events.c.seq)).scalar_one()
    return Event(seq, time, actor, action, subject, kept)


def _check_details(action: str, details: Mapping[str, object]) -> dict[str, object]:
    """A plain copy of `details`, which is what the reader will get back."""
    try:
        text = json.dumps(details, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{action}: details must be JSON: {error}") from error
    if len(text) > _DETAILS_BYTES:
        raise ValueError(f"{action}: details of {len(text)} bytes; name them, do not copy them")
    kept: dict[str, object] = json.loads(text)
    _refuse_secrets(action, kept)
    return kept


def _refuse_secrets(action: str, value: object) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if _SECRET.search(key):
                raise ValueError(f"{action}: {key!r} has no place in an event")
            _refuse_secrets(action, inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_secrets(action, inner)
