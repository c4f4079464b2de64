"""Commands of the real program in processes that need not import it first.

A server process imports the node's code once for each test process, and forks for each command:
a node starts in a fifth of the time, and everything after the import is the same. That the program
starts by itself too is seen where it is installed (`journeys`) and where it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_COMMANDS = ("cohort", "convert", "deidentify", "metaflex", "search", "site", "submit")
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["bigpicture.app.serve", "bigpicture.cli.serve", *(f"bigpicture.cli.{n}" for n in _COMMANDS)]
)


def ran(
    *words: object,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    typed: str = "",
    timeout: float = 280,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `subprocess.run` does with `python -m bigpicture`.

    `env` are all its variables (ours unless given), `typed` is its standard input.
    """
    variables = dict(os.environ if env is None else env)
    command = [str(word) for word in words]
    with tempfile.TemporaryDirectory(prefix="bigpicture-ran-") as folder:
        typed_in, out, err = (Path(folder) / name for name in ("in", "out", "err"))
        typed_in.write_text(typed, encoding="utf-8")
        process = Preloaded(command, env=variables, log=out, errors=err, typed=typed_in, cwd=cwd)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        said = out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")
    return subprocess.CompletedProcess(command, status, *said)


class Preloaded:
    """As much of `subprocess.Popen` as a running node needs; a group of its own.

    What it writes goes to the end of `log`, its errors to `errors` if given; it reads `typed`.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        errors: Path | None = None,
        typed: Path | None = None,
        cwd: Path | None = None,
    ) -> None:
        ends = (str(typed or os.devnull), str(log), str(errors or log))
        given = (list(words), dict(env), str(cwd or Path.cwd()), ends)
        self._process = _FORKS.Process(target=_run, args=given)
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


def _run(words: list[str], env: dict[str, str], here: str, ends: tuple[str, str, str]) -> None:
    os.setsid()
    os.chdir(here)
    os.environ.clear()
    os.environ.update(env)
    typed, log, errors = ends
    os.dup2(os.open(typed, os.O_RDONLY), 0)
    for end, place in ((1, log), (2, errors)):
        os.dup2(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), end)
    sys.stdin = os.fdopen(0, closefd=False)  # web processes are given it by its number
    sys.argv = ["bigpicture", *words]
    from bigpicture.cli import run

    run()
