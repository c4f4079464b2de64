"""File calls that POSIX has and Windows has not; where the system has one, it is used."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

IS_WINDOWS = os.name == "nt"
BINARY = getattr(os, "O_BINARY", 0)
"""Without it Windows changes line ends in what a descriptor reads and writes."""
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Where there is none, look for a link before opening."""
_TURNS = tuple(threading.Lock() for _ in range(64))


def read_in_turn(descriptor: int, length: int, offset: int, /) -> bytes:
    """Read up to `length` bytes at `offset`; threads take turns at the descriptor's position."""
    with _TURNS[descriptor % len(_TURNS)]:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)


def write_joined(descriptor: int, parts: Sequence[bytes | memoryview], /) -> int:
    """Write the parts one after the other; returns how many bytes went out, maybe not all."""
    return os.write(descriptor, b"".join(parts))


# The fast ways: no turns to wait for, no copy, no call of ours in between.
read_at = os.pread if hasattr(os, "pread") else read_in_turn
write_parts = os.writev if hasattr(os, "writev") else write_joined


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; NTFS journals them itself and opens no folder."""
    if IS_WINDOWS:
        return
    handle = os.open(folder, os.O_RDONLY | BINARY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(place: Path) -> None:
    """Make a file durable that another call has written; Windows wants it open for writing."""
    with place.open("r+b") as file:
        os.fsync(file.fileno())


def create(place: Path, *, mode: int = 0o600) -> BinaryIO:
    """Open a new file for writing; raises `FileExistsError`.

    The mode counts on POSIX. On Windows a file has the rights of its folder, which in a person's
    profile are that person's.
    """
    opened = open(  # noqa: SIM115 - Path.open takes no opener; the caller closes
        place, "xb", opener=lambda name, flags: os.open(name, flags, mode)
    )
    return cast("BinaryIO", opened)


def write_through(file: BinaryIO) -> None:
    """Make what was written durable."""
    file.flush()
    os.fsync(file.fileno())
