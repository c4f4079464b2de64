"""Shapes are told by their size in micrometres, whatever the scale."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.analysis.shapes import close_gaps, drop_small, drop_thin, fill_holes, widen


def block(mpp, *, size=3000, at=500, side=1000):
    """A square of `side` micrometres in a field of `size`."""
    mask = np.zeros((round(size / mpp),) * 2, np.uint8)
    first, last = round(at / mpp), round((at + side) / mpp)
    mask[first:last, first:last] = 1
    return mask


@pytest.mark.parametrize("mpp", [5, 10, 20])
def test_pieces_stay_by_their_square_millimetres(mpp):
    mask = block(mpp)  # one square millimetre
    assert drop_small(mask, 0.9, mpp).sum() == mask.sum()
    assert drop_small(mask, 1.1, mpp).sum() == 0


@pytest.mark.parametrize("mpp", [5, 10, 20])
def test_holes_are_filled_by_their_square_millimetres(mpp):
    hole = block(mpp, size=3000, at=1200, side=400)  # 0.16 square millimetres
    ring = np.zeros_like(hole)
    ring[20:-20, 20:-20] = 1 - hole[20:-20, 20:-20]
    assert fill_holes(ring, 0.2, mpp).sum() == ring.sum() + hole.sum()
    assert fill_holes(ring, 0.1, mpp).sum() == ring.sum()


def test_what_touches_the_edge_is_no_hole():
    mask = np.ones((50, 50), np.uint8)
    mask[:5, :5] = 0
    assert fill_holes(mask, 1, 10)[0, 0] == 0


def test_threads_go_and_gaps_close():
    mask = np.zeros((60, 60), np.uint8)
    mask[10:50, 10:28] = mask[10:50, 32:50] = 1
    assert close_gaps(mask, 90, 10)[30, 29] == 1
    assert close_gaps(mask, 30, 10)[30, 29] == 0
    thread = np.zeros((60, 60), np.uint8)
    thread[30:33] = 1
    assert not drop_thin(thread, 50, 10).any()
    assert drop_thin(thread, 30, 10).any()
    assert widen(thread, 30, 10).sum() == 5 * 60
