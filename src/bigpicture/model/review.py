"""A review: people release what was converted before it is accepted, or refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    RELEASE = "release"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a reader refuses. A closed list: free words might repeat what identifies someone."""

    IDENTIFYING = "identifying"
    PIXELS = "pixels"
    METADATA = "metadata"
    MISPLACED = "misplaced"
    UNLAWFUL = "unlawful"


TOLD: dict[Reason, str] = {
    Reason.IDENTIFYING: "something in it may still identify a person",
    Reason.PIXELS: "an image does not show what it should",
    Reason.METADATA: "the metadata do not fit the images",
    Reason.MISPLACED: "it does not belong on this node",
    Reason.UNLAWFUL: "its legal or ethical basis is not clear",
}
"""What the contributor is told."""

IDENTIFIED_READERS = 2
"""People who must release what was received identified."""


@dataclass(frozen=True, slots=True)
class Release:
    """A person's signature under `digest`, SHA-256 of the sheet that lists what was read."""

    person: str
    digest: str
    time: datetime
