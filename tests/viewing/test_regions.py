"""Regions agree with what an independent hand puts together from the same pixels."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from PIL import Image

from bigpicture.dicom.region import Box
from bigpicture.model.errors import IntegrityError, LimitError, UnknownError
from bigpicture.model.image import Level
from bigpicture.viewing.layers import USUAL
from bigpicture.viewing.memories import Sizes
from bigpicture.viewing.regions import MOST_PIXELS, Regions, part_for
from bigpicture.viewing.stored import StoredImage, StoredLevel
from bigpicture.viewing.tiles import Tiles
from published import OPEN, image_name, insert_image

NAME = image_name(OPEN, 5)
COLUMNS, ROWS = 1000, 700


@pytest.fixture(scope="module")
def picture():
    """Smooth, so that JPEG and different ways to make it smaller agree within a few levels."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    waves = [np.sin(x / a) * np.cos(y / b) for a, b in ((60, 80), (110, 45), (75, 130))]
    return np.stack([127 + 100 * wave for wave in waves], axis=-1).astype(np.uint8)


@pytest.fixture
def regions(stores, frames, picture):
    # Level 1 is four times smaller: the level between them is not stored.
    coarse = np.asarray(Image.fromarray(picture).resize((250, 175), Image.Resampling.BOX))
    insert_image(stores, OPEN, 5, pictures=[picture, coarse])
    tiles = Tiles(stores.records, stores.vault.open, cache=stores.settings.cache, sizes=Sizes())
    return Regions(tiles), tiles


def draw(regions, box, size):
    async def ask():
        return await regions[0].draw(await regions[1].image(NAME), Box(*box), size, np.asarray)

    return asyncio.run(ask())


def wanted(picture, box, size):
    x, y, width, height = box
    cut = Image.fromarray(picture[y : y + height, x : x + width])
    return np.asarray(cut.resize(size, Image.Resampling.BOX), int)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((0, 0, 64, 64), (64, 64)),
        ((10, 20, 300, 200), (300, 200)),
        ((936, 690, 64, 10), (64, 10)),
        ((0, 0, 1000, 700), (500, 350)),
        ((0, 0, 1000, 700), (250, 175)),
        ((0, 0, 1000, 700), (125, 88)),
        ((0, 0, 1000, 700), (1, 1)),
        ((128, 64, 512, 256), (256, 128)),
        ((100, 100, 400, 400), (133, 97)),
        ((999, 699, 1, 1), (1, 1)),
    ],
)
def test_a_region_is_as_pillow_makes_it(regions, picture, box, size):
    drawn = draw(regions, box, size)
    assert drawn.shape == (size[1], size[0], 3)
    difference = np.abs(drawn.astype(int) - wanted(picture, box, size))
    assert difference.mean() < 2
    assert difference.max() < 16


def test_a_larger_picture_than_the_region_is_blown_up(regions, picture):
    drawn = draw(regions, (100, 100, 10, 10), (40, 40))
    assert np.abs(drawn[::4, ::4].astype(int) - picture[100:110, 100:110]).mean() < 8


@pytest.mark.parametrize(
    ("box", "size", "level"),
    [
        ((0, 0, 1000, 700), (1000, 700), 0),
        ((0, 0, 1000, 700), (500, 350), 0),
        ((0, 0, 1000, 700), (251, 176), 0),
        ((0, 0, 1000, 700), (250, 175), 1),
        ((0, 0, 1000, 700), (10, 7), 1),
        ((0, 0, 10, 10), (400, 400), 0),
    ],
)
def test_the_coarsest_level_that_is_fine_enough_is_read(regions, box, size, level):
    image = asyncio.run(regions[1].image(NAME))
    assert part_for(image, Box(*box), size).level.level.index == level


def test_a_level_that_was_cut_is_reduced_by_a_whole_number():
    """37 of 300 pixels are an eighth: the 38th, of four pixels, was left out."""
    sizes = (300, 240), (37, 30)
    levels = [
        StoredLevel(Level(number, *size, 64, 64, 1, 1), "image/jpeg", "RGB", "", "", "")
        for number, size in enumerate(sizes)
    ]
    image = StoredImage("image", "dataset", tuple(levels))
    part = part_for(image, Box(240, 160, 40, 40), (5, 5))
    assert (part.level.level.index, part.box) == (1, Box(30, 20, 5, 5))


def test_what_is_stored_leaves_as_it_is_and_nothing_else_does(regions):
    async def ask(box, size):
        return await regions[0].stored(await regions[1].image(NAME), Box(*box), size, USUAL)

    async def tile(level, column, row):
        image = await regions[1].image(NAME)
        return (await regions[1].read(image.at(level), column, row)).body

    inner = asyncio.run(ask((64, 128, 64, 64), (64, 64)))
    assert inner is not None
    assert inner.body == asyncio.run(tile(0, 1, 2))
    coarse = asyncio.run(ask((256, 0, 256, 256), (64, 64)))
    assert coarse is not None
    assert coarse.body == asyncio.run(tile(1, 1, 0))
    for box, size in (
        ((65, 128, 64, 64), (64, 64)),
        ((64, 128, 64, 64), (32, 32)),
        ((960, 0, 40, 64), (40, 64)),  # cut by the edge: what is stored is padded
        ((0, 0, 128, 128), (64, 64)),
    ):
        assert asyncio.run(ask(box, size)) is None


@pytest.mark.parametrize("box", [(1000, 0, 1, 1), (0, 700, 1, 1), (-1, 0, 5, 5), (0, 0, 0, 5)])
def test_outside_there_is_no_region(regions, box):
    with pytest.raises(UnknownError):
        draw(regions, box, (5, 5))


def test_too_large_an_answer_is_refused_before_anything_is_read(regions):
    side = int(MOST_PIXELS**0.5) + 1
    with pytest.raises(LimitError, match="too many"):
        draw(regions, (0, 0, 1000, 700), (side, side))


def test_a_changed_body_is_told_and_never_drawn(regions, stores):
    image = asyncio.run(regions[1].image(NAME))
    path = stores.settings.data / "objects" / image.at(0).source
    damaged = bytearray(path.read_bytes())
    damaged[-20] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(IntegrityError):
        draw(regions, (900, 600, 100, 100), (100, 100))
