"""Slides of vendors that this release does not read: recognised, so that they are refused by name.

Without a name they would be taken for something else, or be refused as nothing at all. A real
reader's vendor takes a row's place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.model.errors import SlideError


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not read: its name with an article, and whether a candidate is one."""

    name: str
    recognises: Callable[[Candidate], bool]


FOREIGN: tuple[Foreign, ...] = (
    Foreign("a Philips iSyntax slide", lambda candidate: candidate.head.startswith(b"<DataObject")),
)


def recognises(candidate: Candidate) -> bool:
    return any(foreign.recognises(candidate) for foreign in FOREIGN)


def refuse(candidate: Candidate) -> NoReturn:
    """Raise the `SlideError` that names the format."""
    name = next(foreign.name for foreign in FOREIGN if foreign.recognises(candidate))
    raise SlideError(
        f"this is {name}, which this release does not read.",
        place=candidate.place,
        remedy="Export it from the scanner's software as DICOM, SVS or pyramidal TIFF.",
    )


VENDOR = Vendor("foreign", recognises, refuse)
