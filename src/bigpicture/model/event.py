"""An event: a recorded act, `subject:action`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One act. `actor` is a person's id or `node`; `details` hold no identifying value.

    `seq` is the order in which the records hold it, `time` is UTC.
    """

    seq: int
    time: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, object]
