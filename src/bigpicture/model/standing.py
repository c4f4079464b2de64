"""The standing of a published dataset: released, embargoed until a moment, or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    RELEASED = "released"
    EMBARGOED = "embargoed"
    """Hidden until a moment; it is released by itself."""
    WITHDRAWN = "withdrawn"
    """Taken back: of it stays only that it was there."""


@dataclass(frozen=True, slots=True)
class DatasetStanding:
    """What was set `since` when and why. `until` is the end of an embargo.

    A dataset that is withdrawn under an embargo stays hidden until that ends: nobody was told that
    there was one.
    """

    standing: Standing = Standing.RELEASED
    until: datetime | None = None
    since: datetime | None = None
    reason: str = ""

    def is_hidden(self, now: datetime) -> bool:
        """Whether only those may know of it who answer for it."""
        return self.until is not None and now < self.until

    @property
    def is_withdrawn(self) -> bool:
        return self.standing is Standing.WITHDRAWN

    def at(self, now: datetime) -> Standing:
        """What it is at a moment: an embargo that is over is none."""
        if self.standing is Standing.EMBARGOED and not self.is_hidden(now):
            return Standing.RELEASED
        return self.standing


RELEASED = DatasetStanding()
