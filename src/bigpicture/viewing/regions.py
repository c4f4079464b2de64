"""Regions: any rectangle of an image at any size, put together from the tiles under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from bigpicture.dicom.region import Box, level_for, tiles_under
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.slide import Pixels
from bigpicture.model.errors import LimitError, UnknownError
from bigpicture.viewing.canvas import Canvas, Part
from bigpicture.viewing.layers import USUAL, Layers
from bigpicture.viewing.stored import StoredImage
from bigpicture.viewing.tiles import Tile, Tiles
from bigpicture.viewing.turns import Turns

MOST_PIXELS = 16 << 20
"""Of one answer."""
MOST_TILES = 4096
"""Under one region: a slide without small levels cannot be seen whole."""
AT_ONCE = 4
"""Regions drawn at a time by one process, so that their pixels do not take all memory."""
MOST_WAITING = 512
_TILES_AT_ONCE = 32
_REDUCTIONS = (8, 4, 2)
_ROUNDING = 1.002
"""Sizes are whole pixels: 3.993 times smaller is 4 times."""

_T = TypeVar("_T")


class Regions:
    """Draws regions of published images; takes no decision about who may see them."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._turns = Turns(AT_ONCE, most=MOST_WAITING)

    async def draw(
        self,
        image: StoredImage,
        box: Box,
        size: tuple[int, int],
        then: Callable[[Pixels], _T],
        layers: Layers = USUAL,
        *,
        who: str = "",
    ) -> _T:
        """What `then` makes of the box, in pixels of the finest level, at `size` (width, height).

        It is given RGB, shape (height, width, 3), in the thread that put it together. It is drawn
        from the coarsest level that is fine enough, so that a level that is not stored costs
        little more than one that is. Raises `UnknownError` outside of the image, `LimitError`
        where it asks for too much, `BusyError` where too many wait, else as `Tiles.read`.
        """
        width, height = size
        if width * height > MOST_PIXELS:
            raise LimitError(
                f"{width} × {height} pixels are too many.",
                rule=f"at most {MOST_PIXELS} in one answer",
            )
        part = part_for(image, box, size)
        reduced = _reduction(part, size)
        places = list(tiles_under(part.level.level, part.box))
        if len(places) > MOST_TILES:
            raise LimitError(
                "the region lies over too many tiles.",
                rule=f"at most {MOST_TILES} tiles in one answer",
                remedy="Ask for a part of it.",
            )
        groups = [
            places[start : start + _TILES_AT_ONCE]
            for start in range(0, len(places), _TILES_AT_ONCE)
        ]
        async with self._turns.turn(who):
            canvas = Canvas(part, reduced)

            def finish(tiles: Sequence[Pixels]) -> _T:
                canvas.paste(groups[-1], tiles)
                return then(canvas.at(size))

            for group in groups[:-1]:
                lay = partial(canvas.paste, group)
                await self._tiles.decoded(part.level, group, lay, layers, reduced=reduced)
            return await self._tiles.decoded(
                part.level, groups[-1], finish, layers, reduced=reduced
            )

    async def stored(
        self, image: StoredImage, box: Box, size: tuple[int, int], layers: Layers = USUAL
    ) -> Tile | None:
        """The tile that is just this box at this size, as it is stored, where there is one."""
        part = part_for(image, box, size)
        level, inside = part.level.level, part.box
        across, down = level.tile_columns, level.tile_rows
        is_whole = (inside.width, inside.height) == (across, down) == size
        if not is_whole or inside.x % across or inside.y % down:
            return None
        return await self._tiles.read(part.level, inside.x // across, inside.y // down, layers)


def part_for(image: StoredImage, box: Box, size: tuple[int, int]) -> Part:
    """The coarsest level fine enough for `size`, and the box in its pixels.

    Raises `UnknownError` where the box does not lie in the image.
    """
    levels = [one.level for one in image.levels]
    base = levels[0]
    is_inside = 0 <= box.x < base.columns and 0 <= box.y < base.rows
    if not is_inside or min(box.width, box.height, *size) < 1:
        raise UnknownError(
            "the region does not lie in the image.", rule=f"{base.columns} × {base.rows} pixels"
        )
    number = level_for(levels, min(box.width / size[0], box.height / size[1]))
    level = levels[number]
    across, down = level_factor((base.columns, base.rows), (level.columns, level.rows))
    left = min(round(box.x / across), level.columns - 1)
    top = min(round(box.y / down), level.rows - 1)
    right = min(round((box.x + box.width) / across), level.columns)
    bottom = min(round((box.y + box.height) / down), level.rows)
    inside = Box(left, top, max(1, right - left), max(1, bottom - top))
    return Part(image.at(number), inside)


def _reduction(part: Part, size: tuple[int, int]) -> int:
    """By how much tiles may be decoded smaller, and still be larger than what is asked for."""
    level, box = part.level.level, part.box
    for reduced in _REDUCTIONS:
        is_whole = not (level.tile_columns % reduced or level.tile_rows % reduced)
        if is_whole and min(box.width / size[0], box.height / size[1]) * _ROUNDING >= reduced:
            return reduced
    return 1
