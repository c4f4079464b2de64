"""Scenes to learn from: grounds with text, codes and labels on them, or with nothing."""

from __future__ import annotations

import cv2
import numpy as np

from training.detector import codes
from training.detector.flesh import Stock
from training.detector.grounds import ground
from training.detector.ink import letter_height, line, put_code, put_text
from training.detector.labels import put_label
from training.detector.looks import look, seen
from training.detector.noises import Chance, Picture
from training.detector.scene import LABEL, Means, Scene


def empty(chance: Chance, rows: int, columns: int, stock: Stock, *, frosted: float = 0.12) -> Scene:
    """A ground with nothing on it."""
    picture, doubtful = ground(chance, rows, columns, stock, frosted=frosted)
    ignored = np.zeros((rows, columns, 3), np.uint8)
    ignored[..., LABEL] = doubtful
    return Scene(picture, np.zeros((rows, columns, 3), np.uint8), ignored, look(chance))


def training_scene(chance: Chance, side: int, means: Means) -> tuple[Picture, Picture, Picture]:
    """A square picture, its truth and what does not count, all uint8 (side, side, 3)."""
    if chance.random() < 0.07:
        return _far(chance, side, means)
    scene = empty(chance, side, side, means.stock)
    number = int(chance.choice([0, 1, 2, 4], p=[0.38, 0.3, 0.2, 0.12]))
    for _ in range(number):
        centre = (
            float(chance.uniform(-0.02, 1.02) * side),
            float(chance.uniform(-0.02, 1.02) * side),
        )
        put_any(chance, scene, means, centre)
    return seen(chance, scene.picture, scene.how), scene.truth, scene.ignored


def _far(chance: Chance, side: int, means: Means) -> tuple[Picture, Picture, Picture]:
    """A clean picture as it looks at a half or a third of its size."""
    times = int(chance.integers(2, 4))
    scene = empty(chance, side * times, side * times, means.stock)
    size = side, side
    small = np.asarray(cv2.resize(scene.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    ignored = np.asarray(cv2.resize(scene.ignored, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return seen(chance, small, scene.how), np.zeros_like(ignored), ignored


def put_any(chance: Chance, scene: Scene, means: Means, centre: tuple[float, float]) -> None:
    """A label, a line or a code at a place."""
    kind = chance.random()
    if kind < 0.28:
        put_label(chance, scene, means, centre)
    elif kind < 0.66:
        put_text(chance, scene, line(chance, means, letter_height(chance, scene.how)), centre)
    elif kind < 0.84:
        ink = codes.code(chance, str(chance.choice(means.matrix)), chance.uniform(1.6, 5.5))
        put_code(chance, scene, ink, centre)
    else:
        ink = codes.code(chance, str(chance.choice(means.linear)), chance.uniform(0.9, 3.5))
        put_code(chance, scene, ink, centre)
