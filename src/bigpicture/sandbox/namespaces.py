"""Namespaces: a network without interfaces, and processes that die together."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path

from bigpicture.sandbox.limits import Protection

_NEWUSER, _NEWPID, _NEWNET, _NEWIPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
_NEWNS = 0x00020000
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """End this process when the one that started it dies: by the kernel, or by a thread of ours."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    elif (parent := parent_process()) is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def enter(*, has_mounts: bool = False) -> frozenset[Protection]:
    """Leave the network, and take a process namespace for whatever is forked next.

    With `has_mounts`, a namespace of mounts too. With the right to do so directly, else within a
    user namespace of our own. Returns nothing where the kernel permits neither.
    """
    if not sys.platform.startswith("linux"):
        return frozenset()
    libc = ctypes.CDLL(None, use_errno=True)
    wanted = _NEWNET | _NEWPID | _NEWIPC | (_NEWNS if has_mounts else 0)
    # Root keeps its own user namespace: in another it could not read files of other owners.
    if libc.unshare(wanted) == 0:
        return frozenset({Protection.NETWORK, Protection.PROCESSES})
    user, group = os.getuid(), os.getgid()
    if libc.unshare(wanted | _NEWUSER) != 0:
        return frozenset()
    _remain(user, group)
    return frozenset({Protection.NETWORK, Protection.PROCESSES})


def _remain(user: int, group: int) -> None:
    """Stay the same user inside the new namespace, so that the output folder stays writable."""
    here = Path("/proc/self")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        (here / name).write_text(line)
