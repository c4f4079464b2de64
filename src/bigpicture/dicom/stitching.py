"""Where the overlapping tiles of a Ventana slide lie: its `EncodeInfo`, read without trust.

Facts from OpenSlide's page on the format and from Roche's white paper on BIF (2020, "Image
stitching process"). Coordinates are pixels of level 0, origin top left, x right, y down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.markup import Markup
from bigpicture.dicom.read import MAXIMUM_SIDE
from bigpicture.model.errors import SlideError

Numbers = NDArray[np.float64]

LOWEST_VERSION = 2
"""Of EncodeInfo; the white paper tells readers to stop at lower ones."""
MAXIMUM_AREAS = 256


@dataclass(frozen=True, slots=True)
class Area:
    """One scanned area: its first tile in the TIFF's grid, and where its tiles lie.

    `lefts` and `tops` are the left edge of each of its columns, the upper edge of each of its rows.
    """

    column: int
    row: int
    lefts: Numbers
    tops: Numbers


@dataclass(frozen=True, slots=True)
class Stitching:
    """The areas of a slide whose tiles are `tile` pixels wide and high."""

    tile: tuple[int, int]
    areas: tuple[Area, ...]

    def size(self, reduction: int) -> tuple[int, int]:
        """Columns and rows that all tiles cover together, in a level reduced by `reduction`."""
        right = max(float(area.lefts[-1]) for area in self.areas) + self.tile[0]
        bottom = max(float(area.tops[-1]) for area in self.areas) + self.tile[1]
        return ceil(right / reduction), ceil(bottom / reduction)

    @property
    def is_grid(self) -> bool:
        """Whether every tile lies where a plain TIFF has it, so that none must be cut or moved."""
        return all(
            np.array_equal(edges, (first + np.arange(len(edges))) * float(side))
            for area in self.areas
            for edges, first, side in (
                (area.lefts, area.column, self.tile[0]),
                (area.tops, area.row, self.tile[1]),
            )
        )

    def covered(self, across: int, down: int) -> NDArray[np.bool_]:
        """Which tiles of the TIFF's level 0 belong to an area, shape (down, across)."""
        grid = np.zeros((down, across), np.bool_)
        for area in self.areas:
            rows = slice(area.row, area.row + len(area.tops))
            grid[rows, area.column : area.column + len(area.lefts)] = True
        return grid


@dataclass(slots=True)
class _Found:
    """An `ImageInfo` with what stands below it; sides of its tiles in pixels."""

    element: Markup
    joints: list[Markup] = field(default_factory=list[Markup])


def read_stitching(
    markup: Sequence[Markup], *, tile: tuple[int, int], grid: tuple[int, int], place: str
) -> Stitching:
    """The stitching out of `EncodeInfo`; `grid` is how many tiles the TIFF has (across, down).

    A slide whose joints all point to the right or up is put together as OpenSlide does it: all its
    tiles advance by the same step, the mean of its joints weighted by their confidence, and
    `Pos-X` and `Pos-Y` (from the bottom) place its areas. Joints to the left are those of the
    VENTANA DP scanners, which OpenSlide refuses: these are placed gap by gap, as the white paper
    has it, at the origins of their areas. Raises `SlideError`.
    """
    reader = _Reader(tile, grid, place)
    reader.check_version(markup)
    found = list(_found(markup))
    origins = [each for each in markup if each.parent == "AoiOrigin"]
    if not found or len(found) != len(origins) or len(found) > MAXIMUM_AREAS:
        raise reader.damaged(f"{len(found)} areas are described, {len(origins)} have an origin")
    pairs = [
        (each, origin)
        for each, origin in zip(found, origins, strict=True)
        if reader.number(each.element, "AOIScanned")
    ]
    if not pairs:
        raise reader.damaged("no area was scanned")
    drafts = [reader.draft(each, origin) for each, origin in pairs]
    reader.check_apart(drafts)
    is_by_gap = any(joint.is_left for draft in drafts for joint in draft.joints)
    areas = _by_gap(drafts, tile) if is_by_gap else _by_step(drafts, tile)
    stitching = Stitching(tile, tuple(areas))
    if max(stitching.size(1)) > MAXIMUM_SIDE:
        raise reader.damaged("its areas lie too far apart")
    return stitching


