"""What is handed over as a slide, before any vendor has claimed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import VendorSlide
from bigpicture.dicom.tiff import TiffFile, is_tiff, read_tiff


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


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's format: its name, whether a candidate is one, and how to open it."""

    format: str
    recognises: Callable[[Candidate], bool]
    open: Callable[[Candidate], VendorSlide]
