"""Slides of vendors that this release does not read: recognised, so that they are refused by name.

Most of them are TIFFs of a kind, in which the generic reader would find an image (a focal plane,
a preview, the macro) and take it for the slide. A real reader's vendor takes a row's place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.model.errors import SlideError

OLYMPUS_SIS = 33560


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not read: its name with an article, and whether a candidate is one."""

    name: str
    recognises: Callable[[Candidate], bool]


def _tagged(code: int) -> Callable[[Candidate], bool]:
    """A TIFF whose first directory has this private tag."""

    def recognises(candidate: Candidate) -> bool:
        return candidate.tiff is not None and code in candidate.tiff.directories[0].tags

    return recognises


def _is_vsi(candidate: Candidate) -> bool:
    """A TIFF after whose header a volume header follows (24 bytes, `IS`), or its frames."""
    head = candidate.head
    is_file = head[:4] == b"II*\0" and head[8:12] == b"\x18\0IS"
    return is_file or head[:4] == b"SIS\0" or _holds(candidate, ".vsi")


def _holds(candidate: Candidate, ending: str) -> bool:
    """Whether it is a folder with a file of this ending: what is in the file is not at hand."""
    if candidate.source is not None:
        return False
    return any(path.suffix.lower() == ending for path in candidate.path.iterdir())


FOREIGN: tuple[Foreign, ...] = (
    # Those that are told without reading the directories of a TIFF come first.
    Foreign("an Olympus VSI slide", _is_vsi),
    Foreign("an Olympus SIS image", _tagged(OLYMPUS_SIS)),
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
