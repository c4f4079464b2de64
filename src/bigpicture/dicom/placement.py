"""Where the finest level of a DICOM slide lies on the glass."""

from __future__ import annotations

from bigpicture.dicom.glass import GLASS
from bigpicture.dicom.read import Instance

USUAL_ORIENTATION = (0.0, -1.0, 0.0, -1.0, 0.0, 0.0)
"""Rows run against the slide's Y axis, columns against its X axis: the label is at the right or
left of an image that lies as the glass does, and the origin is at its lower right corner."""
_NEAR = 1e-3


def find_placement(finest: Instance) -> tuple[float, float] | None:
    """Millimetres from the glass's upper left corner, as the image shows it, to the first pixel.

    None where it is not told, where the image is turned on the glass, and where the whole image
    would not lie on a glass: many writers put zeros, or the size of the image, where they know
    nothing (PS3.3 C.8.12.2.1.1).
    """
    origin = _origin(finest)
    if origin is None or orientation(finest) != USUAL_ORIENTATION:
        return None
    x, y = origin
    level = finest.level
    width, height = level.columns * level.mpp_x / 1000, level.rows * level.mpp_y / 1000
    left, top = GLASS[0] - y, GLASS[1] - x
    if left < 0 or top < 0 or left + width > GLASS[0] or top + height > GLASS[1]:
        return None
    is_in_corner = abs(x - height) < _NEAR and abs(y - width) < _NEAR
    return None if is_in_corner or not width or not height else (left, top)


def orientation(instance: Instance) -> tuple[float, ...] | None:
    """Direction cosines of rows and columns, rounded; None where they are not told."""
    value = instance.header.get("ImageOrientationSlide", None)
    if value is None or len(value) != 6:
        return None
    return tuple(round(float(part), 6) + 0.0 for part in value)


def _origin(instance: Instance) -> tuple[float, float] | None:
    items = instance.header.get("TotalPixelMatrixOriginSequence", None)
    if not items:
        return None
    x = items[0].get("XOffsetInSlideCoordinateSystem", None)
    y = items[0].get("YOffsetInSlideCoordinateSystem", None)
    return None if x is None or y is None else (float(x), float(y))
