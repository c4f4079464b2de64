"""Look: a picture of a slide, or of a part of it, made in a child process; the label never."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import simplejpeg

from bigpicture.dicom.open import open_slide
from bigpicture.dicom.region import Box, level_for, read_box, read_scaled, view_of
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.slide import Pixels, VendorSlide
from bigpicture.model.errors import InputError, LimitError, SlideError
from bigpicture.submission.describe import kept_values

MOST_PIXELS = 1 << 26
"""Of a picture: 8192 × 8192, 200 MB in memory."""
MOST_SIDE = 1 << 15
"""Pixels of a side, for narrow regions."""
QUALITY = 92
"""Of JPEG."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A region: its upper left corner and size, in level-0 pixels, or in µm where `in_um`.

    It is shown at `mpp` (µm per pixel), or in the pixels of `level`, or in those of level 0.
    `plane` and `channel` count from 0; None is the middle plane and all channels.
    """

    x: float
    y: float
    width: float
    height: float
    in_um: bool = False
    level: int | None = None
    mpp: float | None = None
    plane: int | None = None
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture; `level` is where its pixels came from, `mpp` µm per pixel of it."""

    data: bytes
    columns: int
    rows: int
    level: int
    mpp: tuple[float, float] | None
    is_outside: bool = False
    """Nothing of the slide lies in the region."""


def draw_thumbnail(source: Path, *, size: int, is_jpeg: bool, quality: int = QUALITY) -> Picture:
    """The whole slide, its longer side `size` pixels, or all it has where that is less."""
    with open_slide(source) as slide:
        base = slide.levels[0]
        longer = max(base.columns, base.rows)
        size = min(size, longer)
        width = max(1, round(base.columns * size / longer))
        height = max(1, round(base.rows * size / longer))
        _check_size(width, height)
        number = level_for(slide.levels, longer / size)
        level = slide.levels[number]
        pixels = read_scaled(
            level,
            Box(0, 0, level.columns, level.rows),
            view_of(slide.levels, slide.channels(kept_values(slide))),
            width=width,
            height=height,
        )
        factor = longer / size
        mpp = (slide.mpp[0] * factor, slide.mpp[1] * factor) if slide.mpp else None
        return _picture(pixels, is_jpeg=is_jpeg, quality=quality, level=number, mpp=mpp)


def draw_region(source: Path, asked: Asked, *, is_jpeg: bool) -> Picture:
    """A region of a slide; raises `LimitError` where the picture would be too large to hold."""
    with open_slide(source) as slide:
        x, y, width, height = _in_pixels(slide, asked)
        if asked.mpp is not None:
            number, fx, fy = _at_scale(slide, asked.mpp)
        else:
            number = asked.level or 0
            fx, fy = _factor(slide, number)
        columns, rows = max(1, round(width / fx)), max(1, round(height / fy))
        _check_size(columns, rows)
        level = slide.levels[number]
        channels = slide.channels(kept_values(slide))
        view = view_of(slide.levels, channels, plane=asked.plane, path=asked.channel)
        lx, ly = _factor(slide, number)
        if asked.mpp is None:
            box = Box(round(x / lx), round(y / ly), columns, rows)
            pixels = read_box(level, box, view)
        else:
            box = Box(
                round(x / lx), round(y / ly), max(1, round(width / lx)), max(1, round(height / ly))
            )
            pixels = read_scaled(level, box, view, width=columns, height=rows)
        is_outside = (
            box.x >= level.columns
            or box.y >= level.rows
            or box.x + box.width <= 0
            or box.y + box.height <= 0
        )
        mpp = (slide.mpp[0] * fx, slide.mpp[1] * fy) if slide.mpp else None
        return _picture(pixels, is_jpeg=is_jpeg, level=number, mpp=mpp, is_outside=is_outside)


def _in_pixels(slide: VendorSlide, asked: Asked) -> tuple[float, float, float, float]:
    """The region in level-0 pixels."""
    if not asked.in_um:
        return asked.x, asked.y, asked.width, asked.height
    across, down = _mpp(slide, "--unit um")
    return asked.x / across, asked.y / down, asked.width / across, asked.height / down


def _at_scale(slide: VendorSlide, mpp: float) -> tuple[int, float, float]:
    """The level to read for pixels of `mpp` µm, and by how much level 0 is reduced then."""
    across, down = _mpp(slide, "--mpp")
    if mpp < min(across, down) * 0.999:
        raise InputError(
            f"the slide has {min(across, down):.4g} µm per pixel and nothing finer.",
            place="--mpp",
            remedy="Ask for that, or more.",
        )
    fx, fy = max(1.0, mpp / across), max(1.0, mpp / down)
    return level_for(slide.levels, min(fx, fy)), fx, fy


def _mpp(slide: VendorSlide, option: str) -> tuple[float, float]:
    if slide.mpp is None:
        raise InputError(
            "the slide does not say how large its pixels are.",
            place=option,
            remedy="Give the region in pixels (--unit px), and --level instead of --mpp.",
        )
    return slide.mpp


def _factor(slide: VendorSlide, number: int) -> tuple[float, float]:
    if not 0 <= number < len(slide.levels):
        raise InputError(
            f"there is no level {number}.",
            place="--level",
            remedy=f"It has {len(slide.levels)}, counted from 0, the finest.",
        )
    base, level = slide.levels[0], slide.levels[number]
    return level_factor((base.columns, base.rows), (level.columns, level.rows))


def _check_size(columns: int, rows: int) -> None:
    if columns * rows > MOST_PIXELS or max(columns, rows) > MOST_SIDE:
        raise LimitError(
            f"the picture would have {columns:,} × {rows:,} pixels.",
            rule=f"at most {MOST_PIXELS:,} pixels, {MOST_SIDE:,} on a side",
            remedy="Ask for a smaller region, a coarser --level or a larger --mpp.",
        )


def _picture(
    pixels: Pixels,
    *,
    is_jpeg: bool,
    level: int,
    mpp: tuple[float, float] | None,
    is_outside: bool = False,
    quality: int = QUALITY,
) -> Picture:
    rows, columns = pixels.shape[:2]
    data = _encode(pixels, is_jpeg=is_jpeg, quality=quality)
    return Picture(data, columns, rows, level, mpp, is_outside)


def _encode(pixels: Pixels, *, is_jpeg: bool, quality: int) -> bytes:
    if is_jpeg:
        return simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels), quality=quality, colorsubsampling="444"
        )
    is_done, data = cv2.imencode(".png", np.ascontiguousarray(pixels[:, :, ::-1]))
    if not is_done:
        raise SlideError("the picture could not be encoded.")
    return data.tobytes()
