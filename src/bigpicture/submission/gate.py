"""The gate: regions of the source and of what was written, read and compared.

OpenSlide reads both where it can, because it is not ours; else, and of channels' intensities, our
own reader reads the tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openslide

from bigpicture.deidentify.report import Compared
from bigpicture.dicom.codecs import JPEG_2000_LOSSLESS
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import RGB_STACK, Pixels, Samples
from bigpicture.dicom.tiles import TiledInstance, open_pyramid
from bigpicture.model.errors import IntegrityError

SIDE = 512
"""Pixels of a compared region; it crosses the borders of tiles of the usual sizes."""
PLACES_ACROSS = 3
MEAN_TOLERANCE = 3.0
"""Of 255, for frames that were encoded again: JPEG of quality 90 stays below 2 on tissue."""
_OTHER_DECODER = 1.0
"""Of 255, where two decoders read the same bytes: they round chroma differently."""

Region = Callable[[int, int, int, int, int], Pixels]
"""Level, x, y, width, height in the level's pixels, to RGB of shape (height, width, 3)."""


class Pair(NamedTuple):
    """The same region before and after, and the mean difference it may have (0: none at all)."""

    before: Samples
    after: Samples
    tolerance: float


def compare(source: Path, folder: Path, names: list[str], *, exact: list[bool]) -> Compared:
    """Compare sampled regions of every level both have.

    `exact` tells for each of `names` (finest first) whether its pixels must be equal: its frames
    were copied, or encoded again without loss. Of the others the mean difference of a region must
    stay below a stated tolerance. Raises `IntegrityError`.
    """
    with ExitStack() as opened:
        sources = [(name, opened.enter_context(FileSource(folder / name))) for name in names]
        pyramid = open_pyramid(sources)
        theirs = _openslide(opened, _candidates(source)) if _agrees(source, pyramid) else None
        if theirs is None:
            return _judge(_by_tiles(source, pyramid, exact), reader="bigpicture")
        ours = _openslide(opened, [folder / name for name in names])
        try:
            return _judge(
                _by_openslide(theirs, ours, pyramid, exact),
                reader=f"OpenSlide {openslide.__library_version__}",
            )
        except openslide.OpenSlideError:
            # It opens what it cannot read to the end: a Ventana slide that lacks tiles.
            return _judge(_by_tiles(source, pyramid, exact), reader="bigpicture")


def _agrees(source: Path, pyramid: list[TiledInstance]) -> bool:
    """Whether OpenSlide could see the same: colour in one layer, placed as we place it."""
    first = pyramid[0]
    is_flat = first.level.frame_count == first.level.tile_count
    if first.instance.samples != RGB_STACK.samples or not is_flat:
        return False
    with open_slide(source) as slide:
        return slide.agrees_with_openslide


def _judge(pairs: Iterable[Pair], *, reader: str) -> Compared:
    regions = pixels = largest = samples = 0
    total = tolerance = 0.0
    for before, after, allowed in pairs:
        if before.shape != after.shape:
            raise IntegrityError("a region has another size in what was written.")
        difference = np.abs(before.astype(np.int32) - after.astype(np.int32))
        worst, mean = int(difference.max(initial=0)), float(difference.mean())
        if (allowed == 0 and worst > 0) or mean > allowed:
            raise IntegrityError(
                f"the pixels written differ from the source (largest {worst}, mean {mean:.2f} "
                f"of 255; allowed {allowed:g}), as {reader} reads them.",
                rule="pixels are the same from the source to the archive",
                remedy="Please report this slide's format; nothing was kept of it.",
            )
        regions += 1
        pixels += before.shape[0] * before.shape[1]
        largest, tolerance = max(largest, worst), max(tolerance, allowed)
        samples += difference.size
        total += float(difference.sum(dtype=np.int64))
    if regions == 0:
        raise IntegrityError(
            "source and output have no level in common, so nothing could be compared.",
            remedy="Please report this slide's format; nothing was kept of it.",
        )
    return Compared(reader, regions, pixels, largest, round(total / samples, 4), tolerance)


def _candidates(source: Path) -> list[Path]:
    return (
        sorted(each for each in source.rglob("*") if each.is_file())
        if source.is_dir()
        else [source]
    )


def _openslide(opened: ExitStack, paths: Iterable[Path]) -> openslide.OpenSlide | None:
    """The first of `paths` that OpenSlide reads as a slide, or None."""
    for path in paths:
        try:
            return opened.enter_context(openslide.OpenSlide(path))
        except (openslide.OpenSlideError, OSError):
            continue
    return None


