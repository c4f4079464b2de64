"""What is handed over as a slide, before any vendor has claimed it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import VendorSlide
from bigpicture.dicom.tiff import TiffFile, is_tiff, read_tiff
from bigpicture.model.errors import SlideError

_LONGEST_NAME = 255
"""Bytes; no file system that slides are copied to has longer names."""
_LONGEST = 1024
_ENDINGS = frozenset({".dat", ".ets", ".ini", ".jpeg", ".jpg", ".ndpi", ".opt", ".tif", ".tiff"})


@dataclass(frozen=True)
class Candidate:
    """A file (its `source` is open) or a folder (no source). What is read is read once.

    `open` opens a further file of the slide and keeps it open as long as the slide is.
    """

    path: Path
    source: FileSource | None
    open: Callable[[Path], FileSource]

    @property
    def place(self) -> str:
        """How errors name it: the last part only, because folders may carry names of people."""
        return self.path.name

    @cached_property
    def head(self) -> bytes:
        """The first bytes of a file."""
        return self.source.read(0, min(256, self.source.size)) if self.source else b""

    @cached_property
    def tiff(self) -> TiffFile | None:
        """Its directories where it is a TIFF; raises `SlideError` where that is damaged."""
        if self.source is None or not is_tiff(self.head):
            return None
        return read_tiff(self.source, place=self.place)

    @property
    def folder(self) -> Path:
        """Where its companions lie: the folder itself, or the one the file is in."""
        return self.path if self.source is None else self.path.parent

    def beside(self, name: str, *, below: str = "") -> FileSource:
        """Open the companion `name`, as the slide writes it, in `folder` or the folder `below` it.

        Raises `SlideError` where the name leads out of there, by its parts or by a link, and
        where there is no such file. The message does not repeat the name: names identify.
        """
        parts = PurePosixPath(name.replace("\\", "/")).parts
        is_plain = bool(parts) and not PureWindowsPath(name).drive and "\0" not in name
        if not is_plain or any(part in {"/", "..", "."} for part in parts):
            raise self._astray()
        if any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts) or len(name) > _LONGEST:
            raise SlideError(
                "it names a file by more letters than a name may have.",
                place=self.place,
                rule=f"at most {_LONGEST_NAME} bytes",
                remedy="The slide is damaged or hostile: copy it again from its origin.",
            )
        root = (self.folder / below).resolve()
        path = root.joinpath(*parts)
        if not path.resolve().is_relative_to(root):
            raise self._astray()
        if not path.is_file():
            raise SlideError(
                "a file that belongs to this slide is missing.",
                place=f"{self.place} {_kind(path)}".rstrip(),
                rule="a slide of several files is handed over with all of them",
                remedy="Copy the whole slide, with its folder and every file beside it.",
            )
        return self.open(path)

    def _astray(self) -> SlideError:
        return SlideError(
            "it names a file outside of its own folder.",
            place=self.place,
            rule="a slide's files lie beside it or below it",
            remedy="The slide is damaged or hostile: copy it again from its origin.",
        )


def _kind(path: Path) -> str:
    """A name's ending, where it is a usual one: what else stands behind a dot may identify."""
    ending = path.suffix.lower()
    return ending if ending in _ENDINGS else ""


def alone(path: Path) -> tuple[Path, ...]:
    """The companions of a slide that is one file, or one folder."""
    return (path,)


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's format: its name, whether a candidate is one, and how to open it.

    `endings` are the names' usual ends, lower case: they say which files of a folder to try, never
    what a file is. `belongings` names everything that a slide at a path consists of (files and
    folders, the path first), by names alone: it is asked before anything is read.
    """

    format: str
    recognises: Callable[[Candidate], bool]
    open: Callable[[Candidate], VendorSlide]
    endings: tuple[str, ...] = ()
    belongings: Callable[[Path], tuple[Path, ...]] = alone
