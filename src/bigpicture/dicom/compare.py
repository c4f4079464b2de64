"""Compares pixels of copied frames, decoded from what was written, with the source's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import SourceLevel
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import IntegrityError

SAMPLED_FRAMES = 8
"""Of each level, spread evenly from the first to the last."""
TOLERANCE = 2
"""Of 255: two decoders may round one step each when they turn YCbCr into RGB."""


def compare_frames(path: Path, source: SourceLevel) -> None:
    """Raise `IntegrityError` where a sampled tile of `path` shows other pixels than `source`.

    The digests prove that each scan was copied; this proves that tables and colours were.
    """
    with FileSource(path) as file:
        tiles = open_tiles(file, place=path.name)
        level = tiles.level
        for index in np.unique(np.linspace(0, level.frame_count - 1, SAMPLED_FRAMES, dtype=int)):
            row, column = divmod(int(index), level.tiles_across)
            wanted = source.pixels(int(index)).astype(np.int16)
            difference = np.abs(tiles.pixels(column, row).astype(np.int16) - wanted)
            if int(difference.max()) > TOLERANCE:
                raise IntegrityError(
                    f"tile {column}_{row} shows other pixels than its source.",
                    place=path.name,
                    remedy="This is an error of ours: report it with the slide's format.",
                )
