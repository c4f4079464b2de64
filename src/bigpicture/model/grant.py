"""A grant: the right of a person to a dataset and its later versions, from start to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GrantUse(StrEnum):
    """In which way the data may be used (GA4GH and GDI call it the environment)."""

    VIEW = "view"
    """Look at single pictures."""
    STREAM = "stream"
    """Read pixels in bulk into a program, and keep no file."""
    DOWNLOAD = "download"
    """Take files away."""
    COMPUTE = "compute"
    """Send programs to where the data lie."""


ALL_USES = frozenset(GrantUse)


class Hold(StrEnum):
    """Why a grant does not open, although nobody ended it; each is lifted by itself."""

    TERMS = "terms"
    """An agreement waits to be accepted, also one of a newer version."""
    SIGNATURE = "signature"
    """The organisation's signatory has not signed."""
    TRANSFER = "transfer"
    """The law of transfers outside the EEA asks for something that is not on file."""
    DUTY = "duty"
    """A duty was missed."""
    AFFILIATION = "affiliation"
    """The person is no longer known to belong to the organisation."""
    STEWARD = "steward"
    """A steward or the committee suspended it."""


class GrantState(StrEnum):
    PENDING_TERMS = "pending-terms"
    """Held before it ever opened."""
    FUTURE = "future"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    """Held after it had opened."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    """Ended because another grant took its place."""


@dataclass(frozen=True, slots=True)
class Grant:
    """`person` is a person's id, `dataset` an accession; `end` is exclusive, both in UTC.

    `expired` is when its end was put on record: from then on no clock that is set back opens it
    again. `has_begun` says whether it was ever without holds. `application` is the id of the one
    that it rests on, or empty. `decider` is the issuer or REMS that decided it, or
    empty: this node.
    """

    id: str
    person: str
    dataset: str
    start: datetime
    end: datetime
    revoked: datetime | None = None
    reason: str = ""
    uses: frozenset[GrantUse] = ALL_USES
    conditions: tuple[str, ...] = ()
    application: str = ""
    holds: frozenset[Hold] = frozenset()
    has_begun: bool = True
    expired: datetime | None = None
    superseded_by: str = ""
    decider: str = ""

    def is_live(self, now: datetime) -> bool:
        """Whether it opens the dataset at this moment."""
        return (
            self.start <= now < self.end
            and not self.holds
            and (self.revoked is None or now < self.revoked)
            and self.expired is None
        )

    def is_over(self, now: datetime) -> bool:
        """Whether it ended, in whatever way: it never opens anything again."""
        ended = self.revoked is not None and self.revoked <= now
        return ended or self.expired is not None or self.end <= now

    def state(self, now: datetime) -> GrantState:
        """Where the grant stands at this moment."""
        if self.revoked is not None and self.revoked <= now:
            return GrantState.SUPERSEDED if self.superseded_by else GrantState.REVOKED
        if self.is_over(now):
            return GrantState.EXPIRED
        if self.holds:
            return GrantState.SUSPENDED if self.has_begun else GrantState.PENDING_TERMS
        return GrantState.FUTURE if now < self.start else GrantState.ACTIVE
