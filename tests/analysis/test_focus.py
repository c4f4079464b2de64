"""Focus falls with blur, on generated and on real tiles, whatever they show."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bigpicture.analysis.focus import BLURRED, HIGHEST, focus_map, focus_of
from bigpicture.dicom.reader import open_reader
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.tissue import Tissue
from places import shared

REAL = "testdata/wsi_svs/libvips__CMU-1-Small-Region.svs"
SIDE = 256


def is_tissue(tile):
    return np.mean(cv2.cvtColor(tile, cv2.COLOR_RGB2HSV)[..., 1] > 30) > 0.5


@pytest.fixture(scope="module")
def generated_tiles():
    tiles = []
    for organ, finding, stain in [
        ("colon", "normal", Stain.HE),
        ("breast", "carcinoma", Stain.KI67),
        ("liver", "normal", Stain.HE),
    ]:
        slide = Tissue(seed=5, mpp=0.5, organ=organ, finding=finding, stain=stain)
        picture = slide.region(3072, 4096, 1024, 1024)
        tiles += [
            picture[y : y + SIDE, x : x + SIDE]
            for y in range(0, 1024, SIDE)
            for x in range(0, 1024, SIDE)
        ]
    return [tile for tile in tiles if is_tissue(tile)]


@pytest.fixture(scope="module")
def real_tiles():
    with open_reader(shared(REAL)) as slide:
        tiles = [tile for _, _, tile in slide.tiles(mpp=slide.mpp[0], size=SIDE)]
    return [tile for tile in tiles if is_tissue(tile)]


def scanned(tile, blur, chance):
    """A tile out of focus by a deviation in pixels, then read by a noisy sensor, then stored."""
    seen = cv2.GaussianBlur(tile, (0, 0), blur) if blur else tile
    noisy = np.clip(seen + chance.normal(0, 1.2, seen.shape[:2])[..., None], 0, 255)
    _, stored = cv2.imencode(".jpg", noisy.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return cv2.imdecode(stored, cv2.IMREAD_COLOR)


def auroc(positive, negative):
    """The chance that one of the first is greater than one of the second (Mann and Whitney)."""
    above = np.greater.outer(positive, negative) + 0.5 * np.equal.outer(positive, negative)
    return above.mean()


@pytest.mark.parametrize("tiles", ["generated_tiles", "real_tiles"])
def test_blur_is_told_from_focus(tiles, request):
    """The blur of the optics comes before noise and compression, which it does not take away."""
    tiles, chance = request.getfixturevalue(tiles), np.random.default_rng(1)
    assert len(tiles) >= 30
    focus = {
        blur: [focus_of(scanned(tile, blur, chance)) for tile in tiles] for blur in (0, 1, 2, 3)
    }
    assert auroc(focus[0], focus[1]) >= 0.95
    assert auroc(focus[0], focus[2]) >= 0.995
    assert np.median(focus[1]) > np.median(focus[2]) > np.median(focus[3])
    assert np.mean(np.less(focus[0], BLURRED)) < 0.05
    assert np.mean(np.less(focus[2], BLURRED)) > 0.95


def test_blur_alone_is_told_too(generated_tiles):
    sharp = [focus_of(tile) for tile in generated_tiles]
    blurred = [focus_of(cv2.GaussianBlur(tile, (0, 0), 1)) for tile in generated_tiles]
    assert auroc(sharp, blurred) >= 0.95


def test_focus_does_not_follow_contrast(generated_tiles):
    for tile in generated_tiles[:8]:
        pale = np.rint(240 - (240 - tile.astype(float)) * 0.6).astype(np.uint8)
        assert focus_of(pale) == pytest.approx(focus_of(tile), rel=0.25)


def test_nothing_shown_is_not_evaluated():
    assert np.isnan(focus_of(np.full((64, 64, 3), 240, np.uint8)))


def test_noise_alone_is_within_the_range():
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    assert 0 < focus_of(noise) <= HIGHEST


def test_a_map_says_for_each_tile(generated_tiles):
    tile = np.full((SIDE, 3 * SIDE, 3), 240, np.uint8)
    tile[:, :SIDE] = generated_tiles[0]
    tile[:, SIDE : 2 * SIDE] = cv2.GaussianBlur(generated_tiles[0], (0, 0), 3)
    tile[:, SIDE - 8 : SIDE + 8] = 240  # a gap, as a seam of sharp and blurred would be sharp
    tile[:, 2 * SIDE - 8 :] = 240
    tile = np.hstack([tile[:, :SIDE], cv2.GaussianBlur(tile[:, SIDE:], (0, 0), 3)])
    found = focus_map(tile, tile=SIDE)
    assert found.shape == (1, 3)
    assert found.dtype == np.float32
    assert found[0, 0] > BLURRED > found[0, 1]
    assert np.isnan(found[0, 2])
