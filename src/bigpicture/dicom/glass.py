"""Where an image lies on its glass, from the distance of its middle to the glass's middle."""

from __future__ import annotations

from bigpicture.dicom.scale import Mpp

GLASS = 76.0, 26.0
"""Millimetres (x, y) of a microscope slide, ISO 8037-1."""


def placement(
    offset: tuple[float, float], size: tuple[int, int], mpp: Mpp | None
) -> tuple[float, float] | None:
    """Millimetres from the glass's upper left corner to the image's.

    `offset` is the distance of the middles in nanometres, to the right and down, `size` the
    pixels of level 0. None where there is no scale, or where the image would not lie on the glass.
    """
    if mpp is None:
        return None
    found: list[float] = []
    for glass, middle, pixels, scale in zip(GLASS, offset, size, mpp, strict=True):
        length = pixels * scale / 1000
        begin = glass / 2 + middle / 1e6 - length / 2
        if not 0 <= begin <= glass - length:
            return None
        found.append(begin)
    return found[0], found[1]
