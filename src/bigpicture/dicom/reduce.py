"""Reduced levels for a slide that came with one resolution only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from bigpicture.dicom.slide import Pixels
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.image import Level

LARGEST_ALONE = 2048
"""Pixels of the longer side up to which one level can be looked at without help."""
SMALLEST = 512
"""The longer side of the last generated level is at most twice this."""


def reduced_levels(base: Level) -> Iterator[Level]:
    """Halved levels below `base`, until one is small; none where `base` can do without."""
    if max(base.columns, base.rows) <= LARGEST_ALONE:
        return
    level = base
    while max(level.columns, level.rows) > 2 * SMALLEST:
        columns, rows = max(1, level.columns // 2), max(1, level.rows // 2)
        level = Level(
            index=level.index + 1,
            columns=columns,
            rows=rows,
            tile_columns=base.tile_columns,
            tile_rows=base.tile_rows,
            mpp_x=level.mpp_x * 2,
            mpp_y=level.mpp_y * 2,
        )
        yield level


@dataclass(frozen=True)
class HalvedLevel:
    """A level made from the next finer one that is already stored: four tiles to each."""

    finer: TiledInstance
    level: Level

    def pixels(self, index: int) -> Pixels:
        """The tile, each pixel the mean of the four it covers; shape (tile_rows, ..., 3)."""
        row, column = divmod(index, self.level.tiles_across)
        left, top = column * self.level.tile_columns * 2, row * self.level.tile_rows * 2
        width = min(self.level.tile_columns, self.level.columns - column * self.level.tile_columns)
        height = min(self.level.tile_rows, self.level.rows - row * self.level.tile_rows)
        region = self.finer.region(left, top, width * 2, height * 2)
        small = cv2.resize(region, (width, height), interpolation=cv2.INTER_AREA)
        right, below = self.level.tile_columns - width, self.level.tile_rows - height
        # The last column and row repeat, so that lossy coding leaves no edge.
        padded = np.pad(small, ((0, below), (0, right), (0, 0)), mode="edge")
        return np.ascontiguousarray(padded, dtype=np.uint8)
