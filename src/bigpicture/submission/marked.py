"""Marked: a picture of a converted slide on which everything that looks like writing is covered."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from bigpicture.deidentify.mark import Mark, MarkKind, Picture, masked
from bigpicture.deidentify.report import Marked
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.tiles import open_tiles

SIDE = 360
"""Pixels of the longer side: enough to see where, 15 kB each."""
QUALITY = 82
_MOST_PIXELS = 1 << 26


def draw_marked(folder: Path, name: str, marks: tuple[Marked, ...]) -> bytes:
    """A JPEG of the instance `name`, its marks covered; empty where it is too large to draw."""
    with FileSource(folder / name) as source:
        tiles = open_tiles(source, place=name)
        level = tiles.level
        if level.columns * level.rows > _MOST_PIXELS:
            return b""
        pixels = np.asarray(tiles.region(0, 0, level.columns, level.rows), np.uint8)
    scale = min(1.0, SIDE / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    # Covered first: made smaller, what is legible could still show at the edge of a box.
    covered = masked(pixels, [_mark(each) for each in marks])
    small: Picture = np.asarray(cv2.resize(covered, size, interpolation=cv2.INTER_AREA), np.uint8)
    return simplejpeg.encode_jpeg(np.ascontiguousarray(small), quality=QUALITY)


def _mark(told: Marked) -> Mark:
    return Mark(MarkKind(told.kind), (told.x, told.y, told.width, told.height), told.score)
