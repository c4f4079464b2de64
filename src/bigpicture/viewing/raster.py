"""A mask or heatmap as it is seen: one byte a pixel, drawn in tiles that lie on the slide's own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.parametric_map import Map
from bigpicture.dicom.segmentation import Segments
from bigpicture.model.image import Level
from bigpicture.viewing.colour_maps import STEPS, Table

_MOST_SAMPLES = 4
"""Along one side of a pixel of the screen: 16 samples show what is thinner than it."""
_QUICK = [cv2.IMWRITE_PNG_COMPRESSION, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """`numbers` uint8 (rows, columns): 0 nothing, else an entry of a colour table.

    `x`, `y` are the level-0 pixel of its upper left corner, `scale` level-0 pixels per pixel.
    """

    numbers: NDArray[np.uint8]
    x: float
    y: float
    scale: float

    @property
    def weight(self) -> int:
        return self.numbers.nbytes


def raster_of_mask(segments: Segments) -> Raster:
    """Classes as they are numbered."""
    placed = segments.placed
    return Raster(segments.pixels, placed.x, placed.y, placed.scale)


def raster_of_map(values: Map) -> Raster:
    """Numbers spread over the steps of a colour map, from the least to the greatest of its range.

    What lies beyond the range has the colour of its end; NaN is nothing.
    """
    low, high = values.range
    span = high - low
    share = (values.pixels - np.float32(low)) / np.float32(span if span > 0 else 1)
    known = ~np.isnan(share)
    steps = np.clip(np.nan_to_num(share, nan=0.0), 0, 1) * (STEPS - 1) + 1.5
    placed = values.placed
    numbers = np.where(known, steps, 0).astype(np.uint8)
    return Raster(numbers, placed.x, placed.y, placed.scale)


def coarser(raster: Raster, most: int) -> Raster:
    """As it is where it weighs `most` bytes or less, else every second, third ... pixel of it."""
    if raster.weight <= most:
        return raster
    step = math.ceil(math.sqrt(raster.weight / max(most, 1)))
    numbers = np.ascontiguousarray(raster.numbers[::step, ::step])
    return Raster(numbers, raster.x, raster.y, raster.scale * step)


def draw_overlay(
    raster: Raster, table: Table, *, base: Level, level: Level, column: int, row: int
) -> bytes:
    """A PNG of one tile of `level`, transparent where there is nothing.

    It has the size of the slide's tile and lies exactly over it; `base` is level 0.
    """
    across, down = base.columns / level.columns, base.rows / level.rows
    size = level.tile_columns, level.tile_rows
    columns = _samples(raster.x, raster.scale, across, column, size[0])
    rows = _samples(raster.y, raster.scale, down, row, size[1])
    picture = _paint(raster.numbers, table, rows, columns, size)
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA), _QUICK)[1].tobytes()


def _samples(start: float, scale: float, factor: float, tile: int, size: int) -> NDArray[np.int64]:
    """Which pixels of the raster lie under the samples of a tile, along one axis."""
    many = min(max(math.ceil(factor / scale), 1), _MOST_SAMPLES)
    places = (tile * size + (np.arange(size * many) + 0.5) / many) * factor
    return np.floor((places - start) / scale).astype(np.int64)


def _paint(
    numbers: NDArray[np.uint8],
    table: Table,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    size: tuple[int, int],
) -> NDArray[np.uint8]:
    """RGBA, shape (size[1], size[0], 4): the mean colour of what is there, alpha how much is."""
    within = [
        (one >= 0) & (one < side) for one, side in zip((rows, columns), numbers.shape, strict=True)
    ]
    if not within[0].any() or not within[1].any():
        return np.zeros((size[1], size[0], 4), np.uint8)
    found = numbers[np.where(within[0], rows, 0)[:, None], np.where(within[1], columns, 0)]
    found[~within[0]] = 0
    found[:, ~within[1]] = 0
    down, across = len(rows) // size[1], len(columns) // size[0]
    if down == across == 1 or not found.any():
        return table[found[::down, ::across]]
    many = down * across
    blocks = table[found].reshape(size[1], down, size[0], across, 4).astype(np.uint32)
    total = blocks.sum(axis=(1, 3))
    # Nothing is (0, 0, 0, 0): the sum of colours is that of what is there.
    there = np.maximum(total[..., 3:] // 255, 1)
    colour = (total[..., :3] + there // 2) // there
    return np.concatenate([colour, total[..., 3:] // many], axis=-1).astype(np.uint8)
