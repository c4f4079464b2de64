"""Each artefact changes the slide inside its mask and nowhere else."""

import numpy as np
import pytest

from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.place import MARGIN, Block
from bigpicture.phantom.tissue import Tissue

EDGE = 3
"""Pixels by which the blur of the optics carries an artefact past its edge."""


@pytest.mark.parametrize("kind", Kind)
def test_the_mask_is_exact(kind):
    clean = Tissue(seed=9, width=2048, height=2048, organ="liver")
    marred = Tissue(seed=9, width=2048, height=2048, organ="liver", kinds=(kind,))
    seen = 0
    for column, row in ((0, 0), (1, 0), (0, 1), (1, 1)):
        cover = marred.artefacts[0].cover(Block(column, row, marred.mpp))
        mask = cover[MARGIN:-MARGIN, MARGIN:-MARGIN]
        changed = (clean.block(column, row) != marred.block(column, row)).any(axis=2)
        rows, columns = np.nonzero(changed & ~mask)
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True):
            near = mask[max(y - EDGE, 0) : y + EDGE + 1, max(x - EDGE, 0) : x + EDGE + 1]
            assert near.any(), f"{kind} changes ({x}, {y}) away from its mask"
        seen += int((changed & mask).sum())
        if mask.sum() > 20_000:
            assert (changed & mask).sum() > 0.2 * mask.sum()
    assert seen > 3000
