"""An obligation: one duty of one grant, and whether it was met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ObligationState(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Obligation:
    """`due` is exclusive, in UTC; None where the duty waits for its occasion.

    `missed` is when it was put on record that it was not met in time.
    """

    id: str
    grant: str
    person: str
    dataset: str
    kind: str
    clause: str
    text: str
    due: datetime | None = None
    done: datetime | None = None
    done_by: str = ""
    evidence: str = ""
    waived: datetime | None = None
    waived_by: str = ""
    waived_reason: str = ""
    missed: datetime | None = None

    def state(self, now: datetime) -> ObligationState:
        if self.waived is not None:
            return ObligationState.WAIVED
        if self.done is not None:
            return ObligationState.DONE
        is_late = self.missed is not None or (self.due is not None and self.due <= now)
        return ObligationState.OVERDUE if is_late else ObligationState.OPEN

    def consequence(self, now: datetime, grant_end: datetime) -> str:
        """What follows where it is not met, for whoever owes it."""
        state = self.state(now)
        if state in (ObligationState.DONE, ObligationState.WAIVED):
            return ""
        is_running = now < grant_end
        if state is ObligationState.OVERDUE:
            if is_running:
                return "Your grant is suspended until this is done."
            return "A new grant to this dataset stays closed until this is done."
        if self.due is None:
            return "The committee counts on it when you ask to renew."
        if self.due <= grant_end:
            return "Where it is not done by then, your grant is suspended."
        return "Where it is not done by then, a new grant to this dataset stays closed."
