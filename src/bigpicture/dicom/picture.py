"""A picture of an image beside the tissue: looked at for labels and writing, and never copied."""

from __future__ import annotations

import imagecodecs

from bigpicture.dicom.codecs import to_rgb
from bigpicture.dicom.jpeg import read_head
from bigpicture.dicom.region import Box, read_scaled, view_of
from bigpicture.dicom.slide import Pixels, SourceLevel
from bigpicture.model.errors import SlideError

LONGEST_SIDE = 4096
"""Pixels; what is larger is reduced to it. Whole glasses are shown in about 1300."""
MOST_PIXELS = 1 << 26
"""Of a JPEG in one piece, which must be decoded whole."""
_JPEG = b"\xff\xd8"


def draw_level(level: SourceLevel) -> Pixels:
    """The whole level as RGB, shape (rows, columns, 3), its longer side `LONGEST_SIDE` at most.

    Raises `SlideError` where a tile is damaged.
    """
    scale = min(1.0, LONGEST_SIDE / max(level.columns, level.rows))
    width, height = (max(1, round(side * scale)) for side in (level.columns, level.rows))
    box = Box(0, 0, level.columns, level.rows)
    return read_scaled(level, box, view_of([level], ()), width=width, height=height)


def draw_jpeg(data: bytes, *, place: str) -> Pixels:
    """A JPEG as RGB, shape (rows, columns, 3); raises `SlideError` where it is none, or damaged."""
    if not data.startswith(_JPEG):
        raise _undrawable("it is no JPEG", place)
    head = read_head(data, place=place)
    if head.columns * head.rows > MOST_PIXELS:
        raise _undrawable(f"it has more than {MOST_PIXELS >> 20} million pixels", place)
    try:
        decoded = imagecodecs.jpeg8_decode(data)
    except (imagecodecs.Jpeg8Error, ValueError) as error:
        raise _undrawable("it does not decode", place) from error
    return to_rgb(decoded, head.columns, head.rows, place)


def _undrawable(what: str, place: str) -> SlideError:
    return SlideError(
        f"this picture cannot be drawn: {what}.",
        place=place,
        remedy="It is left behind without having been looked at.",
    )
