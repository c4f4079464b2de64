"""Reads the patches of one block into their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bigpicture.client.remote_pixels import RemotePixels
from bigpicture.client.stream.batch import Filling
from bigpicture.client.stream.grid import Spot, View
from bigpicture.client.stream.prepared import Asked, Prepared
from bigpicture.dicom.level_pixels import LevelPixels
from bigpicture.dicom.region import Box
from bigpicture.dicom.resample import read_resampled
from bigpicture.dicom.slide import Pixels
from bigpicture.model.errors import BigpictureError


class Target(NamedTuple):
    """A patch, and its place in a batch."""

    spot: Spot
    filling: Filling
    place: int


def read_block(
    prepared: Prepared, asked: Asked, wanted: Sequence[Target]
) -> Iterator[BigpictureError]:
    """Put every patch in its place; yields an error for each that is damaged.

    Raises what concerns them all: a node that is out of reach, an image that is closed.
    """
    views = prepared.grid.views
    pixels = [
        _at_hand(prepared, view, [each.spot.corners[number] for each in wanted], asked.size)
        for number, view in enumerate(views)
    ]
    for target in wanted:
        try:
            _fill(prepared, asked, target, pixels)
        except BigpictureError as error:
            yield error
        else:
            target.filling.is_read[target.place] = True


def _at_hand(
    prepared: Prepared, view: View, corners: Sequence[tuple[float, float]], size: tuple[int, int]
) -> LevelPixels:
    """The level of a view; of one at a node all that the patches need, in one request."""
    pixels = prepared.slide.reader.pixels_of(view.level)
    if not isinstance(pixels, RemotePixels):
        return pixels
    sides = round(size[0] * view.step[0]) + 2, round(size[1] * view.step[1]) + 2
    aligned = view.step == (1.0, 1.0)
    return pixels.bring(
        Box(*_corner(view, corner), *(size if aligned else sides)) for corner in corners
    )


def _fill(prepared: Prepared, asked: Asked, target: Target, pixels: Sequence[LevelPixels]) -> None:
    spot, filling, place = target
    views = prepared.grid.views
    several = len(views) > 1
    for number, (view, level) in enumerate(zip(views, pixels, strict=True)):
        out = filling.pixels[place, number] if several else filling.pixels[place]
        _read(level, view, spot.corners[number], out)
        if several:
            filling.mpp[place, number] = view.mpp
        else:
            filling.mpp[place] = view.mpp
    filling.slides[place] = prepared.slide.name
    filling.corners[place] = spot.corner
    filling.labels[place], filling.bags[place] = prepared.labels, prepared.bags
    filling.targets[place] = prepared.targets
    if asked.classes:
        for number, mask in enumerate(prepared.masks(spot)):
            filling.cover[place, number] = np.count_nonzero(mask) / mask.size
            if asked.has_masks:
                filling.masks[place][mask] = number + 1


def _read(pixels: LevelPixels, view: View, corner: tuple[float, float], out: Pixels) -> None:
    height, width = out.shape[:2]
    if view.step == (1.0, 1.0):
        pixels.read(*_corner(view, corner), width, height, out=out)
        return
    x, y = corner[0] / view.factor[0], corner[1] / view.factor[1]
    out[:] = read_resampled(pixels, x, y, step=view.step, size=(width, height))


def _corner(view: View, corner: tuple[float, float]) -> tuple[int, int]:
    return round(corner[0] / view.factor[0]), round(corner[1] / view.factor[1])
