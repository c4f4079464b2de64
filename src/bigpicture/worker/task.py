"""A task: found by its name where it runs; what goes wrong in it comes back as an outcome."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from importlib import import_module
from operator import attrgetter
from threading import Lock
from typing import Any

import structlog

from bigpicture.model.errors import BigpictureError
from bigpicture.model.executor import Outcome, Task

LONGEST_REFERENCE = 200
"""Characters. A reference names a row; what is longer would be carrying contents."""

Wait = Callable[[], Outcome]


def name_of(function: Callable[..., object]) -> str:
    """`module:function`, under which another process finds it; raises `ValueError` if none can."""
    name = f"{function.__module__}:{function.__qualname__}"
    if "<" in name or function.__module__ == "__main__":
        raise ValueError(f"{name} is no function of a module.")
    return name


def find(name: str) -> Callable[..., Any]:
    """The function of a name."""
    module, _, path = name.partition(":")
    return attrgetter(path)(import_module(module))


def attempt(name: str, stores: object, reference: str) -> Outcome:
    """Do one task; an error of ours is its outcome as it is, a fault is told by a reference."""
    try:
        find(name)(stores, reference)
    except BigpictureError as error:
        return error
    except Exception as error:  # noqa: BLE001 - told in the log and in the outcome
        return fault(error, task=name, reference=reference)
    return None


def fault(error: Exception, **about: str) -> BigpictureError:
    """Log a fault of the node; returns what the contributor reads, with the number to find it."""
    number = secrets.token_hex(4)
    structlog.get_logger().error("failed", number=number, exc_info=error, **about)
    return BigpictureError(
        f"the node met a fault of its own ({type(error).__name__}, reference {number}).",
        remedy="Nothing is lost. Complete the submission again; if it stays, tell the steward.",
    )


class UnderWay:
    """What is being done now, so that it is not begun twice. Threads may share one."""

    def __init__(self, begin: Callable[[str, str], Wait]) -> None:
        self._begin = begin
        self._waits: dict[tuple[str, str], Wait] = {}
        self._lock = Lock()

    def each(self, task: Task, references: Sequence[str]) -> list[Outcome]:
        """Begin what is not under way yet, then wait for all; see `Executor.each`."""
        name = name_of(task)
        for reference in references:
            if len(reference) > LONGEST_REFERENCE:
                raise ValueError(f"a reference of {len(reference)} characters carries contents.")
        keys = [(name, reference) for reference in references]
        begun: list[tuple[str, str]] = []
        try:
            with self._lock:
                for key in dict.fromkeys(keys):
                    if key not in self._waits:
                        self._waits[key] = self._begin(*key)
                        begun.append(key)
                waits = [self._waits[key] for key in keys]
            return [wait() for wait in waits]
        finally:
            with self._lock:
                for key in begun:
                    del self._waits[key]
