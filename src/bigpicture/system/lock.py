"""A lock by a file: held by one process of this machine, and let go of when that process ends.

Folders cannot be locked on Windows, files can on every system. The file is empty and goes when
the lock is let go of; what a killed process leaves is only a file, which the next one takes over.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import lock_descriptor

from bigpicture.system.files import BINARY, IS_WINDOWS, NO_LINK

NAME = ".bigpicture.lock"


@contextmanager
def locked(folder: Path, *, waits: bool = True) -> Generator[None]:
    """Hold a folder against others that ask for it; see `hold` for the errors."""
    with hold(folder / NAME, waits=waits):
        yield


@contextmanager
def hold(place: Path, *, waits: bool = True) -> Generator[None]:
    """Hold the lock `place`; raises `BlockingIOError` where another has it and `waits` is False.

    Raises `OSError` where the file cannot be made.
    """
    handle = take(place, waits=waits)
    try:
        yield
    finally:
        let_go(place, handle)


def take(place: Path, *, waits: bool = True) -> int:
    """Take the lock and return its handle, for `let_go`; errors as of `hold`."""
    while True:
        handle = _open(place)
        try:
            if not lock_descriptor(handle, blocking=waits):
                raise BlockingIOError(f"another process holds {place.name}")  # noqa: TRY301
            if _is_still_there(place, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # who held it took it away meanwhile: it is no longer the lock


def let_go(place: Path, handle: int) -> None:
    """Take the file away while it is still ours; Windows removes no file that is open."""
    try:
        place.unlink()
    except FileNotFoundError:
        os.close(handle)
    except OSError:
        os.close(handle)
        with suppress(OSError):  # another has opened it meanwhile: it is theirs now
            place.unlink()
    else:
        os.close(handle)


def _open(place: Path) -> int:
    try:
        return os.open(place, os.O_RDWR | os.O_CREAT | BINARY | NO_LINK, 0o666)
    except PermissionError:  # left behind by somebody else of this folder: reading is enough
        return os.open(place, os.O_RDONLY | BINARY | NO_LINK)


def _is_still_there(place: Path, handle: int) -> bool:
    if IS_WINDOWS:
        return True  # nobody removes a file there that another has open
    try:
        return os.path.samestat(os.fstat(handle), place.stat())
    except FileNotFoundError:
        return False
