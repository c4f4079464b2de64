"""Patches are planned in micrometres; the expected places are worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.analysis.patch_plan import plan_patches
from bigpicture.model.errors import InputError


def test_a_grid_by_hand():
    """1000 x 600 px at 0.25 um; patches of 256 px at 0.5 um are 512 px wide, a step is 256."""
    plan = plan_patches((1000, 600), (0.25, 0.25), mpp=0.5, size=256, step=128)
    assert plan.side == (512, 512)
    assert plan.coordinates.tolist() == [[0, 0], [256, 0]]  # 256 + 512 <= 1000 < 512 + 512
    assert plan.coordinates.dtype == np.int64


def test_places_do_not_drift():
    """100 px at 0.5 um on a slide of 0.23 um: 217.39.. px a step: 0, 217.4, 434.8, 652.2, 869.6."""
    plan = plan_patches((1100, 220), (0.23, 0.23), mpp=0.5, size=100)
    assert plan.coordinates.tolist() == [[0, 0], [217, 0], [435, 0], [652, 0], [870, 0]]


def test_a_slide_may_have_two_scales():
    """0.5 um across and 0.25 um down: 50 um are 100 px and 200 px."""
    plan = plan_patches((250, 450), (0.5, 0.25), mpp=1, size=50)
    assert plan.side == (100, 200)
    assert plan.coordinates.tolist() == [[0, 0], [100, 0], [0, 200], [100, 200]]


def test_cover_is_exact_by_hand():
    """A mask of 4 x 2 over 800 x 400 px, so 200 px a pixel; patches of 300 px.

    Columns 1 and 2 (200 to 600 px) of the first row (0 to 200 px) are tissue: the patch at 0 has
    100 x 200 of 300 x 300 covered, 2/9; that at 300 has 300 x 200, 6/9.
    """
    mask = np.array([[0, 1, 1, 0], [0, 0, 0, 0]], bool)
    plan = plan_patches((800, 400), (1, 1), mpp=1, size=300, mask=mask, cover=0)
    assert plan.coordinates.tolist() == [[0, 0], [300, 0]]
    assert plan.cover.tolist() == pytest.approx([2 / 9, 6 / 9])
    kept = plan_patches((800, 400), (1, 1), mpp=1, size=300, mask=mask, cover=0.5)
    assert kept.coordinates.tolist() == [[300, 0]]


def test_tissue_and_quality_meet_in_one_mask():
    tissue = np.ones((10, 10), bool)
    blurred = np.zeros((10, 10), bool)
    blurred[:, 5:] = True
    plan = plan_patches((1000, 1000), (1, 1), mpp=1, size=100, mask=tissue & ~blurred)
    assert len(plan.coordinates) == 50
    assert plan.coordinates[:, 0].max() == 400


def test_a_slide_smaller_than_a_patch_has_none():
    assert plan_patches((99, 500), (1, 1), mpp=1, size=100).coordinates.shape == (0, 2)


@pytest.mark.parametrize("wrong", [{"mpp": 0}, {"size": 0}, {"step": 0}, {"mpp": float("nan")}])
def test_wrong_sizes_are_refused(wrong):
    with pytest.raises(InputError, match="greater than zero"):
        plan_patches((100, 100), (1, 1), **{"mpp": 1, "size": 10, **wrong})


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 900),
    st.integers(1, 900),
    st.floats(0.1, 2),
    st.floats(0.1, 4),
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
)
def test_any_plan(width, height, slide_mpp, mpp, size, step, seed):
    """Patches lie on the slide (to the half pixel of rounding), each once, and cover is a part."""
    if (width / step + 1) * (height / step + 1) * (slide_mpp / mpp) ** 2 > 20_000:
        return
    mask = np.random.default_rng(seed).random((7, 5)) < 0.5
    plan = plan_patches(
        (width, height), (slide_mpp, slide_mpp), mpp=mpp, size=size, step=step, mask=mask, cover=0
    )
    assert (plan.coordinates + plan.side[0] <= [width + 0.51, height + 0.51]).all()
    assert (plan.coordinates >= 0).all()
    assert ((plan.cover > -1e-5) & (plan.cover < 1 + 1e-5)).all()
    if step * mpp / slide_mpp >= 1:
        assert len(np.unique(plan.coordinates, axis=0)) == len(plan.coordinates)
