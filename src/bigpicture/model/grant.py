"""A grant: the right of a person to a dataset and its later versions, from start to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """`person` is a person's id, `dataset` an accession; `end` is exclusive, both in UTC."""

    id: str
    person: str
    dataset: str
    start: datetime
    end: datetime
    revoked: datetime | None = None
    reason: str = ""

    def is_live(self, now: datetime) -> bool:
        return self.start <= now < self.end and (self.revoked is None or now < self.revoked)
