"""Where the patches of one slide lie: its grid, in the pixels of the level that is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import NamedTuple

from bigpicture.dicom.reader import SlideReader
from bigpicture.dicom.resample import given_step
from bigpicture.model.errors import SlideError

TOLERANCE = 0.01
"""By how much a stored level may differ from the scale asked for, and be taken as it is."""


class Size(NamedTuple):
    """What must be known of a slide to plan: level-0 pixels, and micrometres per pixel or None."""

    width: int
    height: int
    mpp: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class View:
    """How patches of one scale are read of one slide.

    `level` is read, `step` of its pixels (x, y) to a pixel of the patch; `mpp` is what comes out,
    micrometres per pixel, the mean of both directions where they differ within the tolerance.
    """

    level: int
    step: tuple[float, float]
    factor: tuple[float, float]
    """Level-0 pixels to a pixel of the level."""
    mpp: float

    @property
    def scale(self) -> tuple[float, float]:
        """Level-0 pixels to a pixel of the patch (x, y)."""
        return self.step[0] * self.factor[0], self.step[1] * self.factor[1]


class Spot(NamedTuple):
    """One patch: its upper left corner in level-0 pixels, for each scale."""

    corners: tuple[tuple[float, float], ...]

    @property
    def corner(self) -> tuple[float, float]:
        """Of the first scale."""
        return self.corners[0]


@dataclass(frozen=True, slots=True)
class Grid:
    """The patches of one slide, and the blocks of `side` × `side` neighbours they are read in."""

    views: tuple[View, ...]
    size: tuple[int, int]
    stride: tuple[int, int]
    across: int
    down: int
    side: int

    def block(self, number: int) -> Iterator[Spot]:
        """The patches of a block, row by row; none of one that lies past the last."""
        blocks_across = ceil(self.across / self.side)
        if not blocks_across:
            return
        top, left = divmod(number, blocks_across)
        for row in range(top * self.side, min((top + 1) * self.side, self.down)):
            for column in range(left * self.side, min((left + 1) * self.side, self.across)):
                yield self.spot(column, row)

    def spot(self, column: int, row: int) -> Spot:
        # in whole pixels of the level, so that neighbours are as far apart as they are wide
        x = round(column * self.stride[0] * self.views[0].step[0]) * self.views[0].factor[0]
        y = round(row * self.stride[1] * self.views[0].step[1]) * self.views[0].factor[1]
        if len(self.views) == 1:
            return Spot(((x, y),))
        across, down = self.views[0].scale
        middle = x + self.size[0] * across / 2, y + self.size[1] * down / 2
        others = tuple(
            (
                middle[0] - self.size[0] * view.scale[0] / 2,
                middle[1] - self.size[1] * view.scale[1] / 2,
            )
            for view in self.views[1:]
        )
        return Spot(((x, y), *others))


def make_grid(
    reader: SlideReader,
    *,
    mpps: Sequence[float],
    size: tuple[int, int],
    stride: tuple[int, int],
    side: int,
) -> Grid:
    """The grid of an opened slide; raises `SlideError` without a scale, or with too coarse a one.

    The first of `mpps` has the grid, the others are read around the same middles. A patch lies
    wholly in the slide at the first scale.
    """
    views = tuple(view_of(reader, mpp, size) for mpp in mpps)
    across, down = views[0].scale
    return Grid(
        views,
        size,
        stride,
        _count(reader.width / across, size[0], stride[0]),
        _count(reader.height / down, size[1], stride[1]),
        side,
    )


def most_blocks(
    of: Size, *, mpp: float, size: tuple[int, int], stride: tuple[int, int], side: int
) -> int:
    """How many blocks `make_grid` can give, known before the slide is opened; 0 without a scale."""
    if of.mpp is None:
        return 0
    counts = [
        _count(length / (mpp * (1 - 1.5 * TOLERANCE) / own), size[axis], stride[axis])
        for axis, (length, own) in enumerate(zip((of.width, of.height), of.mpp, strict=True))
    ]
    return ceil(counts[0] / side) * ceil(counts[1] / side)


def view_of(reader: SlideReader, mpp: float, size: tuple[int, int]) -> View:
    """How a scale is read: a stored level within 1 % of it, else resampled from a finer one."""
    wanted = reader.scale_of(mpp)
    for number, factor in enumerate(reader.factors):
        ratios = wanted[0] / factor[0], wanted[1] / factor[1]
        if all(abs(ratio - 1) <= TOLERANCE for ratio in ratios):
            return View(number, (1.0, 1.0), factor, _mpp(reader, factor))
    if min(wanted) < 1:
        raise SlideError(
            f"its finest level has {_mpp(reader, (1.0, 1.0)):.4g} µm per pixel, "
            f"{mpp:g} were asked for.",
            place=reader.place,
            rule="pixels are never made up",
            remedy="Ask for a coarser scale, or leave the slide out.",
        )
    number = reader.level_at(min(wanted))
    factor = reader.factors[number]
    step = given_step((wanted[0] / factor[0], wanted[1] / factor[1]), size)
    view = View(number, step, factor, 0.0)
    return View(number, step, factor, _mpp(reader, view.scale))


def _mpp(reader: SlideReader, scale: tuple[float, float]) -> float:
    assert reader.mpp is not None  # `scale_of` was asked before
    return sqrt(reader.mpp[0] * scale[0] * reader.mpp[1] * scale[1])


def _count(length: float, size: int, stride: int) -> int:
    """How many patches of `size` fit into a length of that many of their pixels."""
    return max(0, int((length - size) / stride + 1e-6) + 1) if length + 1e-6 >= size else 0
