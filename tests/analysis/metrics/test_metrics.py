"""Kappa, Dice, matches, FROC and concordance, each against a hand calculation."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.analysis.metrics.concordance import concordance
from bigpicture.analysis.metrics.froc import Find, froc
from bigpicture.analysis.metrics.kappa import quadratic_kappa
from bigpicture.analysis.metrics.overlap import dice, match
from bigpicture.model.errors import InputError


def test_kappa_by_hand():
    """One pair is a step apart (1); by chance 2 + 4 + 1 + 1 + 8 + 4 = 20 quarters: 1 - 1/5."""
    assert quadratic_kappa([0, 1, 2, 2], [0, 1, 1, 2], grades=3) == pytest.approx(0.8)
    assert quadratic_kappa([0, 2], [2, 0], grades=3) == pytest.approx(-1)
    assert np.isnan(quadratic_kappa([1, 1], [1, 1], grades=3))


@pytest.mark.parametrize(("one", "other"), [([0, 3], [0, 1]), ([0.5, 1], [0, 1]), ([0], [0, 1])])
def test_other_grades_are_refused(one, other):
    with pytest.raises(InputError):
        quadratic_kappa(one, other, grades=3)


def test_dice_by_hand():
    assert dice([1, 1, 0, 0], [1, 0, 1, 0]) == 0.5
    assert dice([0, 0], [0, 0]) == 1
    with pytest.raises(InputError, match="shape"):
        dice([1, 0], [1])


def test_matches_by_hand():
    """Two of three true objects are met: IoU 2/3, and 1/2, which is not above 1/2."""
    true = np.array([[1, 1, 0, 2, 2, 0, 3]])
    found = np.array([[5, 5, 5, 6, 0, 0, 0]])
    matched = match(found, true)
    assert (matched.found, matched.true, matched.pairs) == (2, 3, 1)
    assert matched.mean_iou == pytest.approx(2 / 3)
    assert (matched.precision, matched.recall) == (0.5, pytest.approx(1 / 3))
    assert matched.f1 == pytest.approx(0.4)
    assert matched.panoptic_quality == pytest.approx(0.4 * 2 / 3)
    with pytest.raises(InputError, match="unique"):
        match(found, true, iou=0.3)


def test_froc_by_hand():
    """Two slides, three lesions, false finds at .8 and .6: 1/3, 2/3, then all."""
    slides = [
        ([Find(0.9, 0), Find(0.2, 0), Find(0.8, None), Find(0.3, 1)], 2),
        ([Find(0.7, 0), Find(0.6, None)], 1),
    ]
    found = froc(slides)
    assert found.sensitivities == pytest.approx((1 / 3, 2 / 3, 1, 1, 1, 1))
    assert found.score == pytest.approx(5 / 6)
    with pytest.raises(InputError, match="lesion"):
        froc([([], 0)])


def test_concordance_by_hand():
    """The first beats three; the third, before the fourth, has the lower risk: 3 of 4."""
    assert concordance([1, 2, 3, 4], [1, 0, 1, 1], [4, 1, 2, 3]) == 0.75
    assert concordance([1, 1], [1, 0], [2, 2]) == 0.5
    with pytest.raises(InputError, match="comparable"):
        concordance([1, 2], [0, 0], [1, 2])
