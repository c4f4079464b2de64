"""Quality: flaws on generated slides are found where they are; the score is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.analysis.artefacts import find_bubbles, find_folds
from bigpicture.analysis.quality import Flaw, judge
from bigpicture.analysis.tissue import segment
from bigpicture.phantom.artefacts import Kind
from real_pictures import dice, real


@pytest.fixture(scope="module")
def flaws(generated):
    found = []
    for each in generated:
        seen = segment(each.overview.picture)
        folds = find_folds(seen.over_glass, seen.tissue, mpp=10)
        found.append((each, folds, find_bubbles(seen.over_glass, seen.ink, mpp=10)))
    return found


def test_generated_bubbles(flaws):
    bubbles = [
        dice(found, each.overview.artefacts[Kind.BUBBLE])
        for each, _, found in flaws
        if Kind.BUBBLE in each.overview.artefacts
    ]
    assert len(bubbles) == 8
    assert np.mean(np.greater(bubbles, 0.9)) >= 0.75, bubbles
    none = [found for each, _, found in flaws if Kind.BUBBLE not in each.overview.artefacts]
    assert max(found.mean() for found in none) < 0.01


def test_a_generated_fold(flaws):
    """Where the stain is as strong as usual; a pale fold is not told."""
    view, found = next((each.overview, folds) for each, folds, _ in flaws if each.base.kinds)
    fold = view.artefacts[Kind.FOLD] & view.tissue
    assert found[fold].mean() > 0.35
    assert found[~fold].mean() < 0.005


def test_no_folds_where_there_are_none(flaws):
    none = [found for each, found, _ in flaws if Kind.FOLD not in each.overview.artefacts]
    assert len(none) == 18
    assert max(found.mean() for found in none) < 0.01


def test_real_tissue_has_no_bubbles():
    seen = segment(real("patches/histolab_tiles/tissue-level2-4640-4649-8736-8746.png", shrink=3))
    assert not find_bubbles(seen.over_glass, seen.ink, mpp=10).any()


def test_the_score_by_hand():
    """Of 100 pixels of tissue 20 are blurred and 10 not evaluated; 25 more lie under a pen."""
    tissue = np.zeros((20, 20), bool)
    tissue[:10, :10] = True
    ink = np.zeros((20, 20), bool)
    ink[10:15, :5] = True
    focus = np.full((20, 20), 20, np.float32)
    focus[:2] = 1
    focus[2] = np.nan
    even = np.full((20, 20, 3), 0.3, np.float32)
    found = judge(even, tissue, ink, focus, mpp=10)
    assert found.score == pytest.approx(80 / 125)
    assert found.parts[Flaw.BLUR] == pytest.approx(20 / 125)
    assert found.parts[Flaw.PEN] == pytest.approx(25 / 125)
    assert found.parts[Flaw.FOLD] == found.parts[Flaw.BUBBLE] == 0
    assert np.count_nonzero(found.usable) == 80


def test_nothing_has_no_score():
    nothing = np.zeros((5, 5), bool)
    found = judge(
        np.zeros((5, 5, 3), np.float32), nothing, nothing, np.zeros((5, 5), np.float32), mpp=10
    )
    assert found.score is None
