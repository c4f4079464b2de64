"""Chance depends on its keys alone."""

import numpy as np
import pytest

from bigpicture.phantom.chance import mix, one, unit


def test_splitmix64_matches_the_published_generator():
    # First outputs of SplitMix64 for state 0 and 1 (Vigna, splitmix64.c): the key is the state.
    assert int(mix(0)) == 0xE220A8397B1DCDAF
    assert int(mix(1)) == 0x910A2DEC89025CC1


@pytest.mark.parametrize("keys", [(0,), (1, 2, 3), (2**40, -5), (-1, 2**60)])
def test_one_number_is_the_same_with_and_without_numpy(keys):
    assert one(*keys) == float(unit(*keys))


def test_numbers_are_uniform():
    numbers = unit(7, np.arange(100_000))
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert abs(numbers.mean() - 0.5) < 5 * (1 / 12 / 100_000) ** 0.5
