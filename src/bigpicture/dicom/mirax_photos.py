"""Where the photos of a MIRAX slide lie, and which part of which image shows them.

The camera takes overlapping photos and notes where. Each photo is cut into `divisions` images a
side, which lie edge to edge. A coarser level halves the images and puts four together into one,
also such of different photos: there an image is cut again into parts, one a photo. All this is
OpenSlide's description of the format; what lies where equals what OpenSlide shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.errors import SlideError

MAXIMUM_PHOTOS = 1 << 22
_RECORD = np.dtype([("flag", "u1"), ("x", "<i4"), ("y", "<i4")])
RECORD_BYTES = _RECORD.itemsize


@dataclass(frozen=True)
class Photos:
    """The grid of photos. `image` is a level-0 image's (columns, rows), `images` their number.

    `concat` counts the images of the scan that level 0's put together. `overlap` is what photos
    were meant to share, in level-0 pixels; `table` what the scanner noted, shape (photos, 2), or
    None.
    """

    images: tuple[int, int]
    image: tuple[int, int]
    divisions: int
    concat: int
    overlap: tuple[float, float]
    table: NDArray[np.int64] | None

    @property
    def grid(self) -> tuple[int, int]:
        """How many photos lie in a row and in a column."""
        return self.images[0] // self.divisions, self.images[1] // self.divisions

    @property
    def is_cut(self) -> bool:
        """Whether photos may lie elsewhere than edge to edge, so that images are cut into them."""
        return self.table is not None or self.overlap != (0, 0)

    def corners(self, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
        """The upper left corners of photos, in pixels of the scan, shape (photos, 2)."""
        if self.table is None:
            # Truncated, as OpenSlide does it.
            width, height = (
                self.image[axis] * self.divisions - self.overlap[axis] for axis in (0, 1)
            )
            return np.stack([np.trunc(x * width), np.trunc(y * height)], axis=1).astype(np.int64)
        return self.table[y * self.grid[0] + x] * self.concat

    def side(self, axis: int) -> int:
        """Pixels of level 0, along x (0) or y (1), before `concat` divides them."""
        count, length = self.images[axis], self.image[axis]
        seams = (count - 1) // self.divisions
        return (count - seams) * length + seams * int(np.floor(length - self.overlap[axis]))


@dataclass(frozen=True)
class Step:
    """How one level is put together: `concat` images of the scan a side, out of (w, h) images."""

    concat: int
    image: tuple[int, int]
    overlap: tuple[float, float]


@dataclass(frozen=True)
class Parts:
    """The parts of images that one level shows, one an entry.

    `image` counts rows of the level's list of images; `x` and `y` are where the part lies, in the
    level's pixels; `left` and `top` where it begins in its image; `row` and `column` order them.
    All parts are `width` by `height` pixels (fractional where a photo is no whole number of them).
    """

    image: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    left: NDArray[np.float64]
    top: NDArray[np.float64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    width: float
    height: float
    is_on_grid: bool
    """Whether all lie exactly where equal tiles without a gap would, in whole pixels."""


class Placing:
    """Places the images of one level after the other, finest first.

    Photos that the finest level lacks are not shown in coarser ones, where they are blank.
    """

    def __init__(self, photos: Photos, *, place: str) -> None:
        self._photos = photos
        self._place = place
        self._active: NDArray[np.int64] | None = None

    def place(self, numbers: NDArray[np.int64], step: Step) -> Parts:
        """The parts of the images with these numbers (ascending, each once); `SlideError`."""
        x, y = numbers % self._photos.images[0], numbers // self._photos.images[0]
        self._check(x, y, step)
        is_cut = self._photos.is_cut and step.concat > self._photos.divisions
        image, photo_x, photo_y = (
            self._cut(numbers, x, y, step) if is_cut else self._whole(x, y, step)
        )
        return self._parts(image, photo_x, photo_y, x[image], y[image], step)

    def _check(self, x: NDArray[np.int64], y: NDArray[np.int64], step: Step) -> None:
        down = self._photos.images[1]
        wrong = (y >= down) | (x % step.concat != 0) | (y % step.concat != 0)
        if bool(wrong.any()):
            raise SlideError(
                "the index lists an image where none can be.",
                place=self._place,
                remedy="The slide is damaged: copy it again from its origin.",
            )

    def _whole(
        self, x: NDArray[np.int64], y: NDArray[np.int64], step: Step
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Images that are one part each: rows of the list, and the photo each begins with."""
        photo_x, photo_y = x // self._photos.divisions, y // self._photos.divisions
        if self._active is None:
            shown = self._see(photo_x, photo_y)
        else:
            block = max(1, step.concat // self._photos.divisions)
            across = self._photos.grid[0]
            active = _key(self._active % across // block, self._active // across // block)
            shown = np.isin(_key(photo_x // block, photo_y // block), active)
        image = np.flatnonzero(shown)
        return image, photo_x[image], photo_y[image]

    def _cut(
        self, numbers: NDArray[np.int64], x: NDArray[np.int64], y: NDArray[np.int64], step: Step
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Images of several photos: for each photo its image, as a row of the list."""
        if self._active is None:
            return self._cut_first(x, y, step)
        photo_x, photo_y = self._active % self._photos.grid[0], self._active // self._photos.grid[0]
        within = [photo * self._photos.divisions // step.concat * step.concat
                  for photo in (photo_x, photo_y)]  # fmt: skip
        wanted = within[1] * self._photos.images[0] + within[0]
        image = np.searchsorted(numbers, wanted)
        found = np.append(numbers, -1)[image] == wanted
        return image[found], photo_x[found], photo_y[found]

    def _cut_first(
        self, x: NDArray[np.int64], y: NDArray[np.int64], step: Step
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """A finest level that was reduced itself: every photo of every image."""
        count = step.concat // self._photos.divisions
        across, down = (min(count, self._photos.grid[axis]) for axis in (0, 1))
        if len(x) * across * down > MAXIMUM_PHOTOS:
            raise SlideError(
                f"it claims more than {MAXIMUM_PHOTOS} photos.",
                place=self._place,
                remedy="The slide is damaged.",
            )
        image = np.repeat(np.arange(len(x)), across * down)
        photo_x = x[image] // self._photos.divisions + np.tile(np.arange(across), len(x) * down)
        photo_y = y[image] // self._photos.divisions + np.tile(
            np.repeat(np.arange(down), across), len(x)
        )
        inside = (photo_x < self._photos.grid[0]) & (photo_y < self._photos.grid[1])
        image, photo_x, photo_y = image[inside], photo_x[inside], photo_y[inside]
        shown = self._see(photo_x, photo_y)
        return image[shown], photo_x[shown], photo_y[shown]

    def _see(self, photo_x: NDArray[np.int64], photo_y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Note the finest level's photos; False for one at (0, 0) that is not the first.

        Only that one can lie there: of photos that were not taken nothing was noted.
        """
        corners = self._photos.corners(photo_x, photo_y)
        shown = (corners != 0).any(axis=1) | ((photo_x == 0) & (photo_y == 0))
        self._active = np.unique((photo_y * self._photos.grid[0] + photo_x)[shown])
        return shown

    def _parts(
        self,
        image: NDArray[np.int64],
        photo_x: NDArray[np.int64],
        photo_y: NDArray[np.int64],
        x: NDArray[np.int64],
        y: NDArray[np.int64],
        step: Step,
    ) -> Parts:
        divisions, photos = self._photos.divisions, self._photos
        corners = photos.corners(photo_x, photo_y)
        parts = step.concat // divisions if photos.is_cut and step.concat > divisions else 1
        divisor = min(step.concat, divisions) if photos.is_cut else step.concat
        sides = [step.image[axis] / parts for axis in (0, 1)]
        lies: list[NDArray[np.float64]] = []
        begins: list[NDArray[np.float64]] = []
        cells: list[NDArray[np.int64]] = []
        is_on_grid = all(side == int(side) for side in sides)
        for axis, (at, photo) in enumerate(((x, photo_x), (y, photo_y))):
            within = photo - at // divisions
            inner = at % divisions if parts == 1 else np.zeros_like(at)
            pixels = corners[:, axis] + photos.image[axis] * inner
            lies.append(pixels.astype(np.float64) * (1 / step.concat))
            begins.append(within * np.float64(sides[axis]) if parts > 1 else np.zeros(len(at)))
            cells.append(at // divisor + (within if parts > 1 else 0))
            advance = sides[axis] - step.overlap[axis] / max(1, divisions // step.concat)
            is_on_grid = (
                is_on_grid
                and advance == sides[axis]
                and bool((lies[axis] == cells[axis] * sides[axis]).all())
            )
        return Parts(
            image=image,
            x=lies[0],
            y=lies[1],
            left=begins[0],
            top=begins[1],
            row=cells[1],
            column=cells[0],
            width=sides[0],
            height=sides[1],
            is_on_grid=is_on_grid,
        )


def _key(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
    return (y << 32) | x


def read_positions(data: bytes, *, photos: int, place: str) -> NDArray[np.int64]:
    """Positions out of their table: a flag and (x, y), 9 bytes a photo; shape (photos, 2)."""
    if len(data) != photos * RECORD_BYTES:
        raise SlideError(
            "the table of positions is not as long as there are photos.",
            place=place,
            remedy="The slide is damaged: copy it again from its origin.",
        )
    records = np.frombuffer(data, _RECORD)
    if bool((records["flag"] > 1).any()):
        raise SlideError(
            "the table of positions holds something else than positions.",
            place=place,
            remedy="The slide is damaged: copy it again from its origin.",
        )
    return np.stack([records["x"], records["y"]], axis=1).astype(np.int64)
