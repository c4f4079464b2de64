"""A region of a slide as it is looked at, put together from the tiles that lie under it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

import cv2
import numpy as np

from bigpicture.dicom.composite import WHITE, Ramp, composite
from bigpicture.dicom.display import brightest_values
from bigpicture.dicom.optical_path import COLOURS
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.slide import (
    BACKGROUND,
    RGB_STACK,
    Channel,
    Pixels,
    Samples,
    SourceLevel,
)
from bigpicture.model.errors import SlideError

BLOCK_SIDE = 4096
"""Pixels of a side of what is decoded at once when a large region is shown small."""
MOST_BETWEEN = 1 << 26
"""Pixels of what is held between the two steps of reducing, where that is enough."""
_TILES_AT_ONCE = 64

T = TypeVar("T")


class Box(NamedTuple):
    """A rectangle in the pixels of one level; it may reach beyond the level."""

    x: int
    y: int
    width: int
    height: int


class Grid(Protocol):
    """A level as far as its size and the size of its tiles go."""

    @property
    def columns(self) -> int: ...
    @property
    def rows(self) -> int: ...
    @property
    def tile_columns(self) -> int: ...
    @property
    def tile_rows(self) -> int: ...


@dataclass(frozen=True, slots=True)
class View:
    """What of a slide is looked at: one focal plane, one channel or (None) all of them together.

    `ramps` tell how each optical path is shown; there are none of a slide in colour.
    """

    plane: int = 0
    path: int | None = None
    ramps: tuple[Ramp, ...] = ()


def view_of(
    levels: Sequence[SourceLevel],
    channels: Sequence[Channel],
    *,
    plane: int | None = None,
    path: int | None = None,
) -> View:
    """The view of a slide: the middle focal plane and all channels, unless said otherwise.

    Raises `SlideError` where it has no such plane or channel; both are counted from 0.
    """
    stack = levels[0].stack
    for name, wanted, there in (
        ("focal plane", plane, stack.planes),
        ("channel", path, stack.paths),
    ):
        if wanted is not None and not 0 <= wanted < there:
            raise SlideError(
                f"there is no {name} {wanted}.",
                place=levels[0].place,
                remedy=f"It has {there}, counted from 0.",
            )
    middle = stack.planes // 2 if plane is None else plane
    if stack.samples == RGB_STACK.samples:
        return View(middle, path)
    brightest = brightest_values(levels[-1])
    ramps = [
        Ramp(_colour(number, channels, stack.paths), most) for number, most in enumerate(brightest)
    ]
    if path is not None:
        # A channel by itself is an intensity, which grey shows best.
        ramps = [Ramp(WHITE, ramp.brightest) for ramp in ramps]
    return View(middle, path, tuple(ramps))


def _colour(number: int, channels: Sequence[Channel], paths: int) -> tuple[int, int, int]:
    told = channels[number].colour if number < len(channels) else None
    return told or (WHITE if paths == 1 else COLOURS[number % len(COLOURS)])


def read_box(level: SourceLevel, box: Box, view: View) -> Pixels:
    """The region as RGB, shape (box.height, box.width, 3); background outside of the level.

    Tiles are decoded on all cores, a bounded number at a time. Raises `SlideError` on a damaged
    tile.
    """
    shade = 0 if view.ramps else BACKGROUND
    out: Pixels = np.full((box.height, box.width, 3), shade, np.uint8)
    across, down = level.tile_columns, level.tile_rows

    def paste(place: tuple[int, int]) -> None:
        column, row = place
        left, top = max(box.x, column * across), max(box.y, row * down)
        right = min(box.x + box.width, (column + 1) * across, level.columns)
        bottom = min(box.y + box.height, (row + 1) * down, level.rows)
        tile = read_tile(level, column, row, view)
        part = tile[top - row * down : bottom - row * down]
        out[top - box.y : bottom - box.y, left - box.x : right - box.x] = part[
            :, left - column * across : right - column * across
        ]

    for _ in each_at_once(paste, tiles_under(level, box)):
        pass
    return out


def read_tile(level: SourceLevel, column: int, row: int, view: View) -> Pixels:
    """One tile as it is looked at, RGB, shape (tile_rows, tile_columns, 3)."""
    across = -(-level.columns // level.tile_columns)
    tiles = across * -(-level.rows // level.tile_rows)
    index = row * across + column
    stack = level.stack

    def samples(path: int) -> Samples:
        return level.pixels((path * stack.planes + view.plane) * tiles + index)

    if not view.ramps:
        colour = samples(view.path or 0)
        return (colour >> 8 if colour.dtype == np.uint16 else colour).astype(np.uint8, copy=False)
    if view.path is not None:
        return composite([samples(view.path)], [view.ramps[view.path]])
    return composite([samples(path) for path in range(stack.paths)], view.ramps)


def read_scaled(level: SourceLevel, box: Box, view: View, *, width: int, height: int) -> Pixels:
    """The region shown at `width` × `height` pixels, each the mean of those it covers.

    Block after block, so that memory is bounded by the picture asked for, not by the region.
    """
    whole = max(1, min(box.width // width, box.height // height))
    # First by a whole number to twice the size, then to what was asked for: as sharp as at once.
    factor = max(1, whole // 2)
    while factor < whole and box.width * box.height > MOST_BETWEEN * factor * factor:
        factor += 1
    small = _reduced(level, box, view, factor) if factor > 1 else read_box(level, box, view)
    if (small.shape[1], small.shape[0]) == (width, height):
        return small
    is_smaller = small.shape[1] >= width and small.shape[0] >= height
    how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.uint8)


def _reduced(level: SourceLevel, box: Box, view: View, factor: int) -> Pixels:
    """The region reduced by a whole number; what is left over at an edge counts as one pixel."""
    side = max(1, BLOCK_SIDE // factor)
    columns, rows = -(-box.width // factor), -(-box.height // factor)
    out: Pixels = np.empty((rows, columns, 3), np.uint8)
    for top in range(0, rows, side):
        for left in range(0, columns, side):
            wide, high = min(side, columns - left), min(side, rows - top)
            x, y = left * factor, top * factor
            width = min(wide * factor, box.width - x)
            height = min(high * factor, box.height - y)
            block = read_box(level, Box(box.x + x, box.y + y, width, height), view)
            room = ((0, high * factor - height), (0, wide * factor - width), (0, 0))
            padded = np.pad(block, room, mode="edge") if any(map(any, room)) else block
            out[top : top + high, left : left + wide] = cv2.resize(
                padded, (wide, high), interpolation=cv2.INTER_AREA
            )
    return out


def level_for(levels: Sequence[Grid], factor: float) -> int:
    """The coarsest level that is reduced by no more than `factor`, so that nothing is blown up."""
    base = levels[0].columns, levels[0].rows
    fine = [
        number
        for number, level in enumerate(levels)
        if max(level_factor(base, (level.columns, level.rows))) <= factor * 1.001
    ]
    return fine[-1] if fine else 0


def each_at_once(act: Callable[[T], None], things: Iterable[T]) -> Iterator[int]:
    """Act on each thing on all cores, a bounded number waiting; yields how many were done."""
    todo = iter(things)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while batch := list(islice(todo, _TILES_AT_ONCE)):
            waiting: list[Future[None]] = [pool.submit(act, each) for each in batch]
            for future in waiting:
                future.result()
            yield len(batch)


def tiles_under(level: Grid, box: Box) -> Iterator[tuple[int, int]]:
    """Column and row of every tile that lies under the box."""
    left, top = max(box.x, 0), max(box.y, 0)
    right = min(box.x + box.width, level.columns)
    bottom = min(box.y + box.height, level.rows)
    if left >= right or top >= bottom:
        return
    for row in range(top // level.tile_rows, (bottom - 1) // level.tile_rows + 1):
        for column in range(left // level.tile_columns, (right - 1) // level.tile_columns + 1):
            yield column, row
