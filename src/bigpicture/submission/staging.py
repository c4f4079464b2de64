"""Staging: a folder that is filled out of sight and appears under its name whole, or never."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from bigpicture.model.errors import BigpictureError, StorageFullError
from bigpicture.system.files import sync_folder, write_through
from bigpicture.system.lock import hold, let_go, take

PREFIX = ".converting-"
_LOCK = ".lock"


@contextmanager
def staging_beside(folder: Path) -> Generator[Path]:
    """A folder beside `folder` that is gone afterwards; it is locked while it is in use."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder.parent)
        staging, lock, handle = _locked(folder.parent)
    except OSError as error:
        raise unwritable(error, folder.parent.name) from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        let_go(lock, handle)


def _locked(parent: Path) -> tuple[Path, Path, int]:
    """A new folder, the file beside it that locks it, and its handle.

    The lock is there before the folder: nobody who sweeps finds it without.
    """
    staging = parent / f"{PREFIX}{secrets.token_hex(8)}"
    lock = staging.with_name(staging.name + _LOCK)
    handle = take(lock)
    try:
        staging.mkdir(mode=0o755)
    except BaseException:
        let_go(lock, handle)
        raise
    return staging, lock, handle


def _sweep(parent: Path) -> None:
    """Remove what a killed run left; a run under way holds its lock."""
    found = {parent / each.name.removesuffix(_LOCK) for each in parent.glob(f"{PREFIX}*")}
    for left in found:
        with suppress(OSError), hold(left.with_name(left.name + _LOCK), waits=False):
            shutil.rmtree(left, ignore_errors=True)


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
        sync_folder(folder.parent)
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
            write_through(file)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise unwritable(error, path.name) from error
    finally:
        temporary.unlink(missing_ok=True)


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
