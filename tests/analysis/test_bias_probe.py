"""The probe for batch effects: silent where there is none, loud where one was planted."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.analysis.bias_probe import probe


def cohort(seed, *, shift, beings=30, width=8, sites=2):
    """Slides of one being share a part; `shift` moves those of a site apart."""
    chance = np.random.default_rng(seed)
    owner = np.repeat(np.arange(beings), chance.integers(1, 4, beings))
    site = chance.integers(0, sites, beings)
    way = chance.normal(size=(sites, width))
    vectors = chance.normal(size=(beings, width))[owner] + shift * way[site][owner]
    vectors += 0.5 * chance.normal(size=vectors.shape)
    return vectors, [f"site {each}" for each in site[owner]], [f"being {each}" for each in owner]


def asked(vectors, values, beings, **more):
    return probe(vectors, values, beings, name="site", encoder="e", **{"draws": 39, **more})


def alarms(seeds, **made):
    return sum(asked(*cohort(seed, **made)).p_value <= 0.05 for seed in seeds)


def test_null_cohorts_raise_no_more_alarms_than_they_may():
    """Of 80 at 5 % each: 11 or more would come about in one of a thousand such tests."""
    assert alarms(range(80), shift=0.0) <= 10


@pytest.mark.long
def test_null_cohorts_at_length():
    """Of 1000, 5 % and three deviations (0.7 % each) more."""
    assert alarms(range(1000), shift=0.0) <= 1000 * (0.05 + 3 * 0.0069)


def test_a_planted_shift_is_found():
    found = [asked(*cohort(seed, shift=1.0)) for seed in range(10)]
    assert all(each.p_value <= 0.05 for each in found)
    assert np.mean([each.accuracy for each in found]) > 0.8
    assert np.mean([each.null for each in found]) == pytest.approx(0.5, abs=0.05)


def test_beings_with_many_slides_are_no_batch():
    """Each being has features of its own, the same on all its slides: split by slide it would
    be told by them, whatever its site."""
    chance = np.random.default_rng(0)
    vectors = np.repeat(chance.normal(size=(40, 200)), 5, axis=0)
    values = np.repeat([f"s{each}" for each in chance.integers(0, 2, 40)], 5).tolist()
    found = asked(vectors, values, np.repeat(np.arange(40).astype(str), 5).tolist(), draws=99)
    assert found.p_value > 0.05
    assert found.accuracy < 0.75


def test_what_sites_differ_in_for_good_reasons_is_held_apart():
    """Two stains, told by colour; site A has mostly one of them, and nothing else of its own."""
    chance = np.random.default_rng(1)
    site = np.repeat([0, 1], 60)
    stain = (chance.random(120) < np.where(site == 0, 0.85, 0.15)).astype(int)
    vectors = chance.normal(size=(120, 4)) + 4 * stain[:, None]
    values, beings = [f"site {each}" for each in site], [f"b{each}" for each in range(120)]
    assert asked(vectors, values, beings).p_value <= 0.05
    held = asked(vectors, values, beings, within=[str(each) for each in stain])
    assert held.p_value > 0.05


def test_rare_and_missing_values_are_left_out():
    vectors, values, beings = cohort(2, shift=0.0)
    special = {"being 0": "rare", "being 1": None}
    given = [special.get(being, value) for being, value in zip(beings, values, strict=True)]
    found = asked(vectors, given, beings)
    assert found.classes == ("site 0", "site 1")
    assert found.beings == 28


def test_one_site_is_not_probed():
    vectors, values, beings = cohort(3, shift=0.0)
    found = asked(vectors, ["one"] * len(values), beings)
    assert (found.accuracy, found.p_value) == (None, None)
    assert "fewer than two" in found.reason


def test_the_same_seed_gives_the_same_answer():
    made = cohort(4, shift=0.2)
    assert asked(*made) == asked(*made)
