"""Spool: a file in plain bytes for the time of one step, in a private folder, then gone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bigpicture.model.errors import StorageError, StorageFullError
from bigpicture.model.source import ByteSource
from bigpicture.settings import Settings
from bigpicture.submission.parts import stream


@contextmanager
def working_folder(settings: Settings) -> Generator[Path]:
    """A folder that only this process can read; gone when the step ends."""
    parent = settings.data / "tmp"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"slot-{settings.slot}-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep_working_folders(settings: Settings) -> int:
    """Remove what a killed process of this slot left; returns how many folders went."""
    gone = 0
    for folder in (settings.data / "tmp").glob(f"slot-{settings.slot}-*"):
        shutil.rmtree(folder, ignore_errors=True)
        gone += 1
    return gone


def spool(source: ByteSource, path: Path) -> Path:
    """Write a source to `path`, mode 0600; raises `StorageFullError` when there is no room."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in stream(source):
                file.write(piece)
    except OSError as error:
        full = error.errno in {28, 122}  # ENOSPC, EDQUOT
        kind = StorageFullError if full else StorageError
        raise kind(
            "a working copy could not be written.",
            place="data/tmp",
            remedy="Make room on the node's disk, then complete the submission again.",
        ) from error
    return path
