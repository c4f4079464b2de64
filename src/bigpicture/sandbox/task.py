"""A task: what a child is asked to do, and how it does it and tells what came of it."""

from __future__ import annotations

import errno
import logging
import pickle
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bigpicture.model.errors import (
    BigpictureError,
    LimitError,
    SandboxError,
    StorageFullError,
    WallError,
)
from bigpicture.sandbox.limits import Limits, Protection, Reach
from bigpicture.sandbox.messages import Kind, pack_error, pack_progress, send

_PROGRESS_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Task:
    """A function (found by its name in the child), what it is given, and its walls."""

    function: Callable[..., object]
    arguments: tuple[object, ...]
    named: Mapping[str, object]
    limits: Limits
    reach: Reach
    reports: bool
    """The function takes `progress`, a callable of done and total."""
    is_plain: bool = False
    """It answers with bytes, and so nothing that it wrote is built into objects."""
    required: frozenset[Protection] = frozenset()
    """Walls without which nothing is done."""


def tell_walls(held: frozenset[Protection], response: int) -> None:
    """Tell that the work begins, and behind which walls."""
    send(response, Kind.STARTED, "\n".join(held).encode())


def work(task: Task, response: int, held: frozenset[Protection]) -> None:
    """Do it behind the walls that `held`, and answer; raises nothing that the answer can tell."""
    # Libraries warn of what they read, and quote it: names would stand in somebody's terminal.
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    named = dict(task.named)
    if task.reports:
        named["progress"] = _reporter(response)
    try:
        _check_walls(task.required, held)
        value = task.function(*task.arguments, **named)
        send(response, Kind.RESULT, _as_bytes(value) if task.is_plain else pickle.dumps(value))
    except BaseException as error:  # noqa: BLE001 - the child has nobody else to tell
        told = _told(error)
        send(response, Kind.ERROR, pack_error(told) if task.is_plain else pickle.dumps(told))


def _check_walls(required: frozenset[Protection], held: frozenset[Protection]) -> None:
    if lacking := required - held:
        raise WallError(
            f"this system cannot shut a program of others in: no {', '.join(sorted(lacking))}.",
            rule="foreign programs run only behind every wall",
            remedy="Run it under Linux with user namespaces, Landlock and seccomp.",
        )


def _as_bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise SandboxError("a child process answered with something that is not bytes.")
    return value


def _reporter(response: int) -> Callable[[int, int], None]:
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _PROGRESS_EVERY or done == total:
            last = now
            send(response, Kind.PROGRESS, pack_progress(done, total))

    return report


def _told(error: BaseException) -> BigpictureError:
    """Turn any error into ours. A foreign message may quote the file, so only its kind is told."""
    if isinstance(error, BigpictureError):
        return error
    if isinstance(error, MemoryError):
        return SandboxError(
            "a child process needed more memory than its limit.",
            remedy="Give it more memory if the slide is genuine.",
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return StorageFullError("there is no room left to write.", remedy="Free some and repeat.")
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return LimitError("a child process wrote a file longer than its limit.")
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return SandboxError(f"a child process failed with {type(error).__name__}.", place=place)
