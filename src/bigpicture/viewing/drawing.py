"""Draws a tile that no browser would show as it is stored, and decodes those it would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import simplejpeg

from bigpicture.dicom.codecs import encode_jpeg
from bigpicture.dicom.composite import composite
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.slide import Pixels
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.errors import SlideError


def draw(tiled: TiledInstance, frames: Sequence[bytes], numbers: Sequence[int]) -> bytes:
    """A JPEG of the frames of one tile, whose `numbers` tell which channel each belongs to.

    Raises `SlideError` where a frame cannot be decoded.
    """
    return encode_jpeg(paint(tiled, frames, numbers))


def paint(tiled: TiledInstance, frames: Sequence[bytes], numbers: Sequence[int]) -> Pixels:
    """The tile as it is looked at, RGB, shape (tile_rows, tile_columns, 3).

    Channels are added up in the colours and up to the brightness that the header tells. Raises
    `SlideError` where a frame cannot be decoded.
    """
    decoded = [decode_samples(frame, tiled.form, place=tiled.instance.place) for frame in frames]
    if tiled.instance.samples == 3:
        return cast("Pixels", decoded[0])
    layer = tiled.level.tile_count * tiled.level.focal_planes
    ramps = [tiled.ramps[number // layer] for number in numbers]
    return composite(decoded, ramps)


def decode_reduced(jpeg: bytes, *, columns: int, rows: int, reduced: int) -> Pixels:
    """A JPEG of `columns` x `rows` at 1/`reduced` (1, 2, 4 or 8) of its size, as RGB.

    The decoder leaves out what the smaller size does not need; that the bits must all be read
    stays, so an eighth costs half of the whole. Raises `SlideError`.
    """
    try:
        return simplejpeg.decode_jpeg(
            jpeg, "RGB", min_width=columns // reduced, min_height=rows // reduced, min_factor=1
        )
    except ValueError as error:
        raise SlideError(
            "the frame cannot be decoded.", remedy="It is damaged: tell the node's steward."
        ) from error
