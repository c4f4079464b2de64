"""Audit: a folder of DICOM files, ours or another program's, judged by the rules of our own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pydicom
from pydicom.errors import InvalidDicomError

from bigpicture.deidentify.barcodes import read_barcodes
from bigpicture.deidentify.check import check_header, check_instance
from bigpicture.deidentify.finding import Finding
from bigpicture.deidentify.look import look_at
from bigpicture.deidentify.report import REPORTS, Marked, rules_digest, software, told_mark
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.find import is_dicom
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import BigpictureError, InputError

LONGEST_LOOKED_AT = 4096
"""Pixels: levels up to this size are searched for writing, labels and codes."""
_ITEM = re.compile(r"\[\d+\]")
_NO_SLIDE = "only whole-slide images are judged, all else is not taken"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Audited:
    """One file: what breaks a rule, and what looks like writing in it, in its pixels."""

    name: str
    findings: tuple[Finding, ...]
    marks: tuple[Marked, ...] = ()
    is_looked_at: bool = False

    @property
    def is_clean(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Audit:
    """All files of a folder. `others` are those that are neither DICOM nor a report of ours."""

    files: tuple[Audited, ...]
    others: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return all(each.is_clean for each in self.files) and not self.others

    @property
    def is_marked(self) -> bool:
        """Whether a person should look: the detector saw something, which may be nothing."""
        return any(each.marks for each in self.files)

    def as_json(self) -> dict[str, object]:
        return {
            "clean": self.is_clean,
            "to_look_at": self.is_marked,
            "software": software(),
            "rules": rules_digest(),
            "files": [asdict(each) | {"clean": each.is_clean} for each in self.files],
            "others": list(self.others),
            "found": [
                {"place": place, "what": what, "files": count}
                for (place, what), count in rules_broken(self)
            ],
        }


def rules_broken(audit: Audit) -> list[tuple[tuple[str, str], int]]:
    """Place in a file and what is wrong there, with the number of files, the most frequent first.

    Items of a sequence count as one place.
    """
    counts = Counter(
        pair
        for file in audit.files
        for pair in {
            (_ITEM.sub("", each.place.removeprefix(file.name).strip()), each.what)
            for each in file.findings
        }
    )
    return counts.most_common()


def files_of(folder: Path) -> tuple[list[Path], list[Path]]:
    """The DICOM files below a folder, and what else lies there; raises `InputError` where none."""
    found: list[Path] = []
    others: list[Path] = []
    for path in sorted(folder.rglob("*") if folder.is_dir() else [folder]):
        if path.is_symlink():
            others.append(path)
        elif path.is_file() and is_dicom(path):
            found.append(path)
        elif path.is_file() and path.name not in REPORTS:
            others.append(path)
    if not found:
        raise InputError(
            "there is no DICOM file in it.",
            place=folder.name,
            remedy="Name the folder of a DICOM set; other formats are cleaned by `convert`.",
        )
    return found, others


def audit_file(path: Path, name: str) -> Audited:
    """Judge one DICOM file, called `name`; whatever is wrong with it becomes a finding."""
    findings: list[Finding] = []
    try:
        with FileSource(path) as source:
            findings += check_instance(source, name)
            level = open_tiles(source, place=name).level
            if max(level.columns, level.rows) > LONGEST_LOOKED_AT:
                return Audited(name, tuple(findings))
            tiles = open_tiles(source, place=name)
            marks = tuple(told_mark(mark) for mark in look_at(tiles))
            codes = read_barcodes(tiles.region(0, 0, level.columns, level.rows))
            findings += _codes(codes, name)
            return Audited(name, tuple(findings), marks, is_looked_at=True)
    except BigpictureError as error:
        findings.append(Finding(error.what, error.place or name, error.rule or _NO_SLIDE))
    findings += _beyond_slides(path, name)
    return Audited(name, tuple(findings))


def _codes(codes: Sequence[str], name: str) -> Iterator[Finding]:
    for code in codes:
        yield Finding(
            f"a barcode of {len(code)} characters can be read in it.",
            f"{name} pixels",
            "nothing that identifies leaves with the pixels",
        )


def _beyond_slides(path: Path, name: str) -> Iterator[Finding]:
    """What a file that is no whole-slide image carries, as far as its header can be read."""
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True)
    except (InvalidDicomError, OSError, ValueError, TypeError, AttributeError, LookupError):
        return
    yield from check_header(header, name)
