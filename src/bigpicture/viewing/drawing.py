"""Draws a tile that no browser would show as it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.dicom.codecs import encode_jpeg
from bigpicture.dicom.composite import composite
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.tiles import TiledInstance


def draw(tiled: TiledInstance, frames: Sequence[bytes], numbers: Sequence[int]) -> bytes:
    """A JPEG of the frames of one tile, whose `numbers` tell which channel each belongs to.

    Channels are added up in the colours and up to the brightness that the header tells. Raises
    `SlideError` where a frame cannot be decoded.
    """
    decoded = [decode_samples(frame, tiled.form, place=tiled.instance.place) for frame in frames]
    if tiled.instance.samples == 3:
        return encode_jpeg(decoded[0])
    layer = tiled.level.tile_count * tiled.level.focal_planes
    ramps = [tiled.ramps[number // layer] for number in numbers]
    return encode_jpeg(composite(decoded, ramps))
