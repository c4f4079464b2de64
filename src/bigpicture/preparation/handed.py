"""Handed in: the documents of a dataset whose slides a node will convert itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from bigpicture.metaflex.compose import documents_of
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import InputError
from bigpicture.model.place import Place
from bigpicture.preparation.described_image import DescribedImage
from bigpicture.preparation.match import match_files
from bigpicture.preparation.plan import Plan
from bigpicture.preparation.study import image_alias, study_of

_IMAGE_FILE = "METADATA/image.xml"
_SLIDE = "slide"
"""What every file is called at the node: the name that a slide has at the site may identify."""

_BECOMES = "dcm"
"""The only type of an image's file that MetaFleX knows."""


@dataclass(frozen=True, slots=True)
class SentSlide:
    """A scanner's own file as it is about to be sent: its path at the site, bytes, SHA-256."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HandedIn:
    """`documents` by their paths in the dataset; `images` maps each sent file to its path there."""

    documents: Mapping[str, bytes]
    images: Mapping[str, str]


def handed_in(
    plan: Plan,
    slides: Sequence[SentSlide],
    *,
    alias_of: Callable[[EntityKind, str], str],
    today: date,
) -> HandedIn:
    """Describe a dataset of files that are sent as they are, each slide being one file.

    The images state nothing of themselves: what their headers say is known once the node has
    converted them, and is written in then. Files that no row names are not part of it. Raises
    `InputError` where a row has no file, or a file no name that a slide could have; no name of a
    file is repeated.
    """
    matched = match_files(plan.images, [each.file for each in slides])
    if matched.findings:
        first = matched.findings[0]
        raise InputError(
            first.what, place=str(first.cells[0]), rule=first.expected, remedy=first.remedy
        )
    sent = {each.file: each for each in slides}
    described: dict[str, DescribedImage] = {}
    images: dict[str, str] = {}
    for planned in plan.images:
        slide = sent[matched.places[planned.file]]
        suffix = _suffix(slide.file, str(planned.cell))
        path = f"IMAGES/IMAGE_{image_alias(planned, alias_of)}/{_SLIDE}{suffix}"
        file = DataFile(path, slide.sha256, slide.sha256, _BECOMES, Place(_IMAGE_FILE))
        described[planned.file] = DescribedImage((file,), bytes=slide.size)
        images[slide.file] = path
    study = study_of(plan, described, alias_of=alias_of, today=today)
    return HandedIn(documents_of(study), images)


def _suffix(file: str, place: str) -> str:
    suffix = PurePosixPath(file).suffix.lower()
    if not suffix[1:].isalnum() or not suffix.isascii():
        raise InputError(
            "the name of this slide's file has no ending that tells its format.",
            place=place,
            rule="a file such as .svs, .ndpi or .tiff",
            remedy="Send the file under the name that the scanner gave it.",
        )
    return suffix
