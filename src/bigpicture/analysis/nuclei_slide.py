"""Find the nuclei of a whole slide, tile by tile, exactly those that one piece would have."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.nuclei import (
    MARGIN,
    MPP,
    find_nuclei,
    outline_of,
    red_density,
    threshold_of,
)
from bigpicture.analysis.values import Shape
from bigpicture.dicom.reader import Cover, SlideReader

LABEL = "nucleus"
_SAMPLE, _SAMPLES = 256, 24
_LEAST_SHOWN = 800
"""Density, in 1 / 8000, below which a sample's pixel is glass."""


def nuclei_of(
    slide: SlideReader, tissue: NDArray[np.bool_], *, tile: int = 1024
) -> Iterator[Shape]:
    """Polygons of the nuclei whose middle lies on `tissue`, (rows, columns) over the whole slide.

    Coordinates are level-0 pixels. Tiles have `tile` pixels of 0.5 µm; the nuclei are the same
    whatever their number. Raises `SlideError` where the slide has no scale.
    """
    threshold = slide_threshold(slide, tissue)
    across, down = slide.scale_of(MPP)
    columns, rows = slide.size_at(MPP)
    cover = Cover(tissue, slide.width, slide.height)
    for top in range(0, rows, tile):
        for left in range(0, columns, tile):
            box = left * across, top * down, tile * across, tile * down
            if cover.of(*box) > 0:
                yield from _in_tile(slide, tissue, threshold, left=left, top=top, tile=tile)


def slide_threshold(slide: SlideReader, tissue: NDArray[np.bool_]) -> int:
    """The density above which a pixel may be of a nucleus, of samples all over the tissue."""
    across, down = slide.scale_of(MPP)
    places = np.argwhere(tissue)
    if not len(places):
        return threshold_of(np.zeros(0, np.uint16))
    chosen = places[np.linspace(0, len(places) - 1, _SAMPLES).astype(int)]
    scale = slide.height / tissue.shape[0], slide.width / tissue.shape[1]
    half = _SAMPLE / 2
    samples = [
        red_density(
            slide.at_mpp(
                (column + 0.5) * scale[1] - half * across,
                (row + 0.5) * scale[0] - half * down,
                mpp=MPP,
                size=(_SAMPLE, _SAMPLE),
            )
        )
        for row, column in chosen
    ]
    found = np.stack(samples).ravel()
    return threshold_of(found[found > _LEAST_SHOWN])


def _in_tile(
    slide: SlideReader,
    tissue: NDArray[np.bool_],
    threshold: int,
    *,
    left: int,
    top: int,
    tile: int,
) -> Iterator[Shape]:
    across, down = slide.scale_of(MPP)
    x, y, side = left - MARGIN, top - MARGIN, tile + 2 * MARGIN
    pixels = slide.at_mpp(x * across, y * down, mpp=MPP, size=(side, side))
    found = find_nuclei(pixels, threshold)
    limit, corner = np.array([slide.width, slide.height], np.float64), np.array([x, y])
    for number, middle in enumerate(found.middles, start=1):
        if not (middle >= MARGIN).all() or not (middle < MARGIN + tile).all():
            continue
        level_0 = (middle + corner + 0.5) * (across, down)
        if not (level_0 < limit).all() or not _is_on(tissue, level_0 / limit):
            continue
        outline = (outline_of(found.labels, number, middle) + corner) * (across, down)
        yield Shape("polygon", np.clip(outline, 0, limit), LABEL)


def _is_on(tissue: NDArray[np.bool_], part: NDArray[np.float64]) -> bool:
    rows, columns = tissue.shape
    return bool(tissue[int(part[1] * rows), int(part[0] * columns)])


def areas_of(shapes: tuple[Shape, ...], mpp: tuple[float, float]) -> NDArray[np.float64]:
    """Areas within the outlines, square micrometres, (n,)."""
    found = [cv2.contourArea(shape.coordinates.astype(np.float32)) for shape in shapes]
    return np.array(found, np.float64) * mpp[0] * mpp[1]
