"""DeepZoom: every level of the pyramid, whether it is stored or not."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from bigpicture.api.deepzoom import tile_asked
from published import OPEN, image_name

NAME = image_name(OPEN, 0)
FILES = f"/deepzoom/{NAME}_files"


def test_the_document_says_how_large_it_is(client):
    answer = client.get(f"/deepzoom/{NAME}.dzi")
    assert answer.headers["content-type"] == "application/xml"
    image = ElementTree.fromstring(answer.text)
    space = "{http://schemas.microsoft.com/deepzoom/2008}"
    assert image.tag == f"{space}Image"
    assert dict(image.attrib) == {"Format": "jpeg", "Overlap": "0", "TileSize": "64"}
    assert dict(image.find(f"{space}Size").attrib) == {"Width": "200", "Height": "130"}


def test_levels_halve_down_to_one_pixel(client):
    """200 x 130 has levels 0 to 8 (256 is the next power of two)."""
    sizes = {8: (200, 130), 7: (100, 65), 6: (50, 33), 5: (25, 17), 1: (2, 2), 0: (1, 1)}
    for level, (wide, high) in sizes.items():
        for column in range(-(-wide // 64)):
            for row in range(-(-high // 64)):
                answer = client.get(f"{FILES}/{level}/{column}_{row}.jpeg")
                assert answer.status_code == 200
                shown = Image.open(BytesIO(answer.content)).size
                assert shown == (min(64, wide - 64 * column), min(64, high - 64 * row))
        assert client.get(f"{FILES}/{level}/{-(-wide // 64)}_0.jpeg").status_code == 404
    assert client.get(f"{FILES}/9/0_0.jpeg").status_code == 404


def test_a_whole_tile_of_the_finest_level_leaves_untouched(client, frames):
    body = client.get(f"{FILES}/8/1_1.jpeg").content
    assert body.rstrip(b"\0") == frames[NAME, 0][5].rstrip(b"\0")


def test_other_formats_are_there_too(client):
    one = np.asarray(Image.open(BytesIO(client.get(f"{FILES}/8/0_0.png").content)))
    other = np.asarray(Image.open(BytesIO(client.get(f"{FILES}/8/0_0.jpg").content)))
    assert np.abs(one.astype(int) - other).max() <= 2
    assert client.get(f"{FILES}/8/0_0.gif").status_code == 404


@pytest.mark.parametrize("side", [1, 2, 255, 256, 257, 40_000])
def test_tiles_cover_each_level_and_do_not_overlap(side):
    class Level:
        columns = rows = side
        tile_columns = tile_rows = 256

    class Image_:  # noqa: N801
        @staticmethod
        def at(_):
            return type("Stored", (), {"level": Level})

    top = (side - 1).bit_length()
    for level in {0, top // 2, top}:
        wide = -(-side // (1 << (top - level)))
        end = 0
        for column in range(-(-wide // 256)):
            asked = tile_asked(Image_, level, column, 0, "jpeg")
            assert asked.box.x == end
            end = asked.box.x + asked.box.width
        assert end == side
