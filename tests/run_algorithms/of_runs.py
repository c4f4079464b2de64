"""Algorithms for tests of runs: what they give can be told by hand, and how often they ran.

They write nothing but what they return: the tests count with the pixels they read.
"""

from __future__ import annotations

import time

import numpy as np

from bigpicture.analysis.values import Facet, Mask


def mean(slide, *, inputs, parameters, weights):
    """The mean of red over the whole slide, and where red is above a threshold."""
    time.sleep(parameters["seconds"])
    red = slide.region(0, 0, slide.width, slide.height)[..., 0]
    if red.min() == red.max() == 255:
        raise ValueError("all of it is white: secret-name")
    mask = (red > parameters["above"]).astype(np.uint8)
    return {
        "mean_red": Facet(float(red.mean())),
        "red": Mask(mask, 0.0, 0.0, 1.0, ("red",)),
    }


def share(slide, *, inputs, parameters, weights):
    """The share of the slide that is red, from what `mean` gave."""
    return {"share": Facet(float((inputs["reds"]["red"].pixels > 0).mean()))}
