"""Classify a slide by a trained model: the function of an algorithm that `make_algorithm` made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bigpicture.analysis.mil.attended import attention_map
from bigpicture.analysis.mil.bag import bag_of
from bigpicture.analysis.mil.fitted import load_fitted
from bigpicture.analysis.mil.outputs import ATTENTION, FEATURES, LABEL, told_classes
from bigpicture.analysis.values import Facet, Features, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],
    parameters: Mapping[str, Any],  # noqa: ARG001 - the seam's signature
    weights: Path | None,
) -> Values:
    """The class, its probabilities, and where the model looked, of the features of a slide.

    Raises `AlgorithmError`: `empty-glass` without a patch, `no-mpp`, `wrong-weights`.
    """
    features = inputs[FEATURES][FEATURES]
    assert isinstance(features, Features)
    if slide.mpp is None:
        raise AlgorithmError(
            "the slide does not say how large its pixels are.",
            reason=FailureReason.NO_MPP,
            place="slide",
        )
    if weights is None:
        raise AlgorithmError(
            "the model has no weights.", reason=FailureReason.WRONG_WEIGHTS, place="weights"
        )
    if not len(features.vectors):
        raise AlgorithmError(
            "there is no patch of tissue on this slide.",
            reason=FailureReason.EMPTY_GLASS,
            place="features",
        )
    torch.set_num_threads(1)
    fitted = load_fitted(weights)
    try:
        scored = fitted.score(bag_of("slide", features, being="slide"))
    except InputError as error:
        raise AlgorithmError(
            error.what,
            reason=FailureReason.WRONG_WEIGHTS,
            place="features",
            rule=error.rule,
            remedy=error.remedy,
        ) from error
    classes = fitted.training.classes
    step = features.size * features.mpp * 2 / sum(slide.mpp)
    chances = {
        name: Facet(float(np.clip(scored.probabilities[at], 0, 1)), "1")
        for at, name in told_classes(classes)
    }
    return {
        LABEL: Facet(classes[int(np.argmax(scored.probabilities))], ""),
        **chances,
        ATTENTION: attention_map(features.coordinates, scored.attention, step=step),
    }
