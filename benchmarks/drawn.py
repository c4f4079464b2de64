"""Tiles that are not stored: a level between two, and 512 pixels from frames of 256.

In the process, one after the other, nothing remembered; encoded as JPEG of one quality
(90, chroma at half width and height) by everybody.
"""

from __future__ import annotations

import io
import random

import uvloop
from openslide import OpenSlide
from openslide.deepzoom import DeepZoomGenerator

from benchmarks.claim import Claim
from benchmarks.node import interleaved
from benchmarks.peers import large_image
from benchmarks.shown import TILE, Shown, shown
from bigpicture.api.node import Node
from bigpicture.dicom.region import Box
from bigpicture.phantom.datasets import Kind
from bigpicture.viewing.picture_file import QUALITY
from bigpicture.viewing.pictures import PictureAsked

ROUNDS = 5
MANY = 40


def claims() -> list[Claim]:
    """ms a tile, each beside its peer."""
    return [
        *_claims(shown(Kind.NONCLINICAL), "4:2:0"),
        *_claims(shown(Kind.CLINICAL), "RGB in full"),
    ]


def _claims(slide: Shown, colour: str) -> list[Claim]:
    node = Node.open(slide.stores, start_work=lambda _: None)
    chance = random.Random(2)
    level = slide.levels[0].level
    corners = [
        (
            chance.randrange(level.columns // (2 * TILE)) * 2 * TILE,
            chance.randrange(level.rows // (2 * TILE)) * 2 * TILE,
        )
        for _ in range(MANY)
    ]
    deep = DeepZoomGenerator(OpenSlide(slide.tiff), tile_size=TILE, overlap=0)
    loop = uvloop.new_event_loop()

    async def draw(side: int):
        image = await node.tiles.image(slide.image)
        for x, y in corners:
            box = Box(x, y, 2 * TILE, 2 * TILE)
            await node.pictures.draw(image, PictureAsked(box, (side, side)))

    def ours_between():
        loop.run_until_complete(draw(TILE))

    def ours_large():
        loop.run_until_complete(draw(2 * TILE))

    def openslide_between():
        for x, y in corners:
            tile = deep.get_tile(deep.level_count - 2, (x // (2 * TILE), y // (2 * TILE)))
            tile.save(io.BytesIO(), "jpeg", quality=QUALITY)

    ours_between()
    openslide_between()
    mine, theirs = interleaved(ours_between, openslide_between, rounds=ROUNDS)
    found = [_claim(f"level that is not stored, against OpenSlide, {colour}", mine, theirs, 8)]
    with large_image() as peer:
        if peer:

            def peer_large():
                peer.regions(slide.tiff, corners, 2 * TILE)

            ours_large()
            peer_large()
            mine, theirs = interleaved(ours_large, peer_large, rounds=ROUNDS)
            found.append(_claim(f"512 from 256, against large_image, {colour}", mine, theirs, 2))
    loop.close()
    return found


def _claim(name: str, ours: float, peer: float, target: float) -> Claim:
    return Claim.of(
        name,
        ours=ours / MANY * 1e3, peer=peer / MANY * 1e3, unit="ms", target=target,
        more_is_better=False,
    )  # fmt: skip
