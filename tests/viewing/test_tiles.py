import asyncio
from dataclasses import replace

import numpy as np
import pytest
import simplejpeg

from bigpicture.model.errors import IntegrityError, UnknownError
from bigpicture.viewing.memories import Sizes
from bigpicture.viewing.tiles import Tiles, tag_tile
from published import OPEN, image_name

IMAGE = image_name(OPEN, 0)
# Level 0 is 200 x 130 pixels of 64-pixel tiles: 4 across, 3 down. Level 1 is 100 x 65: 2 x 2.
ACROSS = 4


@pytest.fixture
def opened():
    return []


@pytest.fixture
def tiles(stores, frames, opened):
    def open_sealed(key):
        opened.append(key)
        return stores.vault.open(key)

    return Tiles(
        stores.records, open_sealed, cache=stores.settings.cache, sizes=Sizes(tiles=1 << 20)
    )


def read(tiles, level, column, row):
    async def ask():
        image = await tiles.image(IMAGE)
        return await tiles.read(image.at(level), column, row)

    return asyncio.run(ask())


@pytest.mark.parametrize("column", range(4))
@pytest.mark.parametrize("row", range(3))
def test_a_stored_jpeg_leaves_as_it_was_encoded(tiles, frames, column, row):
    tile = read(tiles, 0, column, row)
    assert tile.media_type == "image/jpeg"
    # An encapsulated frame is padded to even length with a zero byte (PS3.5 A.4).
    assert tile.body.rstrip(b"\0") == frames[IMAGE, 0][row * ACROSS + column].rstrip(b"\0")


def test_uncompressed_frames_leave_as_jpeg_of_the_same_colour(tiles, frames):
    tile = read(tiles, 1, 1, 0)
    assert tile.media_type == "image/jpeg"
    stored = np.frombuffer(frames[IMAGE, 1][1], np.uint8).reshape(64, 64, 3)
    shown = simplejpeg.decode_jpeg(tile.body)
    assert np.abs(shown.astype(int) - stored).max() <= 3


@pytest.mark.parametrize(
    ("level", "column", "row"), [(0, 4, 0), (0, 0, 3), (1, 2, 0), (2, 0, 0), (0, -1, 0)]
)
def test_outside_there_is_no_tile(tiles, level, column, row):
    with pytest.raises(UnknownError):
        read(tiles, level, column, row)


def test_an_unknown_image_is_unknown_each_time(tiles):
    for _ in range(2):
        with pytest.raises(UnknownError):
            asyncio.run(tiles.image("bb-image-nnnnnn-nnnnnn"))


def test_a_tile_is_read_once_and_a_level_opened_once_for_all_who_wait(tiles, opened):
    async def ask():
        image = await tiles.image(IMAGE)
        return await asyncio.gather(*(tiles.read(image.at(0), n % 4, n // 4) for n in range(12)))

    asyncio.run(ask())
    assert len(opened) == 2  # the instance and its index
    assert read(tiles, 0, 0, 0).was_kept


def test_the_index_is_taken_out_of_the_vault_once(tiles, stores, opened):
    read(tiles, 0, 0, 0)
    later = Tiles(stores.records, tiles._open_sealed, cache=stores.settings.cache, sizes=Sizes())
    opened.clear()
    read(later, 0, 1, 1)
    assert len(opened) == 1


def test_a_torn_index_in_the_cache_is_made_again(tiles, stores, frames):
    read(tiles, 0, 0, 0)
    for path in (stores.settings.cache / "indexes").iterdir():
        path.write_bytes(path.read_bytes()[:-7])
    later = Tiles(stores.records, stores.vault.open, cache=stores.settings.cache, sizes=Sizes())
    body = read(later, 0, 3, 2).body
    assert body.rstrip(b"\0") == frames[IMAGE, 0][11].rstrip(b"\0")


def test_a_changed_body_is_told_and_never_shown(tiles, stores):
    image = asyncio.run(tiles.image(IMAGE))
    path = stores.settings.data / "objects" / image.at(0).source
    damaged = bytearray(path.read_bytes())
    damaged[-20] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(IntegrityError):
        read(tiles, 0, 3, 2)


def test_entity_tags_differ_between_tiles_and_levels(tiles):
    image = asyncio.run(tiles.image(IMAGE))
    tags = {tag_tile(image.at(0), column, row) for column in range(4) for row in range(3)}
    tags.add(tag_tile(image.at(1), 0, 0))
    assert len(tags) == 13


def test_an_rgb_jpeg_is_marked_as_such_for_browsers(tiles, frames):
    async def ask():
        level = replace((await tiles.image(IMAGE)).at(0), photometric="RGB")
        return await tiles.read(level, 0, 0)

    body = asyncio.run(ask()).body
    # APP14 "Adobe", transform 0: no colour transform (ITU-T T.872 6.5.3).
    start = body.index(b"\xff\xee")
    assert body[start + 4 : start + 9] == b"Adobe"
    assert body[start + 15] == 0
