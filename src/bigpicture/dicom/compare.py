"""Compares decoded frames of what was written with the source's own, at random places."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import SystemRandom

import imagecodecs
import numpy as np

from bigpicture.dicom.codecs import JPEG_BASELINE
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import Samples, SourceLevel
from bigpicture.dicom.tiles import TiledInstance, open_tiles
from bigpicture.model.errors import IntegrityError
from bigpicture.model.image import Level

SAMPLED_FRAMES = 200
"""Of each image, spread over its levels by their number of frames."""
FEWEST = 8
"""Of each level, where it has as many."""


def share(levels: Sequence[Level]) -> list[int]:
    """How many frames of each level are compared: at least 200 of the image, or all it has."""
    total = sum(level.frame_count for level in levels)
    return [
        min(level.frame_count, max(FEWEST, -(-SAMPLED_FRAMES * level.frame_count // total)))
        for level in levels
    ]


def compare_frames(path: Path, source: SourceLevel, *, count: int) -> None:
    """Raise `IntegrityError` where a frame of `path` shows other samples than `source`.

    Digests prove that each scan was copied; this proves that tables and colours were. `count`
    frames are drawn by chance, so that nobody can prepare the others.
    """
    with FileSource(path) as file:
        tiles = open_tiles(file, place=path.name)
        drawn = sorted(SystemRandom().sample(range(tiles.level.frame_count), count))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            equal = pool.map(lambda each: _is_equal(source.pixels(each), tiles, each), drawn)
            for number, is_equal in zip(drawn, equal, strict=True):
                if not is_equal:
                    raise _unequal(path, number)


def _unequal(path: Path, number: int) -> IntegrityError:
    return IntegrityError(
        f"frame {number} shows other pixels than its source.",
        place=path.name.strip(".").removesuffix(".partial"),
        remedy="This is an error of ours: report it with the slide's format.",
    )


def _is_equal(wanted: Samples, tiles: TiledInstance, number: int) -> bool:
    """Equal in every sample, by one of two decoders: they round chroma differently."""
    if np.array_equal(wanted, tiles.samples(number)):
        return True
    instance = tiles.instance
    if instance.transfer_syntax != JPEG_BASELINE:
        return False
    stored = {"RGB": "RGB", "MONOCHROME2": "GRAYSCALE"}.get(instance.photometric, "YCBCR")
    again = imagecodecs.jpeg8_decode(
        tiles.stored(number),
        colorspace=stored,
        outcolorspace="GRAYSCALE" if stored == "GRAYSCALE" else "RGB",
    )
    return np.array_equal(wanted, np.asarray(again).reshape(wanted.shape))
