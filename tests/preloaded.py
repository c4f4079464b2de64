"""Commands of the real program in processes that need not import it first.

A server process imports the node's code once for each test process, and forks for each command:
a node starts in a fifth of the time, and everything after the import is the same.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["bigpicture.app.serve", "bigpicture.cli.serve"])


class Preloaded:
    """As much of `subprocess.Popen` as a running node needs; a group of its own."""

    def __init__(self, words: Sequence[str], *, env: Mapping[str, str], log: Path) -> None:
        self._process = _FORKS.Process(target=_run, args=(list(words), dict(env), str(log)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("bigpicture", timeout or 0)
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _run(words: list[str], env: dict[str, str], log: str) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, closefd=False)  # web processes are given it by its number
    sys.argv = ["bigpicture", *words]
    from bigpicture.cli import run

    run()
