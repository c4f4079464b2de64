"""Run: hands a task to a child process and takes back its result, or a clean error."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from types import TracebackType
from typing import Self, TypeVar, cast

from bigpicture.sandbox.fork import Forker
from bigpicture.sandbox.limits import Limits, Protection, Reach
from bigpicture.sandbox.listen import Progress, Ran
from bigpicture.sandbox.spawn import Spawner
from bigpicture.sandbox.task import Task

__all__ = ["Limits", "Protection", "Ran", "Reach", "Sandbox", "Way", "kept_sandbox", "run"]

T = TypeVar("T")


class Way(StrEnum):
    """How a child comes to be. `FORK` has walls; `SPAWN` has its time, its variables, no files."""

    FORK = "fork"
    SPAWN = "spawn"

    @classmethod
    def here(cls) -> Way:
        """The better one that this system offers."""
        return cls.FORK if hasattr(os, "fork") else cls.SPAWN


class Sandbox:
    """Children with limits; where there is a fork, from a nursery that has loaded `preload`.

    May be used from several threads; each call has its own child. Close it, or use it with
    `with`; it also ends when this process does.
    """

    def __init__(self, *, preload: Sequence[str] = (), way: Way | None = None) -> None:
        self.way = way or Way.here()
        self._children = Forker(preload) if self.way is Way.FORK else Spawner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(
        self,
        function: Callable[..., T],
        *arguments: object,
        limits: Limits | None = None,
        reach: Reach | None = None,
        progress: Progress | None = None,
        named: Mapping[str, object] | None = None,
        is_plain: bool = False,
        required: frozenset[Protection] = frozenset(),
    ) -> Ran[T]:
        """Run `function` in a child; it and its arguments travel by pickle.

        With `progress`, the function is also given `progress=`, and what it reports arrives here.
        An error of ours raised in the child is raised here; a child that crashes, hangs, needs
        more than its `limits` or answers nonsense is a `SandboxError`. What is returned says
        which walls stood: where there is no fork, neither memory nor files are limited.

        `is_plain`: the function answers with bytes, which are not unpickled, and of its errors only
        printable words come here. Without one of the walls `required` it is not called, and a
        `WallError` raised. Both are for functions that run what others wrote.
        """
        limits = limits or Limits()
        task = Task(
            function,
            arguments,
            named or {},
            limits,
            reach or Reach(),
            progress is not None,
            is_plain,
            required,
        )
        return cast("Ran[T]", self._children.run(task, progress))

    def close(self) -> None:
        """End every child still running, and the nursery."""
        self._children.close()


def run(
    function: Callable[..., T],
    *arguments: object,
    limits: Limits | None = None,
    reach: Reach | None = None,
    progress: Progress | None = None,
) -> T:
    """Run one function in a child; see `Sandbox.run`.

    The nursery that has loaded the function's module stays for the next call of this process.
    """
    sandbox = kept_sandbox(function.__module__)
    return sandbox.run(function, *arguments, limits=limits, reach=reach, progress=progress).value


@cache
def kept_sandbox(module: str) -> Sandbox:
    """This process's sandbox whose nursery has loaded `module`; it ends with the process."""
    sandbox = Sandbox(preload=(module,))
    atexit.register(sandbox.close)
    return sandbox
