"""Review: what was done to the slides of a folder, put together for the person who signs for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bigpicture.deidentify.report import (
    REPORTS,
    Judged,
    Looked,
    Report,
    rules_digest,
    software,
)
from bigpicture.dicom.find import is_dicom
from bigpicture.model.errors import BigpictureError, InputError, IntegrityError
from bigpicture.submission.convert import REPORT_NAME, verify

VERSION = 1
_SHAPES = 3
REVIEW_NAME, REVIEW_PAGE = "deidentification.json", "deidentification.html"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FieldTotal:
    """All fields of one name in one format: what happened, why, in how many slides, how often.

    `places` are where the first of them stood, `masked` the shapes of the first values.
    """

    name: str
    action: str
    reason: str
    slides: int
    count: int
    places: tuple[str, ...]
    kind: str = ""
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormatTotal:
    """The slides of one format and everything that their sources carried, by the field's name."""

    format: str
    slides: int
    fields: tuple[FieldTotal, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One slide with its report; `problem` tells where its files are not those of the report."""

    folder: str
    report: Report
    problem: str = ""


@dataclass(frozen=True)
class Review:
    """A folder of converted slides. `strangers` are DICOM files that no report names."""

    slides: tuple[Reviewed, ...]
    strangers: tuple[str, ...] = field(default=())

    @property
    def formats(self) -> tuple[FormatTotal, ...]:
        names = sorted({each.report.format for each in self.slides})
        return tuple(_format(name, [each.report for each in self.slides]) for name in names)

    @property
    def is_sound(self) -> bool:
        """Whether every file is the one that its report tells of."""
        return not self.strangers and not any(each.problem for each in self.slides)

    @property
    def to_look_at(self) -> tuple[tuple[Reviewed, Looked], ...]:
        """Slides in which the detector saw something on the tissue: a person decides what it is."""
        return tuple(
            (each, each.report.looked)
            for each in self.slides
            if each.report.looked is not None and each.report.looked.marks
        )

    def as_json(self) -> dict[str, object]:
        """What the page shows, for programs; the same review gives the same bytes."""
        return {
            "version": VERSION,
            "software": software(),
            "rules": rules_digest(),
            "sound": self.is_sound,
            "formats": [asdict(each) for each in self.formats],
            "slides": [_slide(each) for each in self.slides],
            "strangers": list(self.strangers),
        }

    def to_bytes(self) -> bytes:
        return (
            json.dumps(self.as_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        ).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of `to_bytes`: what a signature under the review stands for."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def review_folder(folder: Path, *, progress: Progress = lambda *_: None) -> Review:
    """Read every report below `folder`, and check the files against them byte for byte.

    Raises `InputError` where there is no converted slide.
    """
    reports = sorted(folder.rglob(REPORT_NAME))
    slides: list[Reviewed] = []
    named: set[Path] = set()
    for number, path in enumerate(reports):
        slide = _read(path, folder)
        slides.append(slide)
        named |= {path.parent / each.name for each in slide.report.written}
        progress(number + 1, len(reports))
    if not slides:
        raise InputError(
            "there is no converted slide in it.",
            place=folder.name,
            rule=f"a converted slide is a folder with its {REPORT_NAME}",
            remedy="Name the folder that was given to `bigpicture convert --out`.",
        )
    return Review(tuple(slides), tuple(_strangers(folder, named)))


def _read(path: Path, folder: Path) -> Reviewed:
    place = path.parent.relative_to(folder).as_posix()
    try:
        report = Report.from_bytes(path.read_bytes())
    except (OSError, IntegrityError) as error:
        raise IntegrityError(
            "its report cannot be read.",
            place=f"{place}/{REPORT_NAME}",
            remedy="Convert the slide again with this release.",
        ) from error
    try:
        verify(path.parent, report)
    except BigpictureError as error:
        return Reviewed(place, report, f"{error.place}: {error.what}")
    return Reviewed(place, report)


def _strangers(folder: Path, named: set[Path]) -> Iterable[str]:
    for path in sorted(folder.rglob("*")):
        is_known = path in named or path.name in REPORTS
        if path.is_file() and not is_known and is_dicom(path):
            yield path.relative_to(folder).as_posix()


def _format(name: str, reports: Sequence[Report]) -> FormatTotal:
    own = [report for report in reports if report.format == name]
    by_name: dict[tuple[str, str], list[Judged]] = {}
    for report in own:
        for judged in report.fields:
            by_name.setdefault((judged.name, judged.action), []).append(judged)
    totals = [
        FieldTotal(
            name=field_name,
            action=action,
            reason=found[0].reason,
            slides=len(found),
            count=sum(each.count for each in found),
            places=found[0].places,
            kind=next((each.kind for each in found if each.kind), ""),
            masked=tuple(dict.fromkeys(one for each in found for one in each.masked))[:_SHAPES],
        )
        for (field_name, action), found in sorted(by_name.items())
    ]
    return FormatTotal(name, len(own), tuple(totals))


def _slide(slide: Reviewed) -> dict[str, object]:
    report = slide.report
    return {
        "folder": slide.folder,
        "image": report.image,
        "format": report.format,
        "problem": slide.problem,
        "instances": [{"name": each.name, "sha256": each.sha256} for each in report.written],
        "left_out": [asdict(each) for each in report.left_out],
        "kept_beside": [each.name for each in report.beside],
        "looked_at": asdict(report.looked) if report.looked else None,
        "scan": asdict(report.scan),
        "pixels_compared": asdict(report.gate),
        "remarks": list(report.remarks),
    }
