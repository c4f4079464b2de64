"""`bigpicture validate` beside the pixels: what the slides' headers say of what is stated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bigpicture.model.attribute import Attribute
from bigpicture.model.entity import EntityKey
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.study import Study
from bigpicture.standard.duplicates import check_duplicates
from bigpicture.standard.files import Files
from bigpicture.standard.fill import filling_of
from bigpicture.standard.header import HEADER_RULE, check_header
from bigpicture.submission.folder_slides import Seen, roots_of, see_slides


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in the slides; `filling` is what they say and the metadata do not."""

    findings: tuple[Finding, ...]
    filling: dict[EntityKey, tuple[Attribute, ...]]
    images: int


def look_at_slides(folder: Path, study: Study, files: Files) -> Looked:
    """Compare the metadata of a folder with its slides, of which no header is kept."""
    findings: list[Finding] = []
    filling: dict[EntityKey, tuple[Attribute, ...]] = {}
    light: list[Seen] = []
    for seen in see_slides(folder, study.images, files):
        findings += _unread(seen)
        light.append(Seen(seen.image, None, (), seen.base, seen.size))
        if seen.facts is None:
            continue
        findings += check_header(seen.image, seen.facts)
        if attributes := filling_of(seen.image, seen.facts):
            filling[seen.image.key] = attributes
    findings += check_duplicates(study, roots_of(folder, light))
    return Looked(tuple(findings), filling, len(light))


def _unread(seen: Seen) -> Iterator[Finding]:
    for error in seen.errors:
        yield Finding(
            HEADER_RULE,
            Severity.ERROR,
            Place(error.place.split(" (")[0]),  # behind it stands the element: (0008,0016)
            error.what,
            error.rule or "the header of a whole-slide image",
            error.remedy,
            entity=str(seen.image),
        )
