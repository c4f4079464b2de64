"""Stain types: told by hues, on generated and on real pictures, or left open."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.analysis.stain_type import StainType, family_shares, stain_type
from bigpicture.analysis.tissue import segment
from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.overview import overview
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.tissue import Tissue
from real_pictures import real

HE = [
    "histolab_tiles/high-nuclei-score-red-pen-level1.png",
    "histolab_tiles/low-nuclei-score-level0.png",
    "histolab_tiles/medium-nuclei-score-level0.png",
    "histolab_tiles/medium-nuclei-score-level1.png",
    "histolab_tiles/medium-nuclei-score-level2.png",
    "histolab_tiles/tissue-level0-7352-11762-7864-12274.png",
    "histolab_tiles/tissue-level2-4640-4649-8736-8746.png",
    "histolab_thumbs/tcga-lung-rgb.png",
]
OPEN = ["torchstain/source.png", "torchstain/target.png", "qupath_celldet/Original_image.png"]
"""Purple throughout: too little eosin to be told from haematoxylin alone."""
IHC = [
    "deepliif_large/ROI_1.png",
    "deepliif_large/ROI_127.png",
    "deepliif/test_cli/6_2.png",
    "deepliif/test_cli/22_2.png",
    "deepliif/test_cli/34_3.png",
]


def typed(picture, mpp=10.0):
    seen = segment(picture, mpp=mpp)
    return stain_type(seen.over_glass, seen.tissue).type


def test_generated_slides_are_told_or_left_open(generated):
    wanted = {True: {StainType.IHC_DAB, None}, False: {StainType.HE}}
    for each in generated:
        assert typed(each.overview.picture) in wanted[each.base.stain.is_immuno], each.base


def test_brown_is_told():
    """Membranes in DAB over haematoxylin."""
    slide = Tissue(6, 1024, 1024, 2.5, "breast", "carcinoma", Stain.HER2)
    assert typed(overview(slide).picture) is StainType.IHC_DAB


@pytest.mark.parametrize(
    ("names", "wanted"), [(HE, StainType.HE), (IHC, StainType.IHC_DAB), (OPEN, None)]
)
def test_real_pictures(names, wanted):
    """Shrunk to about the scale of an overview."""
    found = {name: typed(real(f"patches/{name}", shrink=8)) for name in names}
    assert set(found.values()) == {wanted}, found


def test_ink_does_not_decide(generated):
    he = [each for each in generated if not each.base.stain.is_immuno]
    penned = [each for each in he if Kind.PEN in each.overview.artefacts]
    assert len(penned) == 4
    assert all(typed(each.overview.picture) is StainType.HE for each in penned)


@pytest.mark.parametrize(
    ("absorbance", "family"),
    [
        ((0.65, 0.70, 0.29), "blue"),
        ((0.07, 0.99, 0.11), "red"),
        ((0.27, 0.57, 0.78), "brown"),
        ((0.20, 0.10, 0.95), "green"),
    ],
)
def test_families_by_published_absorbance(absorbance, family):
    """Haematoxylin, eosin and DAB of Ruifrok and Johnston (2001); and a yellow."""
    shares = family_shares(np.tile(np.array(absorbance), (100, 1)))
    assert shares[family] == pytest.approx(1)


def test_a_yellow_stain_is_special():
    over_glass = np.tile(np.array([0.2, 0.1, 0.95], np.float32), (20, 20, 1))
    assert stain_type(over_glass, np.ones((20, 20), bool)).type is StainType.SPECIAL


def test_glass_is_left_open():
    found = stain_type(np.zeros((20, 20, 3), np.float32), np.zeros((20, 20), bool))
    assert found.type is None
    assert found.shares == {}