def _found(markup: Sequence[Markup]) -> Iterator[_Found]:
    current: _Found | None = None
    for element in markup:
        if element.name == "ImageInfo" and element.parent == "SlideStitchInfo":
            if current:
                yield current
            current = _Found(element)
        elif current and element.name == "TileJointInfo" and element.parent == "ImageInfo":
            current.joints.append(element)
    if current:
        yield current


@dataclass(frozen=True, slots=True)
class _Joint:
    """Two neighbours and by how much they overlap. `gap` counts columns or rows, first gap 0."""

    is_vertical: bool
    is_left: bool
    is_joined: bool
    gap: int
    overlap: float
    confidence: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """An area as it is written: sizes and first tile in tiles, position in pixels."""

    column: int
    row: int
    across: int
    down: int
    x: int
    y: int
    joints: tuple[_Joint, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    tile: tuple[int, int]
    grid: tuple[int, int]
    place: str

    def damaged(self, what: str) -> SlideError:
        return SlideError(
            f"its EncodeInfo is damaged: {what}.",
            place=self.place,
            remedy="Copy the file again from its origin, or rescan the slide.",
        )

    def check_version(self, markup: Sequence[Markup]) -> None:
        version = self.number(markup[0], "Ver")
        if version < LOWEST_VERSION:
            raise SlideError(
                f"its EncodeInfo is of version {version}.",
                place=self.place,
                rule=f"version {LOWEST_VERSION} or later; earlier ones do not say how tiles lie",
                remedy="Export the slide again with the scanner's current software.",
            )

    def real(self, element: Markup, name: str) -> float:
        try:
            value = float(element.attributes.get(name, ""))
        except ValueError:
            value = float("nan")
        if not isfinite(value) or abs(value) > 1e9:
            raise self.damaged(f"{element.name} (line {element.line}) has no number {name}")
        return value

    def number(self, element: Markup, name: str) -> int:
        value = self.real(element, name)
        if value != int(value):
            raise self.damaged(f"{element.name} (line {element.line}) has no whole number {name}")
        return int(value)

    def draft(self, found: _Found, origin: Markup) -> _Draft:
        info = found.element
        if (self.number(info, "Width"), self.number(info, "Height")) != self.tile:
            raise self.damaged("its tiles have another size than the TIFF's")
        starts = self.number(origin, "OriginX"), self.number(origin, "OriginY")
        sizes = self.number(info, "NumCols"), self.number(info, "NumRows")
        firsts = [start // side for start, side in zip(starts, self.tile, strict=True)]
        if any(start % side for start, side in zip(starts, self.tile, strict=True)):
            raise self.damaged("an area begins inside a tile")
        for first, size, limit in zip(firsts, sizes, self.grid, strict=True):
            if first < 0 or size < 1 or first + size > limit:
                raise self.damaged("an area has tiles that the TIFF does not have")
        return _Draft(
            column=firsts[0],
            row=firsts[1],
            across=sizes[0],
            down=sizes[1],
            x=int(self.real(info, "Pos-X")),
            y=int(self.real(info, "Pos-Y")),
            joints=tuple(self._joint(each, *sizes) for each in found.joints),
        )

    def check_apart(self, drafts: Sequence[_Draft]) -> None:
        taken = np.zeros((self.grid[1], self.grid[0]), np.bool_)
        for draft in drafts:
            rows = slice(draft.row, draft.row + draft.down)
            part = taken[rows, draft.column : draft.column + draft.across]
            if part.any():
                raise self.damaged("two areas have the same tile")
            part[:] = True

    def _joint(self, element: Markup, across: int, down: int) -> _Joint:
        one = self._tile(element, "Tile1", across, down)
        two = self._tile(element, "Tile2", across, down)
        direction = element.attributes.get("Direction", "")
        is_vertical = direction == "UP"
        # To the left or to the right is how the stage went; the second tile lies right of the
        # first in both.
        wanted = (one[0], one[1] - 1) if is_vertical else (one[0] + 1, one[1])
        if direction not in {"LEFT", "RIGHT", "UP"} or two != wanted:
            raise self.damaged(f"the joint in line {element.line} joins tiles that do not touch")
        overlap = self.real(element, "OverlapY" if is_vertical else "OverlapX")
        side = self.tile[1] if is_vertical else self.tile[0]
        if abs(overlap) >= side:
            raise self.damaged(f"the joint in line {element.line} overlaps by more than a tile")
        return _Joint(
            is_vertical=is_vertical,
            is_left=direction == "LEFT",
            is_joined=element.attributes.get("FlagJoined", "1") != "0",
            gap=two[1] if is_vertical else one[0],
            overlap=overlap,
            confidence=min(max(self.number(element, "Confidence"), 0), 100),
        )

    def _tile(self, element: Markup, name: str, across: int, down: int) -> tuple[int, int]:
        """Column and row of a tile by its number from 1 on, as the stage went.

        It went row by row from the lower left corner, every second row from right to left.
        """
        number = self.number(element, name) - 1
        if not 0 <= number < across * down:
            raise self.damaged(f"the joint in line {element.line} names a tile that is not there")
        up, along = divmod(number, across)
        return (across - 1 - along if up % 2 else along), down - 1 - up


def _by_step(drafts: Sequence[_Draft], tile: tuple[int, int]) -> Iterator[Area]:
    across = _step(drafts, tile[0], is_vertical=False)
    down = _step(drafts, tile[1], is_vertical=True)
    heights = [int((draft.down - 1) * down + tile[1]) for draft in drafts]
    # Pos-Y is the distance from the lower edge of an area up from a line below all of them.
    top = max(0, *(draft.y + height for draft, height in zip(drafts, heights, strict=True)))
    for draft, height in zip(drafts, heights, strict=True):
        lefts = max(draft.x, 0) + np.arange(draft.across, dtype=np.float64) * across
        tops = top - draft.y - height + np.arange(draft.down, dtype=np.float64) * down
        yield Area(draft.column, draft.row, lefts, tops)


def _step(drafts: Sequence[_Draft], side: int, *, is_vertical: bool) -> float:
    joints = [
        joint for draft in drafts for joint in draft.joints if joint.is_vertical == is_vertical
    ]
    weight = sum(joint.confidence for joint in joints)
    if not weight:
        return float(side)
    return side - sum(joint.confidence * joint.overlap for joint in joints) / weight


def _by_gap(drafts: Sequence[_Draft], tile: tuple[int, int]) -> Iterator[Area]:
    for draft in drafts:
        yield Area(
            draft.column,
            draft.row,
            _edges(draft, draft.column, draft.across, tile[0], is_vertical=False),
            _edges(draft, draft.row, draft.down, tile[1], is_vertical=True),
        )


def _edges(draft: _Draft, first: int, count: int, side: int, *, is_vertical: bool) -> Numbers:
    """Each gap closes by the overlap of its trusted joints; all of a gap have the same one."""
    closed = np.zeros(count - 1)
    for gap in range(count - 1):
        found = [
            joint.overlap
            for joint in draft.joints
            if joint.is_vertical == is_vertical
            and joint.gap == gap
            and joint.is_joined
            and joint.confidence == 100
        ]
        closed[gap] = round(float(np.median(found))) if found else 0
    steps = np.concatenate([np.zeros(1), side - closed])
    return first * side + np.cumsum(steps)
