"""Random patches of 256 pixels at the finest level, one thread, beside OpenSlide and the decoder.

The decoder alone gets its frames in memory: nothing can be faster that decodes a frame a patch.
"""

from __future__ import annotations

import random

import numpy as np
import simplejpeg
from openslide import OpenSlide

from benchmarks.claim import Claim
from benchmarks.node import interleaved
from benchmarks.shown import TILE, Shown, shown
from bigpicture.dicom.patches import Patches
from bigpicture.phantom.datasets import Kind

ROUNDS = 7
MANY, FEW = 300, 100


def claims() -> list[Claim]:
    """Patches a second; every patch that is timed was compared first, to the last bit."""
    return [
        *_claims(shown(Kind.NONCLINICAL), "4:2:0"),
        *_claims(shown(Kind.CLINICAL), "RGB in full"),
    ]


def _claims(slide: Shown, colour: str) -> list[Claim]:
    tiled = slide.levels[0]
    level = tiled.level
    chance = random.Random(3)
    across, down = level.columns // TILE, level.rows // TILE
    aligned = [
        (chance.randrange(across) * TILE, chance.randrange(down) * TILE) for _ in range(MANY)
    ]
    anywhere = [
        (chance.randrange(level.columns - TILE), chance.randrange(level.rows - TILE))
        for _ in range(FEW)
    ]
    frames = [tiled.frame(x // TILE, y // TILE) for x, y in aligned]
    patches, peer = Patches(tiled), OpenSlide(slide.finest)

    def read(places):
        def act():
            for x, y in places:  # nothing is kept: fresh memory would be timed, not decoding
                patches.read(x, y, TILE, TILE)

        return act

    def seen(places):
        def act():
            for place in places:
                peer.read_region(place, 0, (TILE, TILE))

        return act

    def decode():
        for frame in frames:
            simplejpeg.decode_jpeg(frame, "RGB")

    for x, y in (*aligned, *anywhere):
        theirs = np.asarray(peer.read_region((x, y), 0, (TILE, TILE)))
        if not np.array_equal(patches.read(x, y, TILE, TILE), theirs[..., :3]):
            raise RuntimeError("a patch is not what OpenSlide shows")
    pure, ours, theirs, ours_any, theirs_any = interleaved(
        decode, read(aligned), seen(aligned), read(anywhere), seen(anywhere), rounds=ROUNDS
    )

    def claim(name: str, ours: float, peer: float, count: int, target: float) -> Claim:
        return Claim.of(
            f"{name}, {colour}",
            ours=count / ours,
            peer=count / peer,
            unit="patches/s",
            target=target,
        )

    return [
        claim("aligned patch, against libjpeg-turbo alone", ours, pure, MANY, 0.9),
        claim("aligned patch, against OpenSlide", ours, theirs, MANY, 5),
        claim("patch anywhere, against OpenSlide", ours_any, theirs_any, FEW, 2.5),
    ]
