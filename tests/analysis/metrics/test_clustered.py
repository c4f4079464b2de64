"""Intervals by patient: related slides widen them, and they cover what they say they cover."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from bigpicture.analysis.metrics.clustered import interval
from bigpicture.analysis.metrics.roc import area
from bigpicture.model.errors import InputError


def cohort(chance, patients, *, shift=1.2, of_patient=1.0, of_slide=1.0):
    """One to five slides a patient whose scores share a part: labels, scores, owners."""
    slides = chance.integers(1, 6, patients)
    owner = np.repeat(np.arange(patients), slides)
    label = (np.arange(patients) % 2)[owner].astype(bool)
    shared = chance.normal(0, of_patient, patients)[owner]
    scores = label * shift + shared + chance.normal(0, of_slide, len(owner))
    return label, scores, owner


def of(label, scores, owner, **more):
    return interval(lambda at: area(label[at], scores[at]), owner, **more)


def test_the_same_seed_gives_the_same_interval():
    made = cohort(np.random.default_rng(1), 40)
    assert of(*made, draws=50) == of(*made, draws=50)
    assert of(*made, draws=50) != of(*made, draws=50, seed=1)


def test_slides_of_one_patient_are_not_independent():
    """Each patient ten times over: by slide the interval would be narrower by about sqrt(10)."""
    label, scores, owner = cohort(np.random.default_rng(2), 60, of_slide=0.0)
    label, scores, owner = (np.repeat(each, 10) for each in (label, scores, owner))
    by_patient = of(label, scores, owner, draws=300)
    by_slide = of(label, scores, np.arange(len(owner)), draws=300)
    assert by_patient.high - by_patient.low > 2 * (by_slide.high - by_slide.low)
    assert (by_patient.patients, by_patient.cases) == (60, len(owner))


def test_few_patients_have_no_interval():
    label, scores, owner = cohort(np.random.default_rng(3), 9)
    with pytest.raises(InputError, match="9 patients"):
        of(label, scores, owner)


def test_a_class_of_one_patient_has_no_interval():
    owner = np.arange(20)
    with pytest.raises(InputError, match="does not exist"):
        of(owner == 0, owner.astype(float), owner)


@pytest.mark.long
def test_coverage():
    """Of 1500 cohorts the interval holds the true area in 93 to 97 of 100.

    Two patients' scores differ by a normal number of variance 2 (1 + 1): the true area is
    Phi(shift / 2) whatever the number of slides.
    """
    true = NormalDist().cdf(1.2 / 2)
    chance = np.random.default_rng(4)
    holds = 0
    for seed in range(1500):
        found = of(*cohort(chance, 120), draws=400, seed=seed)
        holds += found.low <= true <= found.high
    assert 0.93 <= holds / 1500 <= 0.97
