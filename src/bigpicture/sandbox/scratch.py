"""Scratch: a folder that only its child sees, in memory, and never larger than its limit."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_NO_SETUID, _NO_DEVICES, _NO_PROGRAMS = 2, 4, 8
_RECURSIVE, _PRIVATE = 1 << 14, 1 << 18
_BYTES_PER_FILE = 16 << 10
"""A file takes memory of the kernel even when it is empty, so their number is bounded too."""


def mount_scratch(folder: Path, limit: int) -> bool:
    """Mount it over `folder`; False where the kernel refuses. In a mount namespace of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(None, b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None) != 0:
        return False
    options = (
        f"size={limit},nr_inodes={max(64, limit // _BYTES_PER_FILE)},mode=0700,"
        f"uid={os.getuid()},gid={os.getgid()}"
    )
    flags = ctypes.c_ulong(_NO_SETUID | _NO_DEVICES | _NO_PROGRAMS)
    place = os.fsencode(folder)
    return libc.mount(b"tmpfs", place, b"tmpfs", flags, options.encode()) == 0
