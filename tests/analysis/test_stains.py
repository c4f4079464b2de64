"""Stains are estimated as they were made, and one slide's are turned into another's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bigpicture.analysis.reinhard import fit_reinhard, transfer_colours
from bigpicture.analysis.stain_apply import normalise, transfer
from bigpicture.analysis.stain_matrix import Stains, fit_macenko, stained_densities
from bigpicture.analysis.stain_vahadane import fit_vahadane, sparse_concentrations
from bigpicture.model.errors import InputError
from real_pictures import real

RUIFROK = np.array([[0.65, 0.07], [0.70, 0.99], [0.29, 0.11]])
GENERATED = np.array([[0.585, 0.11], [0.73, 0.86], [0.355, 0.47]])
GLASS = (240.0, 240.0, 240.0)


def unit(matrix):
    return matrix / np.linalg.norm(matrix, axis=0)


def stained(matrix, *, seed=0, number=200_000, gain=1.0):
    """Pixels of two stains by Beer-Lambert, a third of them of nearly one alone, rounded."""
    chance = np.random.default_rng(seed)
    amount = chance.gamma(2, 0.35, (2, number))
    amount *= np.where(chance.random((2, number)) < 0.35, 0.02, gain)
    light = 240 * np.exp(-(unit(matrix) @ amount)) - 1
    return np.clip(np.rint(light), 0, 255).astype(np.uint8).T.reshape(-1, 500, 3)


def degrees(one, other):
    return np.degrees(np.arccos(np.clip((unit(one) * unit(other)).sum(axis=0), -1, 1)))


@pytest.mark.parametrize("matrix", [RUIFROK, GENERATED])
@pytest.mark.parametrize("seed", [0, 1])
def test_macenko_recovers_a_known_matrix(matrix, seed):
    assert degrees(fit_macenko(stained(matrix, seed=seed)).matrix, matrix).max() < 1


def test_a_sample_is_enough():
    pixels = stained(RUIFROK, number=400_000)
    whole, part = fit_macenko(pixels, sample=10**9), fit_macenko(pixels)
    assert degrees(whole.matrix, part.matrix).max() < 0.2
    assert part.strength == pytest.approx(whole.strength, rel=0.02)
    assert (fit_macenko(pixels).matrix == part.matrix).all()


def test_the_order_of_stains_does_not_matter():
    swapped = fit_macenko(stained(RUIFROK[:, ::-1]))
    assert degrees(swapped.matrix, RUIFROK).max() < 1


def test_strength_follows_the_stain():
    strong, pale = (fit_macenko(stained(RUIFROK, gain=gain)) for gain in (1.0, 0.6))
    assert pale.strength == pytest.approx(strong.strength * 0.6, rel=0.15)


def test_vahadane_is_what_spams_finds():
    """`trainDL` of spams-bin 2.6.14 on the same densities: lambda1 0.1, positive, 1000 rounds."""
    chance = np.random.default_rng(0)
    amount = chance.gamma(2, 0.35, (2, 400_000))
    amount *= np.where(chance.random((2, 400_000)) < 0.35, 0.02, 1)
    light = 240 * np.exp(-(unit(RUIFROK) @ amount)) - 1
    pixels = np.clip(np.rint(light), 0, 255).astype(np.uint8).T
    theirs = [[0.61975046, 0.18184233], [0.73234518, 0.97211621], [0.28209911, 0.14806569]]
    assert degrees(fit_vahadane(pixels).matrix, np.array(theirs)).max() < 0.05


def test_sparse_concentrations_are_the_least():
    """No other concentrations cost less; tried at random around them and far away."""
    matrix, chance = unit(RUIFROK), np.random.default_rng(4)
    densities = np.abs(chance.normal(0.5, 0.4, (200, 3)))
    found = sparse_concentrations(densities, matrix)
    assert (found >= 0).all()

    def cost(amount):
        return 0.5 * ((densities - amount @ matrix.T) ** 2).sum(axis=1) + 0.1 * amount.sum(axis=1)

    for step in (1e-3, 0.1, 1.0):
        other = np.maximum(found + chance.normal(0, step, found.shape), 0)
        assert (cost(found) <= cost(other) + 1e-12).all()


@settings(max_examples=15, deadline=None)
@given(arrays(np.uint8, (9, 7, 3)), st.floats(0.5, 2), st.floats(0.5, 2))
def test_the_table_is_within_one_grey_level(picture, first, second):
    source = Stains(unit(RUIFROK), np.array([1.0, 1.0]), GLASS)
    target = Stains(unit(GENERATED), np.array([first, second]), (235.0, 238.0, 230.0))
    density = -np.log((picture.astype(float) + 1) / np.asarray(source.glass))
    exact = np.asarray(target.glass) * np.exp(-(density @ transfer(source, target).T))
    made = normalise(picture, source, target).astype(float)
    assert np.abs(made - np.clip(exact, 0, 255)).max() <= 1.0 + 1e-6


def test_a_slide_normalised_to_another_has_its_stains():
    source, target = fit_macenko(stained(RUIFROK)), fit_macenko(stained(GENERATED))
    turned = fit_macenko(normalise(stained(RUIFROK), source, target))
    assert degrees(turned.matrix, target.matrix).max() < 1
    assert turned.strength == pytest.approx(target.strength, rel=0.05)


@pytest.mark.parametrize("fit", [fit_macenko, fit_vahadane])
def test_real_pictures_come_closer(fit):
    """The stains of one laboratory become those of another, but where black and white cut them."""
    source, target = (real(f"patches/torchstain/{name}.png") for name in ("source", "target"))
    made = normalise(source, fit(source), fit(target))
    before, after = (degrees(fit(each).matrix, fit(target).matrix) for each in (source, made))
    assert before[0] > 3
    assert after.max() < 2.5
    assert fit(made).strength == pytest.approx(fit(target).strength, rel=0.2)


def test_reinhard_gives_the_mean_and_deviation_of_the_target():
    source, target = (stained(each)[:100] for each in (RUIFROK, GENERATED))
    made = transfer_colours(source, fit_reinhard(source), fit_reinhard(target))
    assert fit_reinhard(made).mean == pytest.approx(fit_reinhard(target).mean, abs=1.5)
    assert fit_reinhard(made).deviation == pytest.approx(fit_reinhard(target).deviation, rel=0.1)


def test_reinhard_of_a_mask():
    picture = stained(RUIFROK)[:20]
    where = np.zeros(picture.shape[:2], bool)
    where[:10] = True
    assert fit_reinhard(picture, where).mean == pytest.approx(fit_reinhard(picture[:10]).mean)


def test_glass_has_no_stains():
    with pytest.raises(InputError, match="too little stained tissue"):
        fit_macenko(np.full((50, 50, 3), 241, np.uint8))


def test_densities_are_over_the_glass_that_is_given():
    pixels = np.full((100, 3), 119, np.uint8)
    found = stained_densities(pixels, glass=(240, 240, 240), sample=1000, seed=0)
    assert found == pytest.approx(np.log(2))


def test_a_turned_picture_keeps_its_shape():
    picture = cv2.resize(stained(RUIFROK), (33, 17))[:, ::2]
    stains = fit_macenko(stained(RUIFROK))
    same = normalise(picture, stains, stains)
    assert same.shape == picture.shape
