"""Invented slides: memory stays flat when the slide grows four times as tall."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.claim import Claim

WIDTH = 4096
SHORT, TALL = 2048, 8192


def claims() -> list[Claim]:
    short, tall = _peak(SHORT), _peak(TALL)
    return [
        Claim.of(
            f"phantom: peak memory, {WIDTH} x {TALL} beside {WIDTH} x {SHORT}",
            ours=tall,
            peer=short,
            unit="MiB",
            target=0.9,
            more_is_better=False,
        )
    ]


def _peak(height: int) -> float:
    """Peak memory in MiB of a process of its own that writes one slide."""
    words = [sys.executable, "-m", "benchmarks.phantom", str(height)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def _child(height: int) -> None:
    from bigpicture.phantom.slides import write_svs
    from bigpicture.phantom.tissue import Tissue

    tissue = Tissue(seed=1, width=WIDTH, height=height, organ="breast", finding="carcinoma")
    with tempfile.TemporaryDirectory() as folder:
        write_svs(Path(folder) / "slide.svs", tissue, threads=1)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    _child(int(sys.argv[1]))
