"""Capabilities: what makes root more than anybody else; a child gives them up for good."""

from __future__ import annotations

import ctypes
import sys

_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT, _CLEAR_ALL = 47, 4
_VERSION_3 = 0x20080522
_LAST = 63


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_up() -> bool:
    """Keep none, now and after any program is started; False where that is not offered."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    for number in range(_LAST + 1):
        libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # fails past the last one there is
    libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header, none = _Header(_VERSION_3, 0), (_Sets * 2)()
    return libc.capset(ctypes.byref(header), ctypes.byref(none)) == 0
