"""Landlock: the kernel refuses a process every file it has not been allowed.

Source: Linux Documentation/userspace-api/landlock.rst; the three system calls have the same
numbers on every architecture. There is no wrapper in libc, so they are called by number.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from bigpicture.sandbox.limits import Protection, Reach

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_READS = _READ_FILE | _READ_DIR
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_TCP = 0b11
_SCOPES = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.syscall(ctypes.c_long(number), *arguments))


def forbid_new_rights() -> bool:
    """Set no_new_privs: no set-uid program can lift the walls. False where it is not offered."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0


def version() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    found = _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    return max(found, 0)


def restrict(reach: Reach) -> frozenset[Protection]:
    """Restrict this process for good; returns what holds, nothing where the kernel has none.

    `forbid_new_rights` must have been called.
    """
    offered = version()
    if offered == 0:
        return frozenset()
    writes = _WRITE_FILE | _REMOVE_AND_MAKE
    writes |= _REFER if offered >= 2 else 0
    writes |= _TRUNCATE if offered >= 3 else 0
    reads = 0 if reach.readable is None else _READS
    ruleset = _Ruleset(
        handled_access_fs=writes | reads,
        handled_access_net=_TCP if offered >= 4 else 0,
        scoped=_SCOPES if offered >= 6 else 0,
    )
    size = 24 if offered >= 6 else 16 if offered >= 4 else 8
    handle = _call(
        _CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )
    if handle < 0:
        return frozenset()
    try:
        _allow(handle, reach.writable, writes | reads)
        _allow(handle, reach.readable or (), reads)
        if _call(_RESTRICT_SELF, ctypes.c_int(handle), ctypes.c_uint32(0)) != 0:
            return frozenset()
    finally:
        os.close(handle)
    return frozenset({Protection.FILE_WRITES} | ({Protection.FILE_READS} if reads else frozenset()))


def _allow(handle: int, places: Iterable[Path], access: int) -> None:
    for place in places:
        try:
            opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # a place that does not exist needs no permission
        try:
            if not stat.S_ISDIR(os.fstat(opened).st_mode):
                beneath = _Beneath(allowed_access=access & _ON_FILES, parent_fd=opened)
            else:
                beneath = _Beneath(allowed_access=access, parent_fd=opened)
            if beneath.allowed_access:
                _call(
                    _ADD_RULE,
                    ctypes.c_int(handle),
                    ctypes.c_int(_PATH_BENEATH),
                    ctypes.byref(beneath),
                    ctypes.c_uint32(0),
                )
        finally:
            os.close(opened)
