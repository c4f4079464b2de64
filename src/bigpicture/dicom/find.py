"""Finds the slides of a folder; what belongs to a slide is no slide of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bigpicture.dicom.open import belongings, endings

MAXIMUM_DEPTH = 32
"""Folders below folders that are looked through."""
_DICOM_FILE = ".dcm"


def find_slides(
    folder: Path, *, is_recursive: bool = False, without: Path | None = None
) -> list[Path]:
    """The slides in a folder by name, those of its sub-folders after them where `is_recursive`.

    A folder of DICOM instances is one slide. Hidden files, the folder `without` and what belongs
    to another slide (the folder of a MIRAX, the JPEGs of a VMS) are passed over; links to folders
    are not followed. Only names, and whether a file begins as DICOM does, are looked at.
    """
    return list(_find(folder, is_recursive, without.resolve() if without else None, 0))


def _find(folder: Path, is_recursive: bool, without: Path | None, depth: int) -> Iterator[Path]:
    entries = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    known = endings() - {_DICOM_FILE}
    slides = [each for each in entries if each.suffix.lower() in known and not each.is_dir()]
    belonging = {
        part.resolve()
        for slide in slides
        for part in belongings(slide)[1:]
        if part not in slide.parents
    }
    yield from (each for each in slides if each.resolve() not in belonging)
    for each in entries:
        if not each.is_dir() or each.resolve() == without or each.resolve() in belonging:
            continue
        if holds_dicom(each):
            yield each
        if is_recursive and depth < MAXIMUM_DEPTH and not each.is_symlink():
            yield from _find(each, is_recursive, without, depth + 1)


def holds_dicom(folder: Path) -> bool:
    """Whether a file right in the folder begins as DICOM does."""
    try:
        return any(is_dicom(each) for each in folder.iterdir() if each.is_file())
    except OSError:
        return False


def is_dicom(path: Path) -> bool:
    """Whether a file begins as DICOM does (PS3.10 7.1)."""
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False
