"""FROC: how much is found at how many false finds a slide, as CAMELYON16 scores it.

Ehteshami Bejnordi et al., JAMA 2017, doi 10.1001/jama.2017.14585: the mean sensitivity at 1/4, 1/2,
1, 2, 4 and 8 false positives a slide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bigpicture.model.errors import InputError

RATES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, slots=True)
class Find:
    """A find with its score; `lesion` is the number of the true lesion it lies in, None if none."""

    score: float
    lesion: int | None


@dataclass(frozen=True, slots=True)
class Froc:
    """Sensitivity at each of `RATES`, and their mean."""

    sensitivities: tuple[float, ...]
    score: float


def froc(slides: Sequence[tuple[Sequence[Find], int]]) -> Froc:
    """Of each slide its finds and the number of its lesions; a lesion counts by its best find.

    Raises `InputError` where no slide has a lesion.
    """
    lesions = sum(count for _, count in slides)
    if not lesions:
        raise InputError(
            "no slide has a lesion.", place="lesions", remedy="Evaluate on slides that have some."
        )
    hits = np.sort([score for finds, _ in slides for score in _best(finds).values()])
    false = np.sort([find.score for finds, _ in slides for find in finds if find.lesion is None])
    sensitivities = tuple(
        _sensitivity(hits, false, int(rate * len(slides))) / lesions for rate in RATES
    )
    return Froc(sensitivities, float(np.mean(sensitivities)))


def _best(finds: Sequence[Find]) -> dict[int, float]:
    best: dict[int, float] = {}
    for find in finds:
        if find.lesion is not None:
            best[find.lesion] = max(find.score, best.get(find.lesion, -np.inf))
    return best


def _sensitivity(hits: np.ndarray, false: np.ndarray, allowed: int) -> int:
    """Lesions found at the lowest threshold that lets `allowed` false finds through at most."""
    if allowed >= len(false):
        return len(hits)
    threshold = false[-(allowed + 1)]
    return int((hits > threshold).sum())
