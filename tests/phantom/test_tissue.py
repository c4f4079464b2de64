"""Tissue is the same wherever, whenever and in whatever order it is rendered."""

import numpy as np
import pytest

from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.organs import ORGANS
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.tissue import Tissue


def make(**wanted):
    return Tissue(**{"seed": 4, "width": 2600, "height": 1800, "finding": "normal", **wanted})


def test_a_region_is_the_crop_of_a_larger_one():
    whole = make(kinds=(Kind.BLUR,)).region(900, 800, 700, 600)
    alone = make(kinds=(Kind.BLUR,)).region(1000, 990, 150, 120)
    assert np.array_equal(whole[190:310, 100:250], alone)


def test_blocks_meet_without_a_seam():
    # Across a border of blocks neighbouring pixels differ as much as anywhere else.
    picture = make(organ="liver").region(824, 600, 400, 400).astype(int)
    steps = np.abs(np.diff(picture, axis=1)).mean(axis=(0, 2))
    assert steps[199] < 1.5 * np.median(steps)


@pytest.mark.parametrize("organ", ORGANS)
def test_the_seed_decides_everything(organ):
    first, again = make(organ=organ), make(organ=organ)
    other = make(organ=organ, seed=5)
    assert np.array_equal(first.block(1, 0), again.block(1, 0))
    assert not np.array_equal(first.block(1, 0), other.block(1, 0))


def test_haematoxylin_and_eosin_are_purple_on_pink_on_white():
    tissue = make(organ="colon")
    glass = tissue.region(0, 0, 30, 30).reshape(-1, 3).mean(axis=0)
    assert glass.min() > 230
    red, green, blue = tissue.region(1200, 800, 400, 400).reshape(-1, 3).mean(axis=0)
    assert green < blue
    assert green < red


def test_ki67_is_brown_only_in_the_immunostain():
    def brown(stain):
        tissue = make(organ="breast", finding="carcinoma", stain=stain)
        picture = tissue.region(900, 600, 800, 600).astype(int)
        dark = picture.sum(axis=2) < 330
        return int((dark & (picture[..., 0] > picture[..., 2] + 25)).sum())

    assert brown(Stain.KI67) > 1000
    assert brown(Stain.HE) < 50
