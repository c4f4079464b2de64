"""Shapes: a mask made whole by sizes in micrometres and square millimetres, whatever its scale."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Binary = NDArray[np.uint8]
"""A mask of zeros and ones, (h, w)."""

_SQUARE_MM = 1e6
"""Square micrometres."""
_SMALL = 3
"""Pixels of radius up to which a disc is quicker laid down than measured."""


def disc(diameter: float, mpp: float) -> Binary:
    """A disc of `diameter` micrometres at `mpp`, an odd number of pixels across."""
    side = 2 * _radius(diameter, mpp) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def close_gaps(mask: Binary, diameter: float, mpp: float) -> Binary:
    """Fill what a disc of `diameter` micrometres does not fit into."""
    radius = _radius(diameter, mpp)
    if radius <= _SMALL:
        return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(diameter, mpp)), np.uint8)
    return _shrunk(_grown(mask, radius), radius)


def drop_thin(mask: Binary, diameter: float, mpp: float) -> Binary:
    """Keep what a disc of `diameter` micrometres fits into."""
    radius = _radius(diameter, mpp)
    if radius <= _SMALL:
        return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc(diameter, mpp)), np.uint8)
    return _grown(_shrunk(mask, radius), radius)


def widen(mask: Binary, diameter: float, mpp: float) -> Binary:
    """The mask and what lies within half of `diameter` micrometres around it."""
    return _grown(mask, _radius(diameter, mpp))


def drop_small(mask: Binary, area: float, mpp: float) -> Binary:
    """Keep the pieces of `area` square millimetres at least."""
    labels, areas, _ = _pieces(mask)
    kept = areas >= area * _SQUARE_MM / mpp**2
    kept[0] = False
    return kept[labels].astype(np.uint8)


def fill_holes(mask: Binary, area: float, mpp: float) -> Binary:
    """Fill holes of less than `area` square millimetres; what touches the edge is no hole."""
    labels, areas, is_edge = _pieces(1 - mask)
    filled = (areas < area * _SQUARE_MM / mpp**2) & ~is_edge
    filled[0] = False
    return mask | filled[labels].astype(np.uint8)


def _radius(diameter: float, mpp: float) -> int:
    """Whole pixels, so that a disc has a middle."""
    return (round(diameter / mpp) | 1) // 2


def _grown(mask: Binary, radius: int) -> Binary:
    """All within so many pixels; by distances, which cost the same for any disc."""
    if not mask.any():
        return mask.copy()
    return (_distances(1 - mask) <= radius).astype(np.uint8)


def _shrunk(mask: Binary, radius: int) -> Binary:
    """All that is further than so many pixels from what is outside; beyond the edge is nothing."""
    if mask.all():
        return mask.copy()
    return (_distances(mask) > radius).astype(np.uint8)


def _distances(mask: Binary) -> cv2.typing.MatLike:
    return cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)


def _pieces(
    mask: Binary,
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """Label of each pixel, and of each label its pixels and whether it touches the edge."""
    height, width = mask.shape
    _, labels, facts, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    left, top = facts[:, cv2.CC_STAT_LEFT], facts[:, cv2.CC_STAT_TOP]
    right, bottom = left + facts[:, cv2.CC_STAT_WIDTH], top + facts[:, cv2.CC_STAT_HEIGHT]
    is_edge = (left == 0) | (top == 0) | (right == width) | (bottom == height)
    return np.asarray(labels, np.int32), facts[:, cv2.CC_STAT_AREA].astype(np.int64), is_edge
