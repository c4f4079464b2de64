"""Overlays lie where the slide's own tiles lie, and colours say what the numbers say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigpicture.dicom.derived_matrix import Placed
from bigpicture.dicom.parametric_map import Map
from bigpicture.dicom.segmentation import Segments
from bigpicture.model.image import Level
from bigpicture.viewing.colour_maps import MAPS, hex_of, table_of_classes, table_of_map
from bigpicture.viewing.raster import (
    Raster,
    coarser,
    draw_overlay,
    raster_of_map,
    raster_of_mask,
)

BASE = Level(0, 1_000, 600, 256, 256, 0.25, 0.25)
HALF = Level(1, 500, 300, 256, 256, 0.5, 0.5)
CLASSES = table_of_classes()


def tile(raster, level, column, row, table=CLASSES):
    """RGBA of a tile, decoded by OpenCV."""
    data = draw_overlay(raster, table, base=BASE, level=level, column=column, row=row)
    return cv2.cvtColor(
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA
    )


def raster(**given) -> Raster:
    pixels = np.zeros((4, 6), np.uint8)
    pixels[1, 2] = 1
    pixels[3, 5] = 2
    return raster_of_mask(
        Segments(pixels, Placed(**{"x": 100.0, "y": 20.0, "scale": 10.0, **given}), ("a", "b"))
    )


def test_a_pixel_of_the_mask_lies_on_the_level_0_pixels_it_was_computed_of():
    drawn = tile(raster(), BASE, 0, 0)
    # Pixel (column 2, row 1): from (100 + 20, 20 + 10) on, ten pixels each way.
    wanted = np.zeros((256, 256), bool)
    wanted[30:40, 120:130] = True
    assert np.array_equal(
        (drawn[..., :3] == CLASSES[1, :3]).all(-1) & (drawn[..., 3] == 255), wanted
    )
    # Pixel (5, 3): (150, 50).
    other = np.zeros((256, 256), bool)
    other[50:60, 150:160] = True
    assert np.array_equal(drawn[..., 3] == 255, wanted | other)
    assert drawn.shape == (256, 256, 4)


def test_on_a_coarser_level_it_is_half_as_large():
    drawn = tile(raster(), HALF, 0, 0)
    wanted = np.zeros((256, 256), bool)
    wanted[15:20, 60:65] = wanted[25:30, 75:80] = True
    assert np.array_equal(drawn[..., 3] == 255, wanted)


def test_the_next_tile_goes_on_where_the_one_before_ends():
    there = raster(x=250.0)
    left, right = tile(there, BASE, 0, 0), tile(there, BASE, 1, 0)
    whole = np.concatenate([left, right], axis=1)[..., 3] == 255
    # The mask begins at 250: its pixel (2, 1) is at 270, in the second tile.
    assert whole[30:40, 270:280].all()
    assert whole.sum() == 200


def test_what_is_thinner_than_a_pixel_of_the_screen_is_seen_faintly():
    pixels = np.zeros((600, 1_000), np.uint8)
    pixels[:, 100] = 1  # a line one level-0 pixel wide
    quarter = Level(2, 250, 150, 256, 256, 1.0, 1.0)
    drawn = tile(Raster(pixels, 0.0, 0.0, 1.0), quarter, 0, 0)
    assert (drawn[:150, 25, 3] == 255 // 4).all()  # one of four columns
    assert (drawn[:150, 25, :3] == CLASSES[1, :3]).all()
    assert drawn[:150, 24, 3].max() == drawn[150:, :, 3].max() == 0


def test_a_tile_without_anything_is_transparent():
    assert tile(raster(), BASE, 3, 2).max() == 0


def test_numbers_become_steps_of_the_map_and_nan_is_nothing():
    pixels = np.array([[np.nan, 0.0, 0.5], [1.0, -7.0, 9.0]], np.float32)
    made = raster_of_map(Map(pixels, Placed(0, 0, 1), "focus", "", (0.0, 1.0)))
    assert made.numbers.tolist() == [[0, 1, 128], [255, 1, 255]]


def test_a_range_of_one_number_is_drawn():
    pixels = np.full((2, 2), 3.0, np.float32)
    made = raster_of_map(Map(pixels, Placed(0, 0, 1), "flat", "", (3.0, 3.0)))
    assert (made.numbers == 1).all()


@pytest.mark.parametrize("name", MAPS)
def test_a_map_only_gets_lighter(name):
    table = table_of_map(name)
    # CIE lightness, by OpenCV.
    lightness = cv2.cvtColor(
        (table[None, 1:, :3] / np.float32(255)).astype(np.float32), cv2.COLOR_RGB2LAB
    )[0, :, 0]
    assert (np.diff(lightness) > -0.35).all()  # a byte is a third of a unit of lightness
    assert lightness[-1] - lightness[0] > 55
    steps = [lightness[at + 51] - lightness[at] for at in range(0, 204, 51)]
    assert max(steps) < 1.6 * min(steps)  # nowhere a jump that no number made
    assert table[0].tolist() == [0, 0, 0, 0]
    assert (table[1:, 3] == 255).all()


def test_oklab_against_its_published_values():
    """Ottosson's white is L 1; and sRGB red is L 0.62796, C 0.25768, h 29.2339."""
    from bigpicture.viewing.colour_maps import _in_gamut

    assert _in_gamut(1.0, 0.0, 0.0) == (255, 255, 255)
    assert _in_gamut(0.0, 0.0, 0.0) == (0, 0, 0)
    assert _in_gamut(0.62796, 0.2576, 29.2339) == (255, 0, 0)


def test_the_first_classes_have_the_colours_of_okabe_and_ito():
    assert [hex_of(CLASSES, number) for number in (1, 2, 3)] == ["#e69f00", "#56b4e9", "#009e73"]
    assert len({hex_of(CLASSES, number) for number in range(1, 40)}) == 39


@settings(max_examples=30, deadline=None)
@given(
    x=st.floats(-300, 900),
    y=st.floats(-300, 500),
    scale=st.floats(0.7, 60),
    level=st.sampled_from([BASE, HALF]),
    seed=st.integers(0, 99),
)
def test_tiles_show_the_nearest_pixel_anywhere(x, y, scale, level, seed):
    """Against a plain loop over a few pixels of the screen, where no pixel is averaged."""
    factor = BASE.columns / level.columns
    if factor > scale:
        return
    numbers = np.random.default_rng(seed).integers(0, 3, (17, 23)).astype(np.uint8)
    drawn = tile(Raster(numbers, x, y, scale), level, 1, 0)
    for column, row in ((0, 0), (13, 200), (255, 255), (128, 64)):
        place = (256 + column + 0.5) * factor, (row + 0.5) * factor
        at = int(np.floor((place[1] - y) / scale)), int(np.floor((place[0] - x) / scale))
        inside = 0 <= at[0] < 17 and 0 <= at[1] < 23
        number = numbers[at] if inside else 0
        assert drawn[row, column].tolist() == CLASSES[number].tolist()


def test_a_mask_that_does_not_fit_is_kept_coarser():
    numbers = np.zeros((100, 100), np.uint8)
    numbers[50:, :] = 1
    whole = Raster(numbers, 3.0, 4.0, 2.0)
    assert coarser(whole, 10_000) is whole
    small = coarser(whole, 2_500)
    assert (small.numbers.shape, small.scale, small.x, small.y) == ((50, 50), 4.0, 3.0, 4.0)
    assert small.weight <= 2_500
    assert np.array_equal(tile(small, BASE, 0, 0), tile(whole, BASE, 0, 0))
