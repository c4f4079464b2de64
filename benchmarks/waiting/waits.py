"""An algorithm that takes half a second: it reads a little of the slide, then waits."""

from __future__ import annotations

import time

from bigpicture.analysis.values import Facet

SECONDS = 0.5


def run(slide, *, inputs, parameters, weights):
    """Wait until half a second is over since it was called."""
    del inputs, parameters, weights
    began = time.perf_counter()
    mean = float(slide.region(0, 0, 256, 256).mean())
    time.sleep(max(0.0, SECONDS - (time.perf_counter() - began)))
    return {"mean": Facet(mean)}
