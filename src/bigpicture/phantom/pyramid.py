"""A pyramid made in one pass: rows of blocks come in, tiles of every level go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Sink = Callable[[int, bytes], None]
"""Takes (level, encoded tile), tiles of one level in reading order."""

FACTOR = 4
SMALLEST = 64
"""A level whose shorter side would be below this many pixels is not made."""
_LEVELS = 3
_THUMBNAIL = 1024


@dataclass
class _Rows:
    """Rows of one level that wait for a whole row of tiles."""

    columns: int
    rows: int
    waiting: list[Picture] = field(default_factory=list)
    spare: Picture | None = None
    """Rows that did not fill a step of the next level yet."""

    @property
    def height(self) -> int:
        return sum(len(part) for part in self.waiting)


def level_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Columns and rows of each level, finest first: 1, 1/4, 1/16."""
    sizes = [(width, height)]
    while len(sizes) < _LEVELS and min(sizes[-1]) // FACTOR >= SMALLEST:
        sizes.append((sizes[-1][0] // FACTOR, sizes[-1][1] // FACTOR))
    return sizes


class Pyramid:
    """Downsamples and cuts what is fed; memory is a few rows of tiles, whatever the height."""

    def __init__(
        self,
        width: int,
        height: int,
        *,
        tile: int,
        encode: Callable[[Picture], bytes],
        sink: Sink,
        pool: Executor,
    ) -> None:
        self.sizes: Sequence[tuple[int, int]] = level_sizes(width, height)
        self._levels = [_Rows(*size) for size in self.sizes]
        self._tile, self._encode, self._sink, self._pool = tile, encode, sink, pool
        self._shrink = max(1, -(-max(width, height) // _THUMBNAIL))
        self._small: list[Picture] = []
        self._remainder: Picture | None = None

    def feed(self, rows: Picture) -> None:
        """Take the next rows of level 0, (n, width, 3)."""
        self._shrunk(rows)
        for index, level in enumerate(self._levels):
            level.waiting.append(rows)
            self._cut(index, last=False)
            if index + 1 == len(self._levels):
                return
            joined = rows if level.spare is None else np.concatenate([level.spare, rows])
            whole = len(joined) // FACTOR * FACTOR
            level.spare = joined[whole:].copy()
            columns = self._levels[index + 1].columns
            if not whole:
                return
            rows = _mean(joined[:whole, : columns * FACTOR], FACTOR)

    def finish(self) -> Picture:
        """Cut what is left, and return the thumbnail."""
        for index in range(len(self._levels)):
            self._cut(index, last=True)
        return np.concatenate(self._small)

    def _cut(self, index: int, *, last: bool) -> None:
        """Encode every whole row of tiles that waits on a level."""
        level, tile = self._levels[index], self._tile
        if level.height < tile and not (last and level.height):
            return
        rows = np.concatenate(level.waiting)
        number = -(-len(rows) // tile) if last else len(rows) // tile
        level.waiting = [rows[number * tile :].copy()]
        for data in self._pool.map(self._encode, _tiles(rows, number, tile)):
            self._sink(index, data)

    def _shrunk(self, rows: Picture) -> None:
        """Collect the thumbnail."""
        k = self._shrink
        joined = rows if self._remainder is None else np.concatenate([self._remainder, rows])
        whole, columns = len(joined) // k * k, joined.shape[1] // k
        self._remainder = joined[whole:].copy()
        if whole:
            self._small.append(_mean(joined[:whole, : columns * k], k))


def _mean(picture: Picture, factor: int) -> Picture:
    """The mean of each `factor` x `factor` pixels; sides are whole multiples."""
    size = picture.shape[1] // factor, picture.shape[0] // factor
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _tiles(rows: Picture, number: int, tile: int) -> Iterator[Picture]:
    """Tiles in reading order; the last column and row are filled up with their edge."""
    across = -(-rows.shape[1] // tile)
    missing = number * tile - len(rows), across * tile - rows.shape[1]
    if missing[0] > 0 or missing[1] > 0:
        rows = np.pad(rows, ((0, max(missing[0], 0)), (0, missing[1]), (0, 0)), mode="edge")
    for row in range(number):
        for column in range(across):
            yield np.ascontiguousarray(
                rows[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
            )
