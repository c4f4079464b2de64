"""Slides of vendors that this release does not read: recognised, so that they are refused by name.

Most of them are TIFFs of a kind, in which the generic reader would find an image (a focal plane,
a preview, the macro) and take it for the slide. A real reader's vendor takes a row's place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.tiff import Directory
from bigpicture.model.errors import SlideError

DESCRIPTION = 270
XMP = 700
OLYMPUS_SIS = 33560
NDPI_FORMAT = 65420

_START = 1 << 16
"""Bytes of a text tag that are looked at: its root element stands in its first lines."""
_ROOT = re.compile(r"[\s\ufeff]*(?:<[?!][^>]*>\s*)*<(?:\w+:)?(\w[\w.-]*)([^>]*)")


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not read: its name with an article, and whether a candidate is one."""

    name: str
    recognises: Callable[[Candidate], bool]


def _start(directory: Directory, code: int) -> str:
    """How the text of a tag begins; empty where the tag is absent."""
    tag = directory.tags.get(code)
    if tag is None:
        return ""
    return directory.source.read(tag.offset, min(tag.size, _START)).decode("utf-8", "replace")


def _root(directory: Directory, code: int) -> tuple[str, str]:
    """Local name and attributes of the root element in a tag's XML; empty where it is none."""
    found = _ROOT.match(_start(directory, code))
    return (found[1], found[2]) if found else ("", "")


def _described(root: str, attribute: str = "") -> Callable[[Candidate], bool]:
    """A TIFF whose first ImageDescription is XML of this root, `attribute` among its attributes."""

    def recognises(candidate: Candidate) -> bool:
        if candidate.tiff is None:
            return False
        name, attributes = _root(candidate.tiff.directories[0], DESCRIPTION)
        return name == root and attribute in attributes

    return recognises


def _tagged(code: int) -> Callable[[Candidate], bool]:
    """A TIFF whose first directory has this private tag."""

    def recognises(candidate: Candidate) -> bool:
        return candidate.tiff is not None and code in candidate.tiff.directories[0].tags

    return recognises


def _is_ndpi(candidate: Candidate) -> bool:
    """By a private tag of the first directory.

    NDPI writes the link to it 64 bits wide into what calls itself a classic TIFF. Beyond 4 GiB a
    reader of TIFFs is led astray by it, so that this one is followed by hand first.
    """
    source = candidate.source
    if source is None or candidate.head[:4] != b"II*\0" or source.size < 12:
        return False
    at = int.from_bytes(candidate.head[4:12], "little")
    if at + 2 <= source.size:
        count = int.from_bytes(source.read(at, 2), "little")
        raw = source.read(at + 2, min(12 * count, source.size - at - 2))
        code = NDPI_FORMAT.to_bytes(2, "little")
        if any(raw[entry : entry + 2] == code for entry in range(0, len(raw), 12)):
            return True
    return _tagged(NDPI_FORMAT)(candidate)


def _is_vsi(candidate: Candidate) -> bool:
    """A TIFF after whose header a volume header follows (24 bytes, `IS`), or its frames."""
    head = candidate.head
    is_file = head[:4] == b"II*\0" and head[8:12] == b"\x18\0IS"
    return is_file or head[:4] == b"SIS\0" or _holds(candidate, ".vsi")


def _is_bif(candidate: Candidate) -> bool:
    """XMP with an `iScan` element, at its root or right below `Metadata`."""
    if candidate.tiff is None:
        return False
    for directory in candidate.tiff.directories:
        name, _ = _root(directory, XMP)
        if name == "iScan" or (name == "Metadata" and "<iScan" in _start(directory, XMP)):
            return True
    return False


def _is_mirax(candidate: Candidate) -> bool:
    """A folder with `Slidedat.ini`, or the JPEG preview (`.mrxs`) that stands beside it."""
    if candidate.source is None:
        return (candidate.path / "Slidedat.ini").is_file() or _holds(candidate, ".mrxs")
    if candidate.head[:3] != b"\xff\xd8\xff":
        return False
    beside = candidate.path.with_suffix("") / "Slidedat.ini"
    return candidate.path.suffix.lower() == ".mrxs" or beside.is_file()


def _holds(candidate: Candidate, ending: str) -> bool:
    """Whether it is a folder with a file of this ending: what is in the file is not at hand."""
    if candidate.source is not None:
        return False
    return any(path.suffix.lower() == ending for path in candidate.path.iterdir())


FOREIGN: tuple[Foreign, ...] = (
    # Those that are told without reading the directories of a TIFF come first.
    Foreign("a 3DHISTECH MIRAX slide", _is_mirax),
    Foreign("an Olympus VSI slide", _is_vsi),
    Foreign("a Hamamatsu NDPI slide", _is_ndpi),
    Foreign("an Olympus SIS image", _tagged(OLYMPUS_SIS)),
    Foreign("an Akoya (PerkinElmer) QPTIFF slide", _described("PerkinElmer-QPI-ImageDescription")),
    Foreign("a Leica SCN slide", _described("scn", "leica-microsystems.com/scn/")),
    Foreign("a Philips TIFF slide", _described("DataObject")),
    Foreign("a Ventana BIF slide", _is_bif),
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
