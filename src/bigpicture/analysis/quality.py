"""Quality: which part of the tissue can be used, and what keeps the rest from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.artefacts import find_bubbles, find_folds
from bigpicture.analysis.focus import BLURRED
from bigpicture.analysis.glass import Density, Where


class Flaw(StrEnum):
    """What keeps tissue from being used, in the order in which one covers another."""

    BLUR = "out of focus"
    FOLD = "fold"
    BUBBLE = "bubble"
    PEN = "pen"


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """`usable` is tissue without flaws, (h, w); `score` its part of tissue and pen, 0 to 1.

    `flaws` are where each lies, `parts` how much of tissue and pen each covers. The score is None
    where there is neither tissue nor pen.
    """

    usable: Where
    flaws: Mapping[Flaw, Where]
    parts: Mapping[Flaw, float]
    score: float | None


def judge(
    over_glass: Density, tissue: Where, ink: Where, focus: NDArray[np.float32], *, mpp: float
) -> Quality:
    """Judge an overview of densities over the glass (h, w, 3) at `mpp`.

    `tissue` and `ink` are masks (h, w), `focus` a map (h, w), NaN where nothing was evaluated.
    """
    flaws = {
        Flaw.BLUR: (focus < BLURRED) & tissue,
        Flaw.FOLD: find_folds(over_glass, tissue, mpp=mpp),
        Flaw.BUBBLE: find_bubbles(over_glass, ink, mpp=mpp),
        Flaw.PEN: ink,
    }
    section = tissue | ink
    flawed = np.logical_or.reduce(list(flaws.values()))
    usable = tissue & ~flawed
    whole = int(np.count_nonzero(section))
    parts = {
        flaw: float(np.count_nonzero(where & section)) / max(whole, 1)
        for flaw, where in flaws.items()
    }
    score = float(np.count_nonzero(usable)) / whole if whole else None
    return Quality(usable, flaws, parts, score)
