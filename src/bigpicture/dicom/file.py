"""A byte source over a local file."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Self

from bigpicture.model.errors import IntegrityError, SlideError
from bigpicture.system.files import BINARY, read_at


class FileSource:
    """A file opened for reading; safe to read from several threads (`read_at`).

    Raises `SlideError` where the file is missing or not a regular file. Errors name the file by
    its last part only: folders may carry names of people.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._descriptor = os.open(path, os.O_RDONLY | BINARY)
        except OSError as error:
            raise SlideError(
                f"the file cannot be opened ({os.strerror(error.errno or 0)}).",
                place=path.name,
                remedy="Check that it exists and that you may read it.",
            ) from error
        try:
            self._state = _state(os.fstat(self._descriptor))
            self._size = _regular_size(self._descriptor, path.name)
        except SlideError:
            os.close(self._descriptor)
            raise
        self._path = path

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`; raises `IntegrityError` past the end."""
        if offset < 0 or length < 0 or offset + length > self._size:
            raise IntegrityError(
                f"{length} bytes at {offset} lie outside its {self._size} bytes.",
                place=self.name,
                remedy="The file is cut short or damaged: copy it again from its origin.",
            )
        data = read_at(self._descriptor, length, offset)
        while len(data) < length:
            # A single read stops at 2 GiB on Linux.
            more = read_at(self._descriptor, length - len(data), offset + len(data))
            if not more:
                raise IntegrityError(
                    "the file shrank while it was read.",
                    place=self.name,
                    remedy="Wait until the copy has finished, then convert it again.",
                )
            data += more
        return data

    def check_unchanged(self) -> None:
        """Raise `SlideError` where the file is no longer what it was when it was opened."""
        try:
            # opened again: Windows tells the file's identity differently by name and by handle
            with self._path.open("rb") as file:
                now = _state(os.fstat(file.fileno()))
        except OSError:
            now = ()
        if now != self._state:
            raise SlideError(
                "the file changed while it was read.",
                place=self.name,
                rule="a slide is converted from one state of its file",
                remedy="Wait until the scanner or the copy has finished, then convert it again.",
            )

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _state(status: os.stat_result) -> tuple[int, ...]:
    """Which file it is, its length, and when it was last changed."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _regular_size(descriptor: int, name: str) -> int:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise SlideError(
            "this is not a regular file.",
            place=name,
            remedy="Name a slide, or a folder of DICOM instances.",
        )
    return status.st_size
