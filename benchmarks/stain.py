"""Stain normalisation beside torchstain, one thread each, and Vahadane's matrix beside spams.

Pictures are invented tissue of two laboratories, a megapixel each; a slide is fitted once, so the
rate of a fitted normaliser stands beside that of fit and apply together.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import process_time

import cv2
import numpy as np

from benchmarks.claim import Claim
from benchmarks.peers import HERE, PYTHON
from bigpicture.analysis.stain_apply import normalise
from bigpicture.analysis.stain_matrix import GLASS, fit_macenko, stained_densities
from bigpicture.analysis.stain_vahadane import SAMPLE, fit_vahadane
from bigpicture.phantom.tissue import Tissue

ROUNDS = 7
SIDE = 1024


def claims() -> list[Claim]:
    """Megapixels a core-second; ours and theirs are taken in turn, and the median is shown."""
    cv2.setNumThreads(1)
    source, target = (
        Tissue(seed=5, organ="colon", look=look).region(3072, 4096, SIDE, SIDE) for look in (1, 2)
    )
    fitted = fit_macenko(source), fit_macenko(target)
    normalise(source, *fitted)  # compiled
    ours = {
        "fit and apply": lambda: normalise(source, fit_macenko(source), fitted[1]),
        "apply": lambda: normalise(source, *fitted),
    }
    with tempfile.TemporaryDirectory() as folder, _torchstain() as ask:
        if ask is None:
            return []
        places = [Path(folder, f"{name}.npy") for name in ("source", "target", "densities")]
        densities = stained_densities(source, glass=GLASS, sample=SAMPLE, seed=0)
        for place, array in zip(places, (source, target, densities), strict=True):
            np.save(place, array)
        ask("fit", str(places[1]))
        ask("normalise", str(places[0]))  # warm
        rates: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name, act in ours.items():
                rates.setdefault(name, []).append(_seconds(act))
            for backend in ("torch", "numpy"):
                rates.setdefault(backend, []).append(ask("normalise", str(places[0]), backend))
        theirs = np.array(ask("spams", str(places[2])))
    found = fit_vahadane(source)
    _say(found.matrix, theirs)
    million = source.shape[0] * source.shape[1] / 1e6
    rate = {name: million / median(seconds) for name, seconds in rates.items()}

    def claim(ours: str, theirs: str) -> Claim:
        return Claim.of(
            f"Macenko, {ours}, against torchstain on {theirs}",
            ours=rate[ours],
            peer=rate[theirs],
            unit="MPx/core-s",
            target=5,
        )

    return [claim(one, other) for one in ("fit and apply", "apply") for other in ("torch", "numpy")]


def _say(ours: np.ndarray, theirs: np.ndarray) -> None:
    cosine = np.clip((ours * theirs).sum(axis=0), -1, 1)
    angle = float(np.degrees(np.arccos(cosine)).max())
    print(f"Vahadane: {angle:.3f} degrees from the matrix that spams finds, on generated tissue")


def _seconds(act: Callable[[], object]) -> float:
    began = process_time()
    act()
    return process_time() - began


@contextmanager
def _torchstain() -> Iterator[Callable[..., object] | None]:
    """Ask torchstain; None, with the reason printed, where it cannot run."""
    if not PYTHON.exists():
        print("no torchstain: `make bench` makes its environment")
        yield None
        return
    with subprocess.Popen(
        [PYTHON, HERE / "peer_torchstain.py"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip

        def ask(*words: str) -> object:
            print(json.dumps(words), file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise RuntimeError("torchstain ended; run benchmarks/peer_torchstain.py by hand")
            return json.loads(answer)

        if process.stdout.readline() != "ready\n":
            print("torchstain does not start: run benchmarks/peer_torchstain.py by hand")
            yield None
            return
        yield ask
        process.stdin.close()


if __name__ == "__main__":
    for each in claims():
        print(each)
