"""Staging: a folder that is filled out of sight and appears under its name whole, or never."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from bigpicture.model.errors import BigpictureError, StorageFullError

PREFIX = ".converting-"


@contextmanager
def staging_beside(folder: Path) -> Generator[Path]:
    """A folder beside `folder` that is gone afterwards; it is locked while it is in use."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        staging, handle = _locked(folder.parent)
    except OSError as error:
        raise unwritable(error, folder.parent.name) from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        os.close(handle)


def _locked(parent: Path) -> tuple[Path, int]:
    """A new folder and the handle that locks it.

    Who sweeps at the same time may take it for left behind until it is locked: then another is
    made.
    """
    while True:
        staging = parent / f"{PREFIX}{secrets.token_hex(8)}"
        staging.mkdir(mode=0o755)
        with suppress(FileNotFoundError):
            handle = os.open(staging, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if staging.exists():
                return staging, handle
            os.close(handle)


def _sweep(parent: Path) -> None:
    """Remove what a killed run left; a run under way holds its lock."""
    for left in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            handle = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left)
            finally:
                os.close(handle)


def move(staging: Path, folder: Path) -> None:
    """Put the finished folder in its place; an earlier one goes only when the new one is whole."""
    try:
        if folder.exists():
            old = folder.parent / f"{PREFIX}{secrets.token_hex(8)}"
            folder.rename(old)
            staging.rename(folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            staging.rename(folder)
        sync(folder.parent)
    except OSError as error:
        raise unwritable(error, folder.name) from error


def write_file(path: Path, data: bytes) -> None:
    """Write a file that appears under its name whole and durable, or not at all.

    Raises `StorageFullError`, or `BigpictureError` where it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise unwritable(error, path.name) from error
    finally:
        temporary.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unwritable(error: OSError, place: str) -> BigpictureError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError(
            "there is no room left for the converted slide.",
            place=place,
            remedy="Free some space and convert it again.",
        )
    return BigpictureError(
        f"the output folder cannot be written ({os.strerror(error.errno or 0)}).",
        place=place,
        remedy="Choose another with --out.",
    )
