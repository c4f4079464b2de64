"""Draw: what an algorithm gave for a slide, over the slide itself, as a PNG."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.opening import Opener
from bigpicture.analysis.pack import packed, unpacked
from bigpicture.analysis.values import Features, Geometry, Heatmap, Mask, Values
from bigpicture.dicom.slide import Pixels
from bigpicture.sandbox.run import Limits, Reach, kept_sandbox

SIDE = 1024
"""Pixels of the picture's longer side, at most."""
COLOURS = np.array(
    [(0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0), (86, 180, 233)],
    np.uint8,
)
"""Told apart by whoever sees colours otherwise (Okabe and Ito, jfly.uni-koeln.de/color)."""
_OPACITY = 0.45
_LIMITS = Limits(memory_bytes=2 << 30, seconds=120)


def draw_values(slide: Opener, values: Values, *, folder: Path) -> bytes:
    """A PNG of the slide under its masks, heatmaps, shapes and patches; read in a child process.

    `folder` is an empty folder for it. Raises `SandboxError`.
    """
    reach = Reach(
        writable=slide.writable, readable=slide.readable, is_narrow=True, scratch=folder.resolve()
    )
    return (
        kept_sandbox(draw_values.__module__)
        .run(_draw, slide, packed(values), limits=_LIMITS, reach=reach, is_plain=True)
        .value
    )


def _draw(opener: Opener, data: bytes) -> bytes:
    with opener() as slide:
        factor = max(1.0, max(slide.width, slide.height) / SIDE)
        size = max(1, round(slide.width / factor)), max(1, round(slide.height / factor))
        picture = slide.region(0, 0, slide.width, slide.height, size=size).copy()
    for value in unpacked(data).values():
        if isinstance(value, Mask):
            _lay_mask(picture, value, factor)
        elif isinstance(value, Heatmap):
            _lay_heatmap(picture, value, factor)
        elif isinstance(value, Geometry):
            for shape in value.shapes:
                _lay_shape(picture, shape.coordinates / factor, shape.kind)
        elif isinstance(value, Features):
            for x, y in value.coordinates / factor:
                cv2.circle(picture, (round(x), round(y)), 2, COLOURS[3].tolist(), -1)
    _, made = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return made.tobytes()


def _lay_mask(picture: Pixels, mask: Mask, factor: float) -> None:
    numbers = _over(picture, mask.pixels, (mask.x, mask.y, mask.scale), factor, 0)
    colours = COLOURS[(numbers.astype(int) - 1) % len(COLOURS)]
    _mix(picture, colours, numbers > 0)


def _lay_heatmap(picture: Pixels, heatmap: Heatmap, factor: float) -> None:
    placed = (heatmap.x, heatmap.y, heatmap.scale)
    numbers = _over(picture, heatmap.pixels, placed, factor, np.nan)
    least, most = heatmap.range
    part = np.nan_to_num((numbers - least) / ((most - least) or 1.0))
    ramp = cv2.applyColorMap((part.clip(0, 1) * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    _mix(picture, np.asarray(cv2.cvtColor(ramp, cv2.COLOR_BGR2RGB), np.uint8), ~np.isnan(numbers))


def _over(
    picture: Pixels,
    pixels: NDArray[np.uint8] | NDArray[np.float32],
    placed: tuple[float, float, float],
    factor: float,
    outside: float,
) -> NDArray[np.float32]:
    """A raster in the picture's own pixels, the nearest of each; `outside` where it is not."""
    x, y, scale = placed
    rows = np.floor(((np.arange(picture.shape[0]) + 0.5) * factor - y) / scale).astype(int)
    columns = np.floor(((np.arange(picture.shape[1]) + 0.5) * factor - x) / scale).astype(int)
    found = np.asarray(pixels, np.float32)[
        rows.clip(0, pixels.shape[0] - 1)[:, None], columns.clip(0, pixels.shape[1] - 1)[None, :]
    ].copy()
    found[(rows < 0) | (rows >= pixels.shape[0]), :] = outside
    found[:, (columns < 0) | (columns >= pixels.shape[1])] = outside
    return found


def _mix(picture: Pixels, colours: NDArray[np.uint8], where: NDArray[np.bool_]) -> None:
    mixed = picture[where] * (1 - _OPACITY) + colours[where] * _OPACITY
    picture[where] = mixed.astype(np.uint8)


def _lay_shape(picture: Pixels, pairs: NDArray[np.float64], kind: str) -> None:
    points, colour = pairs.round().astype(np.int32), COLOURS[4].tolist()
    if kind == "point":
        cv2.circle(picture, tuple(map(int, points[0])), 2, colour, -1)
    elif kind == "rectangle":
        cv2.rectangle(picture, tuple(map(int, points[0])), tuple(map(int, points[1])), colour, 1)
    else:
        cv2.polylines(picture, [points], isClosed=True, color=colour)
