"""Spool: a file in plain bytes for the time of one step, in a private folder, then gone."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from bigpicture.model.errors import StorageError, StorageFullError
from bigpicture.model.source import ByteSource
from bigpicture.settings import Settings
from bigpicture.submission.parts import stream

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def working_folder(settings: Settings) -> Generator[Path]:
    """A folder that only this account can read; gone when the step ends.

    It is locked for as long as its process lives: what `sweep_working_folders` goes by.
    """
    parent = settings.data / "tmp"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder, descriptor = _make(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _make(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix="work-", dir=parent))
        with suppress(FileNotFoundError):  # swept between its making and its lock
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)


def sweep_working_folders(settings: Settings) -> int:
    """Remove what killed processes left; returns how many folders went.

    Safe at any time: the folder of a living process is locked.
    """
    gone = 0
    for folder in (settings.data / "tmp").glob("*-*"):
        with suppress(FileNotFoundError, NotADirectoryError, BlockingIOError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
            gone += 1
    return gone


def spool(source: ByteSource, path: Path) -> Path:
    """Write a source to `path`, mode 0600; raises `StorageFullError` when there is no room."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in stream(source):
                file.write(piece)
    except OSError as error:
        full = error.errno in _NO_ROOM
        kind = StorageFullError if full else StorageError
        raise kind(
            "a working copy could not be written.",
            place="data/tmp",
            remedy="Make room on the node's disk, then complete the submission again.",
        ) from error
    return path
