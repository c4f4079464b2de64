"""Reduced levels for a slide whose coarsest one is still too large to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from bigpicture.dicom.slide import Samples
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.image import Level

LARGEST_ALONE = 2048
"""Pixels of the longer side up to which a level can be looked at without help."""
SMALLEST = 512
"""The longer side of the last generated level is at most twice this."""


def reduced_levels(coarsest: Level) -> Iterator[Level]:
    """Halved levels below `coarsest`, until one is small; none where it can be looked at."""
    if max(coarsest.columns, coarsest.rows) <= LARGEST_ALONE:
        return
    level = coarsest
    while max(level.columns, level.rows) > 2 * SMALLEST:
        level = replace(
            level,
            index=level.index + 1,
            columns=max(1, level.columns // 2),
            rows=max(1, level.rows // 2),
            mpp_x=level.mpp_x * 2,
            mpp_y=level.mpp_y * 2,
        )
        yield level


@dataclass(frozen=True)
class HalvedLevel:
    """A level made from the next finer one that is already stored: four tiles to each."""

    finer: TiledInstance
    level: Level

    def samples(self, number: int) -> Samples:
        """The frame, each pixel the mean of the four it covers; (tile_rows, tile_columns, ...)."""
        level = self.level
        layer, index = divmod(number, level.tile_count)
        row, column = divmod(index, level.tiles_across)
        left, top = column * level.tile_columns * 2, row * level.tile_rows * 2
        width = min(level.tile_columns, level.columns - column * level.tile_columns)
        height = min(level.tile_rows, level.rows - row * level.tile_rows)
        region = self.finer.layer_region(layer, left, top, width * 2, height * 2)
        small = cv2.resize(region, (width, height), interpolation=cv2.INTER_AREA)
        small = small.reshape(height, width, region.shape[2])
        right, below = level.tile_columns - width, level.tile_rows - height
        # The last column and row repeat, so that lossy coding leaves no edge.
        padded = np.pad(small, ((0, below), (0, right), (0, 0)), mode="edge")
        return np.ascontiguousarray(padded, dtype=region.dtype)
