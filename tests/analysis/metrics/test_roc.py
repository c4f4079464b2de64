"""AUROC and DeLong against a published table, a hand calculation and the definition itself."""

from __future__ import annotations

from math import erfc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.analysis.metrics.roc import auroc, compare, delong, midranks
from bigpicture.model.errors import InputError

NORMAL, ABNORMAL = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
"""Hanley and McNeil 1982, doi 10.1148/radiology.143.1.7063747, table I: ratings 1 to 5."""


def cases():
    return st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=40
    ).filter(lambda rows: 2 <= sum(row[0] for row in rows) <= len(rows) - 2)


def placements(labels, scores):
    """The structural components of the paper, from every pair of a positive and a negative."""
    labels, scores = np.asarray(labels), np.asarray(scores, float)
    positives, negatives = scores[labels == 1][:, None], scores[labels == 0][None, :]
    pairs = (positives > negatives) + 0.5 * (positives == negatives)
    return pairs.mean(1), pairs.mean(0)


def test_hanley_and_mcneil():
    scores = np.repeat(np.tile(np.arange(5), 2), NORMAL + ABNORMAL)
    labels = np.repeat([0, 1], [sum(NORMAL), sum(ABNORMAL)])
    assert round(auroc(labels, scores), 3) == 0.893


def test_by_hand():
    """Positives .8 and .6, negatives .7 and .3: placements 1, 1/2 and 1/2, 1; variance 1/8 each."""
    area = delong([1, 1, 0, 0], [0.8, 0.6, 0.7, 0.3])
    assert area.value == 0.75
    assert area.variance == pytest.approx(0.125 / 2 + 0.125 / 2)
    # logit .75 = ln 3; half of the interval 1.959964 * sqrt(.125) / (.75 * .25) = 3.69572
    assert area.low == pytest.approx(1 / (1 + np.exp(3.69572 - np.log(3))), abs=1e-5)
    assert area.high == pytest.approx(1 / (1 + np.exp(-3.69572 - np.log(3))), abs=1e-5)


def test_midranks_by_hand():
    assert midranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1, 3.5, 2]


@settings(max_examples=60, deadline=None)
@given(cases())
def test_it_is_the_definition_whatever_ties(rows):
    labels, one, other = map(list, zip(*rows, strict=True))
    first, second = placements(labels, one), placements(labels, other)
    assert auroc(labels, one) == pytest.approx(first[0].mean())
    own = sum(np.var(each, ddof=1) / len(each) for each in first)
    assert delong(labels, one).variance == pytest.approx(own, abs=1e-12)
    apart = [a - b for a, b in zip(first, second, strict=True)]
    variance = sum(np.var(each, ddof=1) / len(each) for each in apart)
    if variance > 1e-9:
        z = apart[0].mean() / np.sqrt(variance)
        assert compare(labels, one, other) == pytest.approx(erfc(abs(z) / 2**0.5), abs=1e-9)
    else:
        assert compare(labels, one, one) == 1


@pytest.mark.parametrize(
    ("labels", "scores", "what"),
    [
        ([1, 1], [0.1, 0.2], "one class"),
        ([0, 1, 2], [0.1, 0.2, 0.3], "0 and 1"),
        ([0, 1], [0.1, float("nan")], "finite"),
        ([0, 1], [0.1], "shape"),
    ],
)
def test_what_is_refused(labels, scores, what):
    with pytest.raises(InputError, match=what):
        auroc(labels, scores)


def test_one_case_of_a_class_has_no_variance():
    with pytest.raises(InputError, match="variance"):
        delong([1, 0, 0], [0.8, 0.6, 0.7])
