"""Frame pictures: one frame of an instance as it is looked at, at any size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np

from bigpicture.dicom.slide import Pixels
from bigpicture.dicom.srgb import to_srgb
from bigpicture.model.errors import LimitError
from bigpicture.viewing.frames import place_of
from bigpicture.viewing.picture_file import encode_picture
from bigpicture.viewing.pictures import Colour, PictureAsked
from bigpicture.viewing.regions import MOST_PIXELS
from bigpicture.viewing.stored import StoredLevel
from bigpicture.viewing.tiles import Tile, Tiles


async def draw_frame(tiles: Tiles, level: StoredLevel, number: int, asked: PictureAsked) -> Tile:
    """A part of frame `number` (from 0); `asked.box` is in the frame's own pixels.

    What is stored just so, and a browser shows, leaves untouched. Raises `LimitError` where it
    asks for too much, else as `Tiles.pixels`.
    """
    column, row, layers = place_of(level, number)
    if asked.size[0] * asked.size[1] > MOST_PIXELS:
        raise LimitError("so many pixels are too many.", rule=f"at most {MOST_PIXELS}")
    box, size = asked.box, (level.level.tile_columns, level.level.tile_rows)
    if asked.is_plain and (box.x, box.y, box.width, box.height) == (0, 0, *size) == (
        0,
        0,
        *asked.size,
    ):
        return await tiles.read(level, column, row, layers)
    profile = await tiles.profile(level) if asked.colour is Colour.SRGB else None
    encode = partial(_encoded, asked, profile)
    body = await tiles.decoded(level, [(column, row)], encode, layers)
    return Tile(body, asked.format.media_type)


def _encoded(asked: PictureAsked, profile: bytes | None, decoded: Sequence[Pixels]) -> bytes:
    box, (pixels,) = asked.box, decoded
    part = pixels[box.y : box.y + box.height, box.x : box.x + box.width]
    if asked.size != (box.width, box.height):
        is_smaller = asked.size[0] <= box.width
        how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
        part = np.asarray(cv2.resize(part, asked.size, interpolation=how), np.uint8)
    part = np.ascontiguousarray(part)
    if profile is not None:
        part = to_srgb(part, profile)
    return encode_picture(part, asked.format, asked.quality, asked.compression)
