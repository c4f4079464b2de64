"""Reads a slide: any region at any scale, the same way whatever the slide is stored as."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.dicom_level import DicomLevel
from bigpicture.dicom.index import build_index
from bigpicture.dicom.level_pixels import ArrayPixels, LevelPixels, TiledPixels, TileMemory
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.patches import Patches, put
from bigpicture.dicom.region import View, level_for, read_tile, view_of
from bigpicture.dicom.resample import read_resampled
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.slide import BACKGROUND, Pixels, SourceLevel, VendorSlide
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.errors import InputError, SlideError
from bigpicture.model.image import Level

MEMORY_BYTES = 64 << 20
"""Of decoded tiles that one reader keeps."""


class SlideReader:
    """An opened slide. Threads may share one; close it, or use `with`.

    Places are in level-0 pixels, origin top left, x right, y down; `mpp` is micrometres per
    level-0 pixel (x, y), None where the slide states none. Whatever is read raises `SlideError`
    where the slide is damaged under it.
    """

    def __init__(
        self,
        pixels: Sequence[LevelPixels],
        *,
        place: str,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._pixels = tuple(pixels)
        self._close = close
        self.place = place
        self.levels: tuple[Level, ...] = tuple(each.level for each in pixels)
        base = self.levels[0]
        self.width, self.height = base.columns, base.rows
        has_scale = base.mpp_x > 0 and base.mpp_y > 0
        self.mpp: tuple[float, float] | None = (base.mpp_x, base.mpp_y) if has_scale else None
        sides = base.columns, base.rows
        self.factors: tuple[tuple[float, float], ...] = tuple(
            level_factor(sides, (level.columns, level.rows)) for level in self.levels
        )
        """Level-0 pixels to a pixel of each level (x, y)."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._close()

    def region(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        size: tuple[int, int] | None = None,
    ) -> Pixels:
        """A box in level-0 pixels, RGB uint8, shape (size[1], size[0], 3).

        `size` (width, height) None: level-0 pixels as they are. The box may reach beyond the slide,
        where it is background. Raises `InputError` where box or size are empty.
        """
        size = (round(width), round(height)) if size is None else size
        if min(width, height, *size) <= 0:
            raise InputError(
                "the region is empty.", place=self.place, remedy="Ask for one pixel at least."
            )
        return self._sampled(x, y, (width / size[0], height / size[1]), size)

    def at_mpp(self, x: float, y: float, *, mpp: float, size: tuple[int, int]) -> Pixels:
        """`size` (width, height) pixels of `mpp` micrometres, from the upper left (x, y) on.

        RGB uint8, shape (size[1], size[0], 3). Resampled from the coarsest level that is fine
        enough. Raises `SlideError` where the slide has no scale.
        """
        across, down = self.scale_of(mpp)
        return self._sampled(x, y, (across, down), size)

    def overview(self, mpp: float = 10.0) -> Pixels:
        """The whole slide at `mpp`, rounded up to whole pixels: background beyond its edges."""
        return self.at_mpp(0, 0, mpp=mpp, size=self.size_at(mpp))

    def size_at(self, mpp: float) -> tuple[int, int]:
        """Width and height of the whole slide at `mpp`, rounded up; raises as `at_mpp`."""
        across, down = self.scale_of(mpp)
        # What exceeds a whole pixel by the rounding of a float is no pixel more.
        return ceil(self.width / across - 1e-6), ceil(self.height / down - 1e-6)

    def tiles(
        self,
        *,
        mpp: float,
        size: int | tuple[int, int],
        step: int | None = None,
        mask: NDArray[np.generic] | None = None,
        cover: float = 0.5,
    ) -> Iterator[tuple[int, int, Pixels]]:
        """Every tile of the slide, row by row: (x, y) in level-0 pixels, and its pixels.

        `size` (one side, or width and height) and `step` (`size` unless said) are in pixels of
        `mpp`. `mask`, shape (rows, columns), lies over the whole slide at whatever scale: a tile
        comes where it is not zero over at least the part `cover` of it. One tile is held at a time.
        """
        sides = (size, size) if isinstance(size, int) else size
        across, down = self.scale_of(mpp)
        steps = (step, step) if step is not None else sides
        if min(*sides, *steps) < 1:
            raise InputError(
                "tiles need a size and a step of one pixel at least.", place=self.place
            )
        wide, high = sides[0] * across, sides[1] * down
        covered = Cover(mask, self.width, self.height) if mask is not None else None
        for top in _starts(self.height, steps[1] * down):
            for left in _starts(self.width, steps[0] * across):
                if covered is None or covered.of(left, top, wide, high) >= cover:
                    yield left, top, self._sampled(left, top, (across, down), sides)

    def scale_of(self, mpp: float) -> tuple[float, float]:
        """Level-0 pixels to a pixel of `mpp` (x, y); raises `SlideError` without a scale."""
        if not mpp > 0:
            raise InputError("a scale is greater than zero.", place=self.place, rule="mpp > 0")
        if self.mpp is None:
            raise SlideError(
                "it does not say how large its pixels are.",
                place=self.place,
                rule="micrometres per pixel are needed to read at a scale",
                remedy="Read it by level-0 pixels, or have its scale stated when it is converted.",
            )
        return mpp / self.mpp[0], mpp / self.mpp[1]

    def level_at(self, factor: float) -> int:
        """The coarsest level reduced by no more than `factor`."""
        return level_for(self.levels, factor)

    def pixels_of(self, level: int) -> LevelPixels:
        """One level, to be read in its own pixels."""
        return self._pixels[level]

    def _sampled(
        self, x: float, y: float, step: tuple[float, float], size: tuple[int, int]
    ) -> Pixels:
        number = self.level_at(min(step))
        across, down = self.factors[number]
        return read_resampled(
            self._pixels[number],
            x / across,
            y / down,
            step=(step[0] / across, step[1] / down),
            size=size,
        )


