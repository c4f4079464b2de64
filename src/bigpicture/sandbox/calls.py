"""System calls: the kernel refuses a child those that reach around the other walls.

Landlock watches opened files, namespaces the network and other processes. Left are pathname
sockets (a database's, a container daemon's), the owner, mode and attributes of any file, memory
outside of the limit (memfd, System V), new processes where only one may be, and the calls by
which kernels are attacked. A filter answers those with an error (Linux
Documentation/userspace-api/seccomp_filter.rst).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterable

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000
"""The bit by which x86-64 knows calls of its 32-bit twin, which have other numbers."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_REFUSED: dict[str, tuple[int, ...]] = {
    "x86_64": (
        *(41, 42, 44, 46, 49, 50, 53),  # socket, connect, sendto, sendmsg, bind, listen, socketpair
        *(29, 30, 64, 68, 319, 447),  # shmget, shmat, semget, msgget, memfd_create, memfd_secret
        *(90, 91, 268, 452, 92, 93, 94, 260),  # chmod and chown, of every kind
        *(132, 235, 261, 280),  # utime, utimes, futimesat, utimensat
        *(188, 189, 190, 197, 198, 199, 463, 466, 469),  # extended and file attributes
        *(133, 259, 254, 300, 301),  # mknod, mknodat, inotify_add_watch, fanotify
        *(101, 310, 311, 312, 434, 438, 440),  # ptrace, process_vm_*, kcmp, pidfd_*
        *(155, 161, 165, 166, 272, 308, 428, 429, 430, 431, 432, 433, 442),  # mounts, namespaces
        *(103, 105, 106, 113, 114, 116, 117, 119, 135, 153, 154, 159),  # syslog, set*id, tuning
        *(163, 164, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176),  # the machine
        *(179, 212, 227, 246, 248, 249, 250, 298, 303, 304, 305, 313, 320, 321, 323),  # the kernel
        *(425, 426, 427, 443),  # io_uring, which would call all of these itself
    ),
    "aarch64": (
        *(198, 203, 206, 211, 200, 201, 199),
        *(194, 196, 190, 186, 279, 447),
        *(52, 53, 452, 54, 55),
        *(88,),
        *(5, 6, 7, 14, 15, 16, 463, 466, 469),
        *(33, 27, 262, 263),
        *(117, 270, 271, 272, 434, 438, 440),
        *(40, 39, 41, 51, 97, 268, 428, 429, 430, 431, 432, 433, 442),
        *(116, 143, 144, 145, 146, 147, 149, 159, 92, 58, 171),
        *(89, 170, 224, 225, 142, 161, 162, 105, 106),
        *(60, 18, 112, 104, 217, 218, 219, 241, 264, 265, 266, 273, 294, 280, 282),
        *(425, 426, 427, 443),
    ),
}
_PROGRAMS: dict[str, tuple[int, ...]] = {"x86_64": (57, 58, 59, 322), "aarch64": (221, 281)}
"""fork, vfork, execve, execveat."""
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
"""Its flags lie in memory, where a filter cannot look: libc falls back to `clone`."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def refuse_calls(*, is_alone: bool) -> bool:
    """Put up the filter for good; False where this system has none that we know.

    `is_alone`: it may start no process and no program, only threads. New rights must have been
    forbidden.
    """
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _ARCHITECTURES:
        return False
    code = b"".join(_instructions(machine, is_alone=is_alone))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0


def _instructions(machine: str, *, is_alone: bool) -> Iterable[bytes]:
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, _ARCHITECTURES[machine], past=1)
    yield _step(_RETURN, _KILL_PROCESS)
    yield _step(_LOAD, _NUMBER)
    if machine == "x86_64":
        yield _step(_AT_LEAST, _X32, otherwise=1)
        yield _step(_RETURN, _KILL_PROCESS)
    for number in _REFUSED[machine]:
        yield from _refuse(number, errno.EPERM)
    if is_alone:
        for number in _PROGRAMS[machine]:
            yield from _refuse(number, errno.EPERM)
        yield from _refuse(_CLONE3, errno.ENOSYS)
        yield _step(_EQUAL, _CLONE[machine], otherwise=3)
        yield _step(_LOAD, _FIRST_ARGUMENT)
        yield _step(_ANY_BIT, _CLONE_THREAD, past=1)
        yield _step(_RETURN, _ERRNO | errno.EPERM)
    yield _step(_RETURN, _ALLOW)


def _refuse(number: int, error: int) -> Iterable[bytes]:
    yield _step(_EQUAL, number, otherwise=1)
    yield _step(_RETURN, _ERRNO | error)


def _step(code: int, value: int, *, past: int = 0, otherwise: int = 0) -> bytes:
    """One instruction: the two jumps count instructions that are left out."""
    return struct.pack("=HBBI", code, past, otherwise, value)
