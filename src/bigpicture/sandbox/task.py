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

from bigpicture.model.errors import BigpictureError, LimitError, SandboxError, StorageFullError
from bigpicture.sandbox.limits import Limits, Protection, Reach
from bigpicture.sandbox.messages import Kind, pack_progress, send

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


def tell_walls(held: frozenset[Protection], response: int) -> None:
    """Tell that the work begins, and behind which walls."""
    send(response, Kind.STARTED, "\n".join(held).encode())


def work(task: Task, response: int) -> None:
    """Do it and answer; raises nothing that the answer can tell."""
    # Libraries warn of what they read, and quote it: names would stand in somebody's terminal.
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    named = dict(task.named)
    if task.reports:
        named["progress"] = _reporter(response)
    try:
        value = task.function(*task.arguments, **named)
        send(response, Kind.RESULT, pickle.dumps(value))
    except BaseException as error:  # noqa: BLE001 - the child has nobody else to tell
        send(response, Kind.ERROR, pickle.dumps(_told(error)))


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
