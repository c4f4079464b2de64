"""Peers that run in processes of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = HERE.parent / ".venv-peers" / "bin" / "python"


class Wsidicomizer:
    """A running wsidicomizer; its start is not measured."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def convert(self, source: Path, folder: Path, tile: int) -> float:
        """Seconds that converting `source` into `folder` takes."""
        print(json.dumps([str(source), str(folder), tile]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("wsidicomizer ended; run it by hand to see why")
        return float(answer)


class LargeImage:
    """A running large_image; its start is not measured."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def regions(self, path: Path, places: Sequence[tuple[int, int]], side: int) -> float:
        """Seconds that drawing squares with these corners as JPEG takes."""
        print(json.dumps([str(path), places, side]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("large_image ended; run it by hand to see why")
        return float(answer)


@contextmanager
def large_image() -> Iterator[LargeImage | None]:
    """Start it; None, with the reason printed, where it cannot run."""
    if not PYTHON.exists():
        print("no large_image: `make bench` makes its environment")
        yield None
        return
    with subprocess.Popen(
        [PYTHON, HERE / "peer_large_image.py"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        if process.stdout.readline() != "ready\n":
            print("large_image does not start: run benchmarks/peer_large_image.py by hand")
            yield None
            return
        yield LargeImage(process)
        process.stdin.close()


@contextmanager
def wsidicomizer() -> Iterator[Wsidicomizer | None]:
    """Start it; None, with the reason printed, where it cannot run.

    `make bench` makes its environment; the library that it decodes with comes from the system.
    """
    if not PYTHON.exists():
        print("no wsidicomizer: `make bench` makes its environment")
        yield None
        return
    command = [PYTHON, HERE / "peer_wsidicomizer.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        if process.stdout.readline() != "ready\n":
            print("wsidicomizer does not start: it needs libturbojpeg (Debian: libturbojpeg0)")
            yield None
            return
        yield Wsidicomizer(process)
        process.stdin.close()
