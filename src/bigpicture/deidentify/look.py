"""Look: what is written or stuck on the glass, as the coarse levels of what was written show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from bigpicture.deidentify.mark import Mark, Picture
from bigpicture.deidentify.marks import detect_marks
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.tiles import TiledInstance, open_tiles

LONGEST_SIDE = 2048
"""Pixels of a side of what is looked at: a slide of 50 mm has 24 µm a pixel then."""
LEAST_MPP = 8.0
"""Micrometres per pixel of what is looked at. Writing on glass is a millimetre high or more, 100
pixels here; what is finer shows cells, which are no letters."""
_MOST_PIXELS = 1 << 26


def look_at_levels(folder: Path, names: Sequence[str]) -> tuple[str, tuple[Mark, ...]]:
    """Search the whole slide for writing, labels and codes on the level that shows enough of it.

    `names` are its instances, finest first. Returns the name of the one looked at, empty where
    even the coarsest is too large, and the marks, in its pixels.
    """
    for name, coarser in zip(names, [*names[1:], ""], strict=True):
        with FileSource(folder / name) as source:
            tiles = open_tiles(source, place=name)
            level = tiles.level
            is_small = max(level.columns, level.rows) <= LONGEST_SIDE
            if coarser and not is_small:
                continue
            if level.columns * level.rows > _MOST_PIXELS:
                return "", ()
            return name, look_at(tiles)
    return "", ()


def look_at(tiles: TiledInstance) -> tuple[Mark, ...]:
    """The marks in one instance, in its pixels; it is reduced where it is finer than writing."""
    level = tiles.level
    pixels = np.asarray(tiles.region(0, 0, level.columns, level.rows), np.uint8)
    finest = max(level.mpp_x, level.mpp_y) / LEAST_MPP or 1.0
    scale = min(1.0, LONGEST_SIDE / max(level.columns, level.rows), finest)
    if scale == 1.0:
        return detect_marks(pixels)
    size = (max(1, round(level.columns * scale)), max(1, round(level.rows * scale)))
    small: Picture = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return tuple(_grown(mark, 1 / scale) for mark in detect_marks(small))


def _grown(mark: Mark, factor: float) -> Mark:
    x, y, width, height = (round(side * factor) for side in mark.box)
    return Mark(mark.kind, (x, y, width, height), mark.score)
