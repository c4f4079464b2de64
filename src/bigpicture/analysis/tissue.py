"""Tissue: where a section lies on the glass, of an overview at about 10 micrometres per pixel.

Evidence is the optical density over the estimated glass, as far as it has a colour: air, dust and
shadows are grey. Its threshold follows Otsu (IEEE Trans SMC 9:62, 1979), with the noise of the
glass as the floor. Ink is taken out, and what is left is closed, opened and cleared by sizes in
micrometres, so that fat, seen as specks and threads at this scale, becomes one piece.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bigpicture.analysis.glass import (
    Density,
    Glass,
    Pixels,
    Where,
    density,
    extremes,
    find_glass,
    summed,
)
from bigpicture.analysis.ink import find_ink
from bigpicture.analysis.shapes import close_gaps, drop_small, drop_thin, fill_holes

MPP = 10.0
"""Micrometres per pixel of the overviews that the sizes below were chosen on."""

_COLOURED = 8.0
"""Times its chroma that a density counts at most: pale stains have 0.2 of theirs as chroma."""
_OTSU, _FLOOR, _CEILING = 0.06, 0.02, 0.3
"""The threshold: this part of Otsu's, but within these densities."""
_NOISE = 4.0
"""Deviations of the glass that the threshold stays above."""
_SCALE = 100.0
"""Steps a unit of density in the histogram of Otsu's threshold."""

_GAP = 190.0
"""Micrometres between the specks of one piece: about two fat cells."""
_THIN = 60.0
"""Micrometres: what is thinner is a thread or a shadow."""
_SMALL = 0.05
"""Square millimetres: what is smaller is a crumb."""
_HOLE = 0.15
"""Square millimetres: what is larger is no lumen, but a hole."""


@dataclass(frozen=True, slots=True, eq=False)
class Segmented:
    """Where tissue lies and where ink does, (h, w) each, apart; and by what it was told."""

    tissue: Where
    ink: Where
    glass: Glass
    over_glass: Density
    """Optical density over the glass, natural logarithm, (h, w, 3)."""
    threshold: float


def segment(picture: Pixels, *, mpp: float = MPP) -> Segmented:
    """Tissue and ink of an overview, RGB uint8 (h, w, 3) at `mpp` micrometres per pixel."""
    glass = find_glass(picture)
    over_glass = density(picture, glass)
    ink = find_ink(over_glass, mpp=mpp)
    evidence = _evidence(over_glass)
    threshold = _threshold(evidence, ink, glass)
    stained = ((evidence > threshold) & ~ink).astype(np.uint8)
    whole = drop_thin(close_gaps(stained, _GAP, mpp), _THIN, mpp)
    whole = fill_holes(drop_small(whole, _SMALL, mpp), _HOLE, mpp).astype(bool)
    return Segmented(whole & ~ink, ink, glass, over_glass, threshold)


def _evidence(over_glass: Density) -> Density:
    """Summed density, (h, w), but no more than its colour allows."""
    most, least = extremes(np.asarray(cv2.blur(over_glass, (3, 3)), np.float32))
    allowed = _COLOURED * (most - least)
    return np.asarray(cv2.min(summed(over_glass), allowed), np.float32)


def _threshold(evidence: Density, ink: Where, glass: Glass) -> float:
    steps = cv2.convertScaleAbs(evidence, alpha=_SCALE)
    steps = steps[~ink].reshape(1, -1) if ink.any() else steps
    otsu, _ = cv2.threshold(steps, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    wanted = max(_OTSU * otsu / _SCALE, _FLOOR, _NOISE * glass.noise)
    return min(wanted, _CEILING)
