"""An event of an application: one command that was done, with what it said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bigpicture.model.application_table import Command


@dataclass(frozen=True, slots=True)
class ApplicationEvent:
    """`by` is a person's id or `node`; `said` is JSON."""

    seq: int
    at: datetime
    by: str
    command: Command
    said: Mapping[str, object]
