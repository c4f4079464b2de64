"""How much memory a command takes, its children included, looked at from outside."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

_EVERY = 0.02


def peak_memory(command: list[object]) -> int:
    """The largest proportional set size in bytes (Linux): shared pages count once in all.

    Raises `CalledProcessError` where the command fails.
    """
    with subprocess.Popen([str(word) for word in command]) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, held_by(process.pid))
            time.sleep(_EVERY)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return peak


def held_by(process: int) -> int:
    """The proportional set size in bytes (Linux) of a process and its children together."""
    return sum(_proportional(each) for each in _family(process))


def _family(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(other for child in children for other in _family(int(child)))]


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