def _by_openslide(
    theirs: openslide.OpenSlide,
    ours: openslide.OpenSlide | None,
    pyramid: list[TiledInstance],
    exact: list[bool],
) -> Iterator[Pair]:
    before = _reader_of(theirs)
    sizes = [(one.level.columns, one.level.rows) for one in pyramid]
    left, top, *bounds = _bounds(theirs)
    for level, whole in enumerate(theirs.level_dimensions):
        size, x0, y0 = whole, 0, 0
        if level == 0 and whole not in sizes:
            # OpenSlide shows the whole glass around what was scanned (Leica SCN). Reduced levels
            # of that begin between two pixels, so that only the finest can be compared.
            size, x0, y0 = (bounds[0], bounds[1]), left, top
        if size not in sizes:
            continue
        stored = pyramid[sizes.index(size)].instance.transfer_syntax
        allowed = 0.0 if exact[sizes.index(size)] else MEAN_TOLERANCE
        if stored == JPEG_2000_LOSSLESS:
            # Perhaps put together out of images that lie between pixels: each reader rounds.
            allowed = max(allowed, _OTHER_DECODER)
        if ours is not None and size in ours.level_dimensions:
            after, there = _reader_of(ours), ours.level_dimensions.index(size)
        else:
            after, there = _reader_of_pyramid(pyramid), sizes.index(size)
            allowed = max(allowed, _OTHER_DECODER)
        for x, y, width, height in _places(size, is_finest=level == 0):
            yield Pair(
                before(level, x0 + x, y0 + y, width, height),
                after(there, x, y, width, height),
                allowed,
            )


def _bounds(slide: openslide.OpenSlide) -> tuple[int, int, int, int]:
    """Left, top, width and height of what was scanned, in pixels of the finest level."""
    names = (f"openslide.bounds-{side}" for side in ("x", "y", "width", "height"))
    found = [int(slide.properties.get(name, "-1")) for name in names]
    return (found[0], found[1], found[2], found[3]) if min(found) >= 0 else (0, 0, 0, 0)


def _reader_of(slide: openslide.OpenSlide) -> Region:
    def read(level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Only called with x = y = 0 above level 0, where OpenSlide counts in level-0 pixels."""
        shown = np.asarray(slide.read_region((x, y), level, (width, height)))
        # What the scanner left out is transparent: it is glass, so white.
        alpha = shown[..., 3:].astype(np.uint16)
        over = shown[..., :3].astype(np.uint16) * alpha + 255 * (255 - alpha)
        return (over // 255).astype(np.uint8)

    return read


def _reader_of_pyramid(pyramid: list[TiledInstance]) -> Region:
    def read(level: int, x: int, y: int, width: int, height: int) -> Pixels:
        return pyramid[level].region(x, y, width, height)

    return read


def _places(size: tuple[int, int], *, is_finest: bool) -> Iterator[tuple[int, int, int, int]]:
    """Nine places over the finest level; of others the upper left, whose origin is exact."""
    columns, rows = size
    width, height = min(SIDE, columns), min(SIDE, rows)
    steps = range(PLACES_ACROSS) if is_finest else range(1)
    told: set[tuple[int, int]] = set()
    for down in steps:
        for across in steps:
            x = (columns - width) * across // (PLACES_ACROSS - 1)
            y = (rows - height) * down // (PLACES_ACROSS - 1)
            if (x, y) not in told:
                told.add((x, y))
                yield x, y, width, height


def _by_tiles(source: Path, pyramid: list[TiledInstance], exact: list[bool]) -> Iterator[Pair]:
    """Tiles as our reader of the vendor's file decodes them, and as they were written."""
    with open_slide(source) as slide:
        for before in slide.levels:
            for after, is_exact in zip(pyramid, exact, strict=True):
                level = after.level
                shapes = (
                    (level.columns, level.rows, level.tile_columns, level.tile_rows),
                    (before.columns, before.rows, before.tile_columns, before.tile_rows),
                )
                if shapes[0] != shapes[1]:
                    continue
                for index in _sampled(level.frame_count):
                    yield Pair(
                        before.pixels(index),
                        after.samples(index),
                        0.0 if is_exact else MEAN_TOLERANCE,
                    )


def _sampled(count: int) -> list[int]:
    wanted = PLACES_ACROSS * PLACES_ACROSS
    return sorted({(count - 1) * step // (wanted - 1) for step in range(wanted)})
