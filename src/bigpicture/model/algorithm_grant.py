"""A grant on an algorithm: who may run it, and who may see its weights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlgorithmUse(StrEnum):
    RUN = "run"
    """Run it where the data lie, without seeing its code or weights."""
    WEIGHTS = "weights"
    """Take its files away, weights included."""


@dataclass(frozen=True, slots=True)
class AlgorithmGrant:
    """`person` is a person's id, `algorithm` an algorithm's; `end` is exclusive, both in UTC."""

    id: str
    algorithm: str
    person: str
    uses: frozenset[AlgorithmUse]
    start: datetime
    end: datetime
    reason: str
    revoked: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it allows its uses at this moment."""
        is_revoked = self.revoked is not None and self.revoked <= now
        return self.start <= now < self.end and not is_revoked
