"""How bright a channel is to be shown: taken from its coarsest stored level."""

from __future__ import annotations

import numpy as np

from bigpicture.dicom.slide import RGB_STACK, SourceLevel

PERCENTILE = 99.8
"""Of a channel's pixels: a few hot ones do not make the rest dark."""
MOST_FRAMES = 16
"""Decoded of each channel, evenly spread."""


def brightest_values(level: SourceLevel) -> tuple[int, ...]:
    """The value of each optical path that is shown at full brightness; none of colour."""
    stack = level.stack
    if stack.samples == RGB_STACK.samples:
        return ()
    across, down = -(-level.columns // level.tile_columns), -(-level.rows // level.tile_rows)
    tiles = across * down
    found: list[int] = []
    for path in range(stack.paths):
        first = (path * stack.planes + stack.planes // 2) * tiles
        drawn = np.unique(np.linspace(0, tiles - 1, MOST_FRAMES, dtype=int))
        values = [np.percentile(level.pixels(first + int(each)), PERCENTILE) for each in drawn]
        found.append(max(1, int(np.ceil(max(values)))))
    return tuple(found)
