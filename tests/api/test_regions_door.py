"""Regions by pixels and micrometres, compared with the tiles that a peer decodes."""

from io import BytesIO

import imagecodecs
import numpy as np
import pytest
import simplejpeg
from PIL import Image

from bigpicture.viewing.tiles import Tiles
from published import CONTROLLED, OPEN, image_name

NAME = image_name(OPEN, 0)
SLIDE = f"/regions/{NAME}"
COLUMNS, ROWS = 200, 130
"""Of the finest level, 0.25 µm a pixel."""


@pytest.fixture
def slide(frames):
    """The finest level as simplejpeg decodes its frames, put side by side."""
    tiles = [simplejpeg.decode_jpeg(frame.rstrip(b"\0")) for frame in frames[NAME, 0]]
    rows = [np.hstack(tiles[start : start + 4]) for start in range(0, len(tiles), 4)]
    return np.vstack(rows)[:ROWS, :COLUMNS]


def shown(client, query):
    answer = client.get(f"{SLIDE}?{query}")
    assert answer.status_code == 200, answer.text
    picture = Image.open(BytesIO(answer.content))
    return np.asarray(picture.convert("RGB")), picture.format


def test_pixels_come_as_they_are_stored(client, slide):
    got, form = shown(client, "region=50,30,100,80&format=png")
    assert form == "PNG"
    np.testing.assert_array_equal(got, slide[30:110, 50:150])


def test_micrometres_count_from_the_same_corner(client, slide):
    got, _ = shown(client, "region=12.5,7.5,25,20&unit=um&format=png")
    np.testing.assert_array_equal(got, slide[30:110, 50:150])


@pytest.mark.parametrize(
    ("asked", "size"),
    [("mpp=0.5", (100, 65)), ("mpp=1", (50, 32)), ("size=20,", (20, 13)), ("size=,13", (20, 13)),
     ("size=40,5", (40, 5)), ("mpp=0.125", (400, 260)), ("", (200, 130))],
)  # fmt: skip
def test_the_answer_has_the_scale_that_was_asked_for(client, asked, size):
    got, _ = shown(client, f"region=0,0,200,130&{asked}")
    assert got.shape[1::-1] == size


@pytest.mark.parametrize(("name", "form"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")])
def test_each_format_shows_the_same(client, slide, name, form):
    got, shown_form = shown(client, f"region=0,0,200,130&format={name}")
    assert shown_form == form
    inner = np.abs(got.astype(int) - slide)[8:56, 8:56]
    assert inner.mean() <= (0 if form == "PNG" else 3)


def test_what_hangs_over_the_edge_is_cut(client):
    assert shown(client, "region=150,100,500,500")[0].shape == (30, 50, 3)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("region=1,2,3", 400),
        ("region=-1,2,3,4", 400),
        ("region=nan,2,3,4", 400),
        ("region=1e9,2,3,4", 400),
        ("region=0,0,10,10&unit=inch", 400),
        ("region=0,0,10,10&format=gif", 400),
        ("region=0,0,10,10&colour=sepia", 400),
        ("region=0,0,10,10&mpp=0", 400),
        ("region=0,0,10,10&mpp=1&size=4,4", 400),
        ("region=0,0,10,10&size=,", 400),
        ("region=0,0,10,10&colr=srgb", 400),
        ("region=0,0,0,10", 404),
        ("region=200,0,1,10", 404),
        ("region=999999999,999999999,999999999,999999999", 404),
        ("region=0,0,200,130&size=999999,999999", 413),
        ("region=0,0,200,130&mpp=0.000001", 413),
        ("region=0,0,10,10&plane=3", 404),
    ],
)
def test_wrong_questions_are_named(client, query, status):
    answer = client.get(f"{SLIDE}?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_controlled_slide_asks_for_a_grant(client):
    answer = client.get(f"/regions/{image_name(CONTROLLED, 0)}?region=0,0,10,10")
    assert answer.status_code == 401


def test_colours_go_through_the_scanners_profile(client, slide, monkeypatch):
    """A profile of sRGB's primaries and no curve: IEC 61966-2-1's own curve is what is left."""
    linear = imagecodecs.cms_profile(
        "rgb", whitepoint=(0.3127, 0.329, 1), gamma=1.0,
        primaries=(0.64, 0.33, 1, 0.30, 0.60, 1, 0.15, 0.06, 1),
    )  # fmt: skip

    async def profile(*_):
        return bytes(linear)

    monkeypatch.setattr(Tiles, "profile", profile)
    share = slide[:64, :64] / 255
    by_hand = np.where(share <= 0.0031308, 12.92 * share, 1.055 * share ** (1 / 2.4) - 0.055)
    got, _ = shown(client, "region=0,0,64,64&format=png&colour=srgb")
    assert np.abs(got - by_hand * 255).max() < 1
    same, _ = shown(client, "region=0,0,64,64&format=png")
    np.testing.assert_array_equal(same, slide[:64, :64])


def test_without_a_profile_colours_stay(client, slide):
    got, _ = shown(client, "region=0,0,64,64&format=png&colour=srgb")
    np.testing.assert_array_equal(got, slide[:64, :64])
