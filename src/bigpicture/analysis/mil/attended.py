"""What a model attended to, back on the slide: a map, and the patches it attended to most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.values import Geometry, Heatmap, Shape
from bigpicture.model.errors import InputError

_MOST_PIXELS = 50_000_000


def attention_map(
    coordinates: NDArray[np.int64], attention: NDArray[np.float32], *, step: float
) -> Heatmap:
    """Attention over the slide, of the greatest: 1 where it looked most, NaN where no patch is.

    `coordinates` int64 (n, 2) and `attention` (n,) are of one slide, `step` is the side of a patch
    in level-0 pixels (`mpp` of the patches over that of the slide, times their size). Patches that
    fall on one pixel show the greater. Raises `InputError` where there is no patch.
    """
    if not len(coordinates):
        raise InputError("there is no patch.", place="attention", remedy="Score a slide first.")
    first = coordinates.min(0)
    cells = np.rint((coordinates - first) / step).astype(np.int64)
    columns, rows = (int(side) + 1 for side in cells.max(0))
    if columns * rows > _MOST_PIXELS:
        raise InputError(
            f"the map would have {columns} x {rows} pixels.",
            place="step",
            remedy="Give the side of a patch in level-0 pixels.",
        )
    pixels = np.full((rows, columns), -np.inf, np.float32)
    greatest = float(attention.max())
    np.maximum.at(pixels, (cells[:, 1], cells[:, 0]), attention / max(greatest, 1e-30))
    pixels[np.isneginf(pixels)] = np.nan
    return Heatmap(pixels, float(first[0]), float(first[1]), float(step), "1", (0.0, 1.0))


def most_attended(
    coordinates: NDArray[np.int64],
    attention: NDArray[np.float32],
    *,
    step: float,
    slide_size: tuple[int, int],
    count: int = 20,
) -> Geometry:
    """The `count` patches of the highest attention as rectangles, the highest first.

    Rectangles end where the slide does; each score is its attention of the greatest.
    """
    order = np.argsort(-attention, kind="stable")[:count]
    greatest = max(float(attention.max(initial=0.0)), 1e-30)
    shapes = [
        Shape(
            "rectangle",
            np.clip(
                np.stack([coordinates[at], coordinates[at] + step]).astype(np.float64),
                0.0,
                np.asarray(slide_size, np.float64),
            ),
            "attended",
            float(attention[at]) / greatest,
        )
        for at in order
    ]
    return Geometry(tuple(shapes))
