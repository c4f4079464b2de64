"""Channels of 16 bits and focal planes go from a scanner's file to the screen."""

from __future__ import annotations

from io import BytesIO

import cv2
import httpx
import numpy as np
import pytest
import tifffile
from PIL import Image

import made_ome_tiff as made
from small_dataset import write_dataset

TILE = 64
BLUE, RED = (0, 0, 255), (255, 0, 0)
"""The colours that the generated file gives its channels, DAPI and Cy5."""


def submitted(node, tmp_path, path):
    """The one published image of a dataset with this slide, as the node tells of it."""
    told = node.submit(write_dataset(tmp_path, slide=path), tmp_path / "site")
    assert "Published" in told.stderr + told.stdout
    (card,) = httpx.get(f"{node.address}/api/v1/datasets").json()["items"]
    images = httpx.get(f"{node.address}/api/v1/datasets/{card['accession']}/images").json()
    return httpx.get(f"{node.address}/api/v1/images/{images['items'][0]['accession']}").json()


def picture(node, path):
    answer = httpx.get(node.address + path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/jpeg"
    return np.asarray(Image.open(BytesIO(answer.content)).convert("RGB"), float)


def brightest(plane):
    """The largest 99.8th percentile of the tiles of the coarsest level, every second pixel."""
    coarse = plane[::2, ::2]
    rows, columns = coarse.shape
    return max(
        np.ceil(np.percentile(coarse[y : y + TILE, x : x + TILE], 99.8))
        for y in range(0, rows, TILE)
        for x in range(0, columns, TILE)
    )


def in_colour(tile, plane, colour):
    """From black at 0 to the channel's colour at its brightest."""
    share = np.minimum(tile / brightest(plane), 1.0)
    return share[:, :, None] * np.array(colour, float)


def test_channels_and_planes_are_shown_as_the_file_holds_them(node, tmp_path):
    path = tmp_path / "stack.ome.tif"
    pixels = made.fluorescence(path, channels=2, planes=3, rows=256, columns=384, tile=(TILE, TILE))
    image = submitted(node, tmp_path, path)
    assert image["focal_planes"] == 3
    assert image["channels"] == [
        {"name": "DAPI", "colour": "#0000ff"},
        {"name": "Cy5", "colour": "#ff0000"},
    ]
    cut = np.s_[2 * TILE : 3 * TILE, TILE : 2 * TILE]
    address = image["tiles"].format(level=0, column=1, row=2)

    def truth(plane, *channels):
        # Brightness was ranged once, on the middle plane.
        return sum(
            in_colour(pixels[one, plane][cut], pixels[one, 1], (BLUE, RED)[one]) for one in channels
        )

    asked = {
        "": truth(1, 0, 1),
        "?plane=1": truth(1, 0, 1),
        "?plane=0": truth(0, 0, 1),
        "?plane=2&channels=1": truth(2, 1),
        "?channels=0": truth(1, 0),
    }
    shown = {query: picture(node, address + query) for query in asked}
    for query, seen in shown.items():
        off = {other: np.abs(seen - wanted).mean() for other, wanted in asked.items()}
        assert off[query] < 2.5, query  # JPEG of quality 95, on noise
        assert all(off[query] < far / 2 for far in off.values() if far > off[query]), query
    for query in ("?plane=3", "?channels=2", "?plane=-1", "?channels=", "?plane=x"):
        assert httpx.get(node.address + address + query).status_code == 404, query
    assert picture(node, image["thumbnail"]).max(axis=(0, 1)).min() < 100  # no green in it
    assert picture(node, image["thumbnail"]).mean() > 40


@pytest.mark.long
def test_a_stack_in_colour_shows_stored_frames(node, tmp_path):
    path = tmp_path / "stack.ome.tif"
    planes = [
        cv2.GaussianBlur(one, (9, 9), 0) for one in made.values(3, 256, 384, 3, kind=np.uint8)
    ]
    channel = f"<Channel{made.attributes(ID='Channel:0', SamplesPerPixel=3)}/>"
    told = {"Type": "uint8", "SizeX": 384, "SizeY": 256, "SizeZ": 3, "SizeC": 3}
    told |= {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25}
    tiff = made.data(0, count=3)
    xml = made.document(made.image(channels=channel, tiff=tiff, **told))
    made.write(path, xml, planes, tile=(TILE, TILE), compression="jpeg")
    image = submitted(node, tmp_path, path)
    assert (image["focal_planes"], image["channels"]) == (3, [])
    address = image["tiles"].format(level=0, column=1, row=2)
    with tifffile.TiffFile(path) as opened:
        for query, plane in (("", 1), ("?plane=0", 0), ("?plane=2", 2)):
            stored = opened.pages[plane]
            offset, size = (each[2 * 6 + 1] for each in (stored.dataoffsets, stored.databytecounts))
            entropy = path.read_bytes()[offset : offset + size].partition(b"\xff\xda")[2]
            assert entropy
            assert entropy in httpx.get(node.address + address + query).content
    assert httpx.get(f"{node.address}{address}?channels=0").status_code == 404
    assert picture(node, image["thumbnail"]).mean() > 40
