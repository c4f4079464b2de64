"""Nuclei: as many by tiles as in one piece, and near those that were painted."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bigpicture.analysis.builtin import features, nuclei
from bigpicture.analysis.check_values import check_values
from bigpicture.analysis.metrics.overlap import match
from bigpicture.analysis.nuclei import find_nuclei, red_density, threshold_of
from bigpicture.analysis.nuclei_slide import nuclei_of
from bigpicture.dicom.reader import ArraySlide
from bigpicture.model.errors import AlgorithmError, FailureReason
from bigpicture.phantom import truth
from bigpicture.phantom.tissue import Tissue

SIDE = 1024


def painted(organ, seed, column=0, row=0):
    """A block of an invented slide, and its true nuclei as labels."""
    tissue = Tissue(seed=seed, width=3 * SIDE, height=3 * SIDE, organ=organ)
    labels = np.zeros((SIDE, SIDE), np.int32)
    corner = np.array([column, row]) * SIDE
    for number, each in enumerate(truth.nuclei(tissue, column, row), start=1):
        ring = np.array(each["geometry"]["coordinates"][0][:-1]) - corner
        # Pixel n spans n to n + 1; OpenCV has its middle at n, in 256ths here.
        points = np.rint((ring - 0.5) * 256).astype(np.int32)
        cv2.fillPoly(labels, [points], number, shift=8)
    return tissue.block(column, row), labels


def threshold(pixels):
    density = red_density(pixels)
    return threshold_of(density[density > 800])


@pytest.fixture(scope="module")
def block():
    return painted("liver", 6, 1, 1)


def spots(*middles, side=400, radius=7):
    """Dark blue discs on pink."""
    picture = np.full((side, side, 3), (235, 170, 200), np.uint8)
    for middle in middles:
        cv2.circle(picture, middle, radius, (90, 60, 140), -1)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


def test_density_by_hand():
    """(127 + 1) / 256 of the light is ln 2 of density, in 8000ths."""
    assert red_density(np.full((1, 1, 3), 127, np.uint8))[0, 0] == round(8000 * np.log(2))


def test_discs_are_found_and_touching_ones_are_parted():
    middles = [(100, 100), (200, 100), (213, 100), (300, 300)]
    found = find_nuclei(spots(*middles), 4000)
    assert np.sort(found.middles, 0) == pytest.approx(np.sort(np.array(middles), 0), abs=1)
    sizes = np.bincount(found.labels.ravel())[1:]
    assert sizes == pytest.approx(np.full(4, np.pi * 7**2), rel=0.25)


def test_pale_pink_has_no_nuclei():
    assert len(find_nuclei(spots(), 4000).middles) == 0


def test_nuclei_near_those_that_were_painted(block):
    pixels, labels = block
    found = match(find_nuclei(pixels, threshold(pixels)).labels, labels)
    assert found.f1 >= 0.7


def test_by_tiles_they_are_exactly_those_of_one_piece(block):
    pixels, _ = block
    slide = ArraySlide(pixels[:600, :700], mpp=0.5)
    everywhere = np.ones((60, 70), bool)

    def told(tile):
        shapes = nuclei_of(slide, everywhere, tile=tile)
        return sorted(shape.coordinates.tolist() for shape in shapes)

    whole = told(1024)
    assert len(whole) > 100
    assert told(190) == whole


def test_what_the_algorithms_give_is_what_they_declare(block):
    pixels, _ = block
    picture = np.full((SIDE + 400, SIDE + 400, 3), 243, np.uint8)
    picture[200 : 200 + SIDE, 200 : 200 + SIDE] = pixels
    slide = ArraySlide(picture[:900, :900], mpp=0.5)
    for algorithm in (nuclei, features):
        values = algorithm.run(slide, inputs={}, parameters={}, weights=None)
        check_values(algorithm.MANIFEST, values, (900, 900))
    places = values["features"].coordinates
    assert len(places) == values["patches"].value > 4
    assert {int(each) % 224 for each in places.ravel()} == {0}


@pytest.mark.parametrize("algorithm", [nuclei, features])
def test_empty_glass(algorithm):
    slide = ArraySlide(np.full((700, 700, 3), 243, np.uint8), mpp=0.5)
    with pytest.raises(AlgorithmError) as refused:
        algorithm.run(slide, inputs={}, parameters={}, weights=None)
    assert refused.value.reason is FailureReason.EMPTY_GLASS


@pytest.mark.long
@pytest.mark.parametrize("organ", ["colon", "breast", "liver", "kidney"])
def test_every_organ(organ):
    pixels, labels = painted(organ, 11, 1, 1)
    assert match(find_nuclei(pixels, threshold(pixels)).labels, labels).f1 >= 0.55