class ArraySlide(SlideReader):
    """A slide that is one RGB array in memory, uint8, shape (height, width, 3)."""

    def __init__(
        self,
        pixels: Pixels,
        mpp: float | tuple[float, float] | None = None,
        *,
        place: str = "array",
    ) -> None:
        across, down = (mpp, mpp) if isinstance(mpp, (int, float)) else mpp or (0.0, 0.0)
        rows, columns = pixels.shape[:2]
        level = Level(0, columns, rows, columns, rows, across, down)
        super().__init__([ArrayPixels(level, pixels)], place=place)


class Cover:
    """A mask over a whole slide of `width` × `height` level-0 pixels, asked by rectangle."""

    def __init__(self, mask: NDArray[np.generic], width: float, height: float) -> None:
        rows, columns = mask.shape
        self._mask = mask != 0
        self._scale = columns / width, rows / height

    def of(self, x: float, y: float, width: float, height: float) -> float:
        """The part of the rectangle over which the mask is not zero, 0 to 1.

        Counted in whole pixels of the mask, one at least; outside of the slide it is zero.
        """
        left, right = _span(x * self._scale[0], width * self._scale[0])
        top, bottom = _span(y * self._scale[1], height * self._scale[1])
        part = self._mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        return float(np.count_nonzero(part)) / ((right - left) * (bottom - top))


def open_reader(path: Path | str, *, kept: TileMemory | None = None) -> SlideReader:
    """Open a vendor's file, a DICOM file, or a folder of the DICOM instances of one slide.

    Many slides may share what is `kept` of decoded tiles; else each has its own. Raises
    `SlideError` where nobody can read it.
    """
    with ExitStack() as opened:
        slide = opened.enter_context(open_slide(Path(path)))
        kept = TileMemory(MEMORY_BYTES) if kept is None else kept
        view = view_of(slide.levels, slide.channels({}))
        pixels = [
            _pixels_of(slide, level, index=index, view=view, kept=kept)
            for index, level in enumerate(slide.levels)
        ]
        return SlideReader(pixels, place=slide.place, close=opened.pop_all().close)
    raise AssertionError  # pragma: no cover - for type checkers: an ExitStack may swallow errors


def reader_of(instances: Sequence[TiledInstance]) -> SlideReader:
    """Read stored DICOM instances of one slide, finest first, whatever their bytes lie in."""
    kept = TileMemory(MEMORY_BYTES)
    pixels = [_stored(each, index, kept) for index, each in enumerate(instances)]
    return SlideReader(pixels, place=instances[0].instance.place)


def _pixels_of(
    slide: VendorSlide, source: SourceLevel, *, index: int, view: View, kept: TileMemory
) -> LevelPixels:
    if isinstance(source, DicomLevel) and len(source.sources) == 1:
        instance = source.instance
        if instance.is_tiled_full:
            tiled = TiledInstance(
                source.sources[0], instance, build_index(source.sources[0], instance)
            )
            if len(tiled.index) == tiled.level.frame_count:
                return _stored(tiled, index, kept)
    base = slide.levels[0]
    across, down = level_factor((base.columns, base.rows), (source.columns, source.rows))
    mpp = slide.mpp or (0.0, 0.0)
    level = Level(
        index,
        source.columns,
        source.rows,
        source.tile_columns,
        source.tile_rows,
        mpp[0] * across,
        mpp[1] * down,
        source.stack.planes,
        source.stack.paths,
    )
    shade = 0 if view.ramps else BACKGROUND
    return TiledPixels(
        level,
        lambda column, row, out: put(read_tile(source, column, row, view), out),
        kept,
        shade=shade,
    )


def _stored(tiled: TiledInstance, index: int, kept: TileMemory) -> LevelPixels:
    patches, level = Patches(tiled), tiled.level
    across, down = level.tile_columns, level.tile_rows
    shade = BACKGROUND if tiled.instance.samples == 3 else 0
    level = Level(
        index, level.columns, level.rows, across, down, level.mpp_x, level.mpp_y,
        level.focal_planes, level.optical_paths,
    )  # fmt: skip
    return TiledPixels(
        level,
        lambda column, row, out: patches.read(column * across, row * down, across, down, out=out),
        kept,
        shade=shade,
    )


def _starts(length: int, step: float) -> Iterator[int]:
    """Where tiles begin along a side, rounded to whole pixels."""
    for number in range(ceil(length / step - 1e-6)):
        yield round(number * step)


def _span(start: float, length: float) -> tuple[int, int]:
    first = round(start)
    return first, max(first + 1, round(start + length))
