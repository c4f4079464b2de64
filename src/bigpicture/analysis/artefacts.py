"""Artefacts: folds of the tissue and bubbles under the coverslip, by rules of thumb.

A fold is a long, narrow strip of tissue about twice as dense as what lies beside it; a bubble is
ringed by a thin grey line. Both rules were made and measured on generated slides only.
"""

from __future__ import annotations

import cv2
import numpy as np

from bigpicture.analysis.glass import Density, Where, extremes, summed
from bigpicture.analysis.shapes import Binary, close_gaps, drop_small, drop_thin, widen

_AROUND = 1000.0
"""Micrometres a side of the neighbourhood that a fold is denser than."""
_DENSER, _DENSE = 1.35, 0.6
_FOLD_THIN, _FOLD_BROAD, _FOLD_SMALL = 30.0, 400.0, 0.01
_LONG = 2.0
"""Times its breadth that a fold is long at least."""

_GREY, _DARK = 0.3, 0.45
"""A rim's chroma is less than this part of its density, which is more than that."""
_RIM, _BREAK = 80.0, 60.0
"""Micrometres: a rim is thinner than the one, and what breaks it narrower than the other."""
_BUBBLE_SMALL = 0.02
_ROUND = 0.6
"""4 pi area / perimeter^2, at least: a circle has 1."""


def find_folds(over_glass: Density, tissue: Where, *, mpp: float) -> Where:
    """Where the tissue (h, w) is folded, of densities over the glass (h, w, 3)."""
    smooth = cv2.blur(summed(over_glass), (3, 3))
    within = smooth * tissue
    side = (max(3, round(_AROUND / mpp)),) * 2
    # Weighed by density itself, so that fat and lumina beside a strip do not make it dense.
    around = cv2.boxFilter(within * within, -1, side) / np.maximum(
        cv2.boxFilter(within, -1, side), 1e-3
    )
    dense = ((smooth > _DENSER * around) & (smooth > _DENSE) & tissue).astype(np.uint8)
    narrow = dense & (1 - drop_thin(dense, _FOLD_BROAD, mpp))
    strips = drop_thin(close_gaps(narrow, _FOLD_THIN, mpp), _FOLD_THIN, mpp)
    return _long_ones(drop_small(strips, _FOLD_SMALL, mpp))


def find_bubbles(over_glass: Density, ink: Where, *, mpp: float) -> Where:
    """Where air lies under the coverslip, its rim too; `ink` (h, w) is not taken for a rim."""
    most, least = extremes(over_glass)
    dark = ((most > _DARK) & (most - least < _GREY * most) & ~ink).astype(np.uint8)
    rim = close_gaps(dark & (1 - drop_thin(dark, _RIM, mpp)), _BREAK, mpp)
    found = np.zeros_like(rim)
    curves, _ = cv2.findContours(rim, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for curve in curves:
        area, length = cv2.contourArea(curve), cv2.arcLength(curve, closed=True)
        is_large = area * mpp**2 * 1e-6 >= _BUBBLE_SMALL
        if is_large and 4 * np.pi * area / length**2 >= _ROUND:
            cv2.drawContours(found, [curve], -1, 1, cv2.FILLED)
    return widen(found, mpp, mpp).astype(bool)


def _long_ones(mask: Binary) -> Where:
    found = np.zeros_like(mask)
    curves, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for curve in curves:
        _, (one, other), _ = cv2.minAreaRect(curve)
        if max(one, other) + 1 >= _LONG * (min(one, other) + 1):
            cv2.drawContours(found, [curve], -1, 1, cv2.FILLED)
    return (found & mask).astype(bool)
