"""What is converted is what its row says, and holds the samples that its source holds."""

from __future__ import annotations

import numpy as np
import pytest

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import VENDORS, foreign, open_slide
from bigpicture.dicom.tiles import open_tiles
from slides_of_every_format import CASES, EVERY_CASE, JPEG


@EVERY_CASE
def test_a_slide_has_the_stack_and_the_syntax_of_its_row(case, converted):
    instance = converted(case).conversion.instances[0]
    with FileSource(instance.path) as file:
        tiles = open_tiles(file)
        level, told = tiles.level, tiles.instance
        stack = case.stack
        assert (told.samples, told.bits) == (stack.samples, stack.bits)
        assert (level.focal_planes, level.optical_paths) == (stack.planes, stack.paths)
        assert told.transfer_syntax == case.syntax


@EVERY_CASE
def test_samples_are_those_of_the_source(case, converted):
    """Of every layer the first and the last tile; only what was joined from JPEGs may differ."""
    slide = converted(case)
    instance = slide.conversion.instances[0]
    is_joined = instance.frames_encoded > 0 and case.syntax == JPEG
    with open_slide(slide.source) as source, FileSource(instance.path) as file:
        tiles = open_tiles(file)
        count = instance.level.tile_count
        for layer in range(case.stack.depth):
            for index in (layer * count, (layer + 1) * count - 1):
                before, after = source.levels[0].pixels(index), tiles.samples(index)
                if is_joined:
                    assert np.abs(before.astype(int) - after).mean() < 3
                else:
                    assert np.array_equal(before, after)


@EVERY_CASE
def test_a_picture_beside_the_tissue_has_the_size_that_is_told(case, converted):
    with open_slide(converted(case).source) as slide:
        for each in slide.associated:
            if each.draw is None or "1_Map" in each.place:  # of the real one a part is left
                continue
            picture = each.draw()
            assert picture.dtype == np.uint8
            assert picture.shape == (each.rows, each.columns, 3)


def test_no_two_layers_are_alike():
    """Else the tests of stacks could not tell an order from another."""
    assert {case.stack.depth for case in CASES} >= {1, 2, 3, 6}


def test_every_format_that_is_read_has_a_case(converted):
    read = {vendor.format for vendor in VENDORS if vendor is not foreign.VENDOR}
    try:
        made = {converted(case).conversion.format for case in CASES}
    except pytest.skip.Exception:
        pytest.skip("needs ../shared/testdata, which is not beside this checkout")
    assert read == made
