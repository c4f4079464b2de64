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
_WHOLE = 16
"""The net halves its input four times."""

_held = threading.local()
"""A net belongs to one thread: OpenCV keeps the state of a run in it."""


def maps(picture: Picture) -> Plane:
    """Probabilities, shape (3, rows / 4, columns / 4) rounded up: text, code, label."""
    pixels = _levelled(picture)
    rows, columns = picture.shape[:2]
    out = np.zeros((3, -(-rows // STRIDE), -(-columns // STRIDE)), np.float32)
    for top in range(0, rows, _TILE):
        for left in range(0, columns, _TILE):
            bottom, right = min(rows, top + _TILE), min(columns, left + _TILE)
            part = _looked_at(pixels, top, left, bottom, right)
            y, x = top // STRIDE, left // STRIDE
            high, wide = -(-(bottom - top) // STRIDE), -(-(right - left) // STRIDE)
            out[:, y : y + high, x : x + wide] = part[:, :high, :wide]
    return out


def _levelled(picture: Picture) -> NDArray[np.float32]:
    """Colour about 0, and grey levelled by its surroundings: (4, rows, columns)."""
    out = np.empty((4, *picture.shape[:2]), np.float32)
    for channel in range(3):
        np.multiply(picture[..., channel], np.float32(1 / 255), out=out[channel])
    grey = (out[0] + out[1] + out[2]) * np.float32(1 / 3)
    out[:3] *= 2
    out[:3] -= 1
    size = (_REACH, _REACH)
    mean = np.asarray(cv2.blur(grey, size, borderType=cv2.BORDER_REFLECT_101), np.float32)
    square = np.asarray(cv2.sqrBoxFilter(grey, -1, size, borderType=cv2.BORDER_REFLECT_101))
    spread = cv2.sqrt(np.maximum(square - mean * mean, 0) + np.float32(_FLOOR**2))
    np.clip((grey - mean) / spread, -4, 4, out=out[3])
    out[3] *= np.float32(0.5)
    return out


def _looked_at(pixels: NDArray[np.float32], top: int, left: int, bottom: int, right: int) -> Plane:
    """The maps of a tile, which is shown to the net with what lies around it."""
    y, x = max(0, top - _AROUND), max(0, left - _AROUND)
    part = pixels[:, y : bottom + _AROUND, x : right + _AROUND]
    missing = -part.shape[1] % _WHOLE, -part.shape[2] % _WHOLE
    if any(missing):
        part = np.pad(part, ((0, 0), (0, missing[0]), (0, missing[1])), mode="symmetric")
    net = _net()
    net.setInput(np.ascontiguousarray(part)[None])
    logits = np.asarray(net.forward()[0], np.float32)
    logits = logits[:, (top - y) // STRIDE :, (left - x) // STRIDE :]
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _net() -> cv2.dnn.Net:
    if not hasattr(_held, "net"):
        data = files("bigpicture.deidentify").joinpath(MODEL).read_bytes()
        _held.net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    return _held.net
