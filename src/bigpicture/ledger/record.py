"""Record an act, in the transaction that does it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from bigpicture.model.event import Event
from bigpicture.storage.records.engine import lock_writers
from bigpicture.storage.records.tables import events

_ACTION = re.compile(r"[a-z][a-z-]*:[a-z][a-z-]*")
_SECRET = re.compile(r"passw|passphrase|token|secret|credential|cookie|private_?key", re.IGNORECASE)
_DETAILS_BYTES = 64 << 10
_BY_GRANT = frozenset({"image:read", "file:deliver"})
"""Acts that are found again by the grant they rest on."""


@dataclass(frozen=True, slots=True)
class Act:
    """What `record_all` records; see `record`."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, object] = field(default_factory=dict[str, object])


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
    act = _checked(Act(actor, action, subject, details or {}))
    lock_writers(connection)  # numbers must become visible in their order
    row = _row(act)
    seq = connection.execute(insert(events).values(row).returning(events.c.seq)).scalar_one()
    return Event(seq, row["time"], actor, action, subject, act.details)


def record_all(connection: Connection, acts: Iterable[Act]) -> None:
    """Insert an event for each act, in their order; as `record`, and much faster for many."""
    checked = [_checked(act) for act in acts]
    if checked:
        lock_writers(connection)
        connection.execute(insert(events), [_row(act) for act in checked])


def _checked(act: Act) -> Act:
    if not _ACTION.fullmatch(act.action):
        raise ValueError(f"an action reads subject:action, unlike {act.action!r}")
    if not act.actor or not act.subject:
        raise ValueError(f"{act.action}: an event needs an actor and a subject")
    return replace(act, details=_check_details(act.action, act.details))


def _row(act: Act) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "time": datetime.now(UTC),
        "actor": act.actor,
        "action": act.action,
        "subject": act.subject,
        "details": act.details,
        "by_grant": act.details.get("grant") if act.action in _BY_GRANT else None,
    }


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
