"""Kills a forked child before the n-th time that it touches a file."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

TOUCHES = frozenset({"open", "os.rename", "os.link", "os.remove", "os.mkdir"})


def killed(act: Callable[[], object], *, at: int) -> bool:
    """Run `act` in a fork that dies by SIGKILL before touch number `at`; False where it ended."""
    child = os.fork()
    if child == 0:
        count = 0

        def watch(event: str, _: object) -> None:
            nonlocal count
            if event in TOUCHES:
                if count == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                count += 1

        sys.addaudithook(watch)
        try:
            act()
        except BaseException:  # noqa: BLE001 - a fork must not return to pytest
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status != 0
