"""Denied: what an algorithm tried when a wall stopped it.

The walls are the kernel's, and say no more than "permission denied". Python tells of what it is
about to do (audit events, PEP 578), and the last of that says which wall it was. Code that wants
to hide this from us can: it gains nothing behind the wall, and loses a good explanation.
"""

from __future__ import annotations

import errno
import os
import sys
from collections import deque
from collections.abc import Iterator

from bigpicture.model.errors import AlgorithmError, FailureReason, IntegrityError, SlideError

_PROCESS = ("os.fork", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")
_WRITE = (
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.chmod"),
    *("os.chown", "os.truncate", "os.utime", "os.setxattr", "shutil."),
)
_READ = ("os.listdir", "os.scandir")
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

Attempt = tuple[FailureReason, str]
"""What was tried, and with which file."""


def watch() -> deque[Attempt]:
    """The last attempts from now on, of this whole process and for good."""
    attempts: deque[Attempt] = deque(maxlen=64)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        attempt = _attempt(event, arguments)
        if attempt is not None:
            attempts.append(attempt)

    sys.addaudithook(hear)
    return attempts


def _attempt(event: str, arguments: tuple[object, ...]) -> Attempt | None:
    named = str(arguments[0]) if arguments and isinstance(arguments[0], str | bytes) else ""
    if event == "open":
        flags = arguments[2] if len(arguments) > 2 else 0
        is_writing = isinstance(flags, int) and bool(flags & _WRITING)
        return (FailureReason.OUTSIDE_WRITE if is_writing else FailureReason.OUTSIDE_READ), named
    for begins, reason in (
        (("socket.",), FailureReason.NETWORK),
        (_PROCESS, FailureReason.TOO_MANY_PROCESSES),
        (_WRITE, FailureReason.OUTSIDE_WRITE),
        (_READ, FailureReason.OUTSIDE_READ),
    ):
        if event.startswith(begins):
            return reason, named
    return None


def reason_of(error: BaseException, attempts: deque[Attempt], *, has_mpp: bool) -> FailureReason:
    """Why an algorithm gave nothing, by what it raised and what it tried last."""
    for each in _chain(error):
        if isinstance(each, AlgorithmError):
            return each.reason
        if isinstance(each, IntegrityError):
            return FailureReason.SLIDE_DAMAGED
        if isinstance(each, SlideError):
            return FailureReason.SLIDE_DAMAGED if has_mpp else FailureReason.NO_MPP
        if isinstance(each, MemoryError):
            return FailureReason.OUT_OF_MEMORY
        if isinstance(each, RuntimeError) and "start new thread" in str(each):
            return FailureReason.TOO_MANY_PROCESSES
        if isinstance(each, OSError) and (found := _of_system(each, attempts)):
            return found
    return FailureReason.CRASHED


def _of_system(error: OSError, attempts: deque[Attempt]) -> FailureReason | None:
    if error.errno in _FULL:
        return FailureReason.SCRATCH_FULL
    if error.errno == errno.ENOMEM:
        return FailureReason.OUT_OF_MEMORY
    last = attempts[-1][0] if attempts else None
    if last is FailureReason.NETWORK:
        return last  # it has many errors: no route, no name, no protocol
    if error.errno not in _REFUSED:
        return None
    named = [reason for reason, name in attempts if name and name == error.filename]
    if named:
        return named[-1]
    return last if last is FailureReason.TOO_MANY_PROCESSES else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and what it wraps."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen or len(seen) > 20:
            continue
        seen.add(id(each))
        yield each
        wrapped = getattr(each, "reason", None)  # as urllib does
        inner = (each.__cause__, each.__context__, wrapped)
        waiting += [one for one in inner if isinstance(one, BaseException)]
