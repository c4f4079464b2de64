"""The maps of the detector: for every place of a picture, how much it looks like text, code, label.

The net is ours, trained on invented pictures alone (`training/detector`), and run by OpenCV on the
processor: the same picture gives the same maps, on however many threads.
"""

from __future__ import annotations

import threading
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.deidentify.mark import Picture

Plane = NDArray[np.float32]

STRIDE = 4
"""Pixels of the picture to one of the maps."""
MODEL = "detector.onnx"
_REACH = 31
"""Pixels a side over which grey is levelled, as in training (`training/detector/net.py`)."""
_FLOOR = 3 / 255
_TILE = 2048
"""Pixels a side of what goes through the net at once: bounds the memory of large pictures."""
_AROUND = 96
"""Pixels around a tile that are looked at too, and whose maps are cut off."""
_STRIP = 128
"""Rows that are levelled at once."""
_WHOLE = 16
"""The net halves its input four times."""

_held = threading.local()
"""A net belongs to one thread: OpenCV keeps the state of a run in it."""


def maps(picture: Picture) -> Plane:
    """Probabilities, shape (3, rows / 4, columns / 4) rounded up: text, code, label."""
    rows, columns = picture.shape[:2]
    missing = -rows % _WHOLE, -columns % _WHOLE
    whole = cv2.copyMakeBorder(picture, 0, missing[0], 0, missing[1], cv2.BORDER_REFLECT)
    pixels = _levelled(np.asarray(whole, np.uint8))
    high, wide = pixels.shape[1:]
    out = np.zeros((3, high // STRIDE, wide // STRIDE), np.float32)
    for top in range(0, high, _TILE):
        for left in range(0, wide, _TILE):
            bottom, right = min(high, top + _TILE), min(wide, left + _TILE)
            y, x = top // STRIDE, left // STRIDE
            part = _looked_at(pixels, top, left, bottom, right)
            out[:, y : y + part.shape[1], x : x + part.shape[2]] = part
    return out[:, : -(-rows // STRIDE), : -(-columns // STRIDE)]


def _levelled(picture: Picture) -> NDArray[np.float32]:
    """Colour about 0, and grey levelled by its surroundings: (4, rows, columns).

    Strip by strip, so that what is in between stays small.
    """
    rows, columns = picture.shape[:2]
    out = np.empty((4, rows, columns), np.float32)
    around = _REACH // 2
    border = cv2.BORDER_REFLECT_101
    padded = np.asarray(
        cv2.copyMakeBorder(picture, around, around, around, around, border), np.uint8
    )
    for top in range(0, rows, _STRIP):
        high = min(_STRIP, rows - top)
        _level_strip(padded[top : top + high + 2 * around], out[:, top : top + high])
    return out


def _level_strip(strip: Picture, out: NDArray[np.float32]) -> None:
    """Level a strip, which has half a window around it, into `out` (4, rows, columns)."""
    around = _REACH // 2
    inner = np.s_[around:-around, around:-around]
    colour = strip.astype(np.float32) * np.float32(1 / 255)
    grey = (colour[..., 0] + colour[..., 1] + colour[..., 2]) * np.float32(1 / 3)
    np.subtract(2 * colour[inner].transpose(2, 0, 1), 1, out=out[:3])
    size = (_REACH, _REACH)
    mean = np.asarray(cv2.blur(grey, size), np.float32)[inner]
    square = np.asarray(cv2.sqrBoxFilter(grey, -1, size), np.float32)[inner]
    spread = np.sqrt(np.maximum(square - mean * mean, 0) + np.float32(_FLOOR**2))
    np.clip((grey[inner] - mean) / spread * np.float32(0.5), -2, 2, out=out[3])


def _looked_at(pixels: NDArray[np.float32], top: int, left: int, bottom: int, right: int) -> Plane:
    """The maps of a tile, which is shown to the net with what lies around it."""
    y, x = max(0, top - _AROUND), max(0, left - _AROUND)
    part = pixels[:, y : bottom + _AROUND, x : right + _AROUND]
    net = _net()
    net.setInput(np.ascontiguousarray(part)[None])
    logits = np.asarray(net.forward()[0], np.float32)
    row, column = (top - y) // STRIDE, (left - x) // STRIDE
    high, wide = (bottom - top) // STRIDE, (right - left) // STRIDE
    logits = logits[:, row : row + high, column : column + wide]
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _net() -> cv2.dnn.Net:
    if not hasattr(_held, "net"):
        data = files("bigpicture.deidentify").joinpath(MODEL).read_bytes()
        _held.net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    return _held.net
