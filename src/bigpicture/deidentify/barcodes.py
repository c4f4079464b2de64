"""Barcodes: what the codes in a picture say, so that it can be searched for in an output."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp

from bigpicture.deidentify.mark import Picture

_SMALL = 400_000
"""Pixels under which a picture is looked at twice as large too."""
_LARGE = 4_000_000
"""Pixels over which a picture is looked at smaller."""
_LEAST = 16


def read_barcodes(picture: Picture) -> tuple[str, ...]:
    """The texts of all codes in a picture, RGB (rows, columns, 3), each once, sorted.

    The picture is looked at in its own size, twice as large where it is small, smaller where it is
    large, turned by an eighth as well (the reader turns by quarters itself), and with contrast
    drawn out, so that codes that a person's telephone would read are read.
    """
    if min(picture.shape[:2]) < _LEAST:
        return ()
    grey = _fitted(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8))
    views = [grey, _drawn_out(grey), _turned(grey, 45.0), _turned(grey, 22.5), _turned(grey, 67.5)]
    views.append(255 - grey)
    if grey.size < _SMALL:
        double = cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        views.append(np.asarray(double, np.uint8))
    return tuple(sorted({text for view in views for text in _read(view)}))


def _read(grey: Picture) -> list[str]:
    found = zxingcpp.read_barcodes(
        grey, try_rotate=True, try_downscale=True, try_invert=True, return_errors=False
    )
    return [symbol.text for symbol in found if symbol.valid and symbol.text]


def _fitted(grey: Picture) -> Picture:
    if grey.size <= _LARGE:
        return grey
    scale = (_LARGE / grey.size) ** 0.5
    size = max(_LEAST, int(grey.shape[1] * scale)), max(_LEAST, int(grey.shape[0] * scale))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _drawn_out(grey: Picture) -> Picture:
    levels = cv2.createCLAHE(clipLimit=4.0, tileGridSize=(8, 8)).apply(grey)
    return np.asarray(levels, np.uint8)


def _turned(grey: Picture, angle: float) -> Picture:
    """The picture turned in a frame that holds all of it, filled with its edge's usual grey."""
    rows, columns = grey.shape
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    size = int(columns * c + rows * s) + 1, int(columns * s + rows * c) + 1
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1)
    turn[:, 2] += (size[0] - columns) / 2, (size[1] - rows) / 2
    around = int(np.median(grey))
    return np.asarray(
        cv2.warpAffine(grey, turn, size, flags=cv2.INTER_CUBIC, borderValue=around), np.uint8
    )
