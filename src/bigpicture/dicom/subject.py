"""Whose slide it is, as the DICOM header says it: pseudonyms and codes given by the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bigpicture.model.code import Code

DUMMY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that is not told; the metadata standard's own dummy."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What goes into the header beside what the source's kept fields say.

    Every identifier here is a pseudonym or an alias already; `convert` writes them as they are.
    `uid` maps a text to a unique identifier, keyed and deterministic; `pseudonym(name, value)`
    replaces the value of a field whose rule says PSEUDONYM (without it such fields are dropped).
    `acquired` is the shifted or dummy time of scanning; `days_back` is how far the days of this
    subject are moved, 0 where dates are not told. `mpp` (micrometres per pixel at level 0)
    wins over the source's own; `mpp_if_absent` counts only where the source states none.
    """

    uid: Callable[[str], str]
    image: str
    patient: str
    case: str
    specimen: str
    container: str
    block: str = ""
    site: Code | None = None
    stains: tuple[Code, ...] = ()
    fixation: Code | None = None
    embedding: Code | None = None
    species: Code | None = None
    strain: Code | None = None
    sex: str = ""
    acquired: datetime = DUMMY_TIME
    days_back: int = 0
    mpp: float | None = None
    mpp_if_absent: float | None = None
    pseudonym: Callable[[str, str], str] | None = None

    @property
    def study_uid(self) -> str:
        """All slides of a case are of one study."""
        return self.uid(f"study/{self.case or self.image}")

    @property
    def series_uid(self) -> str:
        return self.uid(f"series/{self.image}")

    @property
    def frame_uid(self) -> str:
        """Of the frame of reference that all levels share."""
        return self.uid(f"frame/{self.image}")

    @property
    def overview_frame_uid(self) -> str:
        return self.uid(f"frame/{self.image}/overview")

    @property
    def pyramid_uid(self) -> str:
        return self.uid(f"pyramid/{self.image}")

    @property
    def dimension_uid(self) -> str:
        return self.uid(f"dimension/{self.image}")

    @property
    def specimen_uid(self) -> str:
        return self.uid(f"specimen/{self.specimen}")

    def instance_uid(self, level: int) -> str:
        return self.uid(f"instance/{self.image}/{level}")
