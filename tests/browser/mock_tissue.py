"""Invented tissue for the mock node, and a ruler to measure a viewer with."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGB, (rows, columns, 3)."""

GLASS = np.array([243, 240, 244], np.float32)
PADDING = (255, 0, 255)
"""No tissue is magenta: where it shows on the screen, padding was drawn."""


def tissue(columns: int, rows: int, *, seed: int, stain: str = "H&E") -> Picture:
    """Draw a section: outline, stroma, glands with nuclei round a lumen, scattered nuclei."""
    random = np.random.default_rng(seed)
    inside = _outline(columns, rows, random)
    picture = _stroma(columns, rows, random, stain)
    _glands(picture, inside, random, stain)
    _nuclei(picture, inside, random, stain)
    picture = cv2.GaussianBlur(picture, (3, 3), 0.8)
    edge = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 2)[..., None]
    whole = picture * edge + GLASS * (1 - edge) + _grain(columns, rows, random)
    return np.clip(whole, 0, 255).astype(np.uint8)


RULER_PERIOD = 510
"""Level-0 pixels after which the ruler's colours come again: up 255 steps, then down."""


def ruler(columns: int, rows: int) -> Picture:
    """A picture whose colour tells its place to the pixel: red from x, green from y, blue 128."""
    x = np.broadcast_to(_triangle(columns), (rows, columns))
    y = np.broadcast_to(_triangle(rows)[:, None], (rows, columns))
    return np.stack([x, y, np.full_like(x, 128)], axis=-1).astype(np.uint8)


def _triangle(length: int) -> NDArray[np.int64]:
    place = np.arange(length) % RULER_PERIOD
    return np.minimum(place, RULER_PERIOD - place)


def glow(columns: int, rows: int, colours: dict[int, str], *, off_focus: int) -> Picture:
    """Channels on black, `colours` (#rrggbb) by their numbers; sharp where `off_focus` is 0."""
    whole = np.zeros((rows, columns, 3), np.float32)
    for number, colour in colours.items():
        random = np.random.default_rng(number)
        channel = np.zeros((rows, columns), np.float32)
        for _ in range(columns * rows // 2500):
            place = int(random.integers(columns)), int(random.integers(rows))
            cv2.circle(
                channel, place, int(random.integers(5, 12)), float(random.uniform(0.3, 1)), -1
            )
        channel = cv2.GaussianBlur(channel, (0, 0), 0.8 + 3 * off_focus)
        whole += channel[..., None] * np.array(list(bytes.fromhex(colour[1:])), np.float32)
    return np.clip(whole, 0, 255).astype(np.uint8)


def cut(level: Picture, column: int, row: int, *, width: int, height: int) -> Picture:
    """One stored frame: full-size, padded in magenta beyond the level's edge."""
    part = level[row * height : (row + 1) * height, column * width : (column + 1) * width]
    if part.shape[:2] == (height, width):
        return part
    frame = np.empty((height, width, 3), np.uint8)
    frame[:] = PADDING
    frame[: part.shape[0], : part.shape[1]] = part
    return frame


def _grain(columns: int, rows: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Noise of the camera: one patch, repeated; drawing it all takes longer than the rest."""
    patch = random.normal(0, 1.8, (512, 512, 1)).astype(np.float32)
    return np.tile(patch, (rows // 512 + 1, columns // 512 + 1, 1))[:rows, :columns]


def _noise(
    columns: int, rows: int, cell: float, random: np.random.Generator
) -> NDArray[np.float32]:
    small = random.normal(size=(max(3, int(rows / cell) + 3), max(3, int(columns / cell) + 3)))
    return cv2.resize(small.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)


def _outline(columns: int, rows: int, random: np.random.Generator) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    distance = np.hypot((x / columns - 0.5) * 2.15, (y / rows - 0.5) * 2.35)
    lobes = _noise(columns, rows, columns / 5, random) * 0.16
    holes = _noise(columns, rows, columns / 14, random)
    return (distance + lobes < 0.92) & (holes < 1.75)


def _stroma(columns: int, rows: int, random: np.random.Generator, stain: str) -> NDArray:
    ground = np.array([229, 168, 194] if stain == "H&E" else [226, 219, 226], np.float32)
    fibre = np.array([203, 122, 164] if stain == "H&E" else [196, 190, 206], np.float32)
    waves = _noise(columns, rows, 90, random) * 3 + _noise(columns, rows, 16, random)
    share = (0.5 + 0.5 * np.sin(waves * 1.7))[..., None] * 0.75
    fine = _noise(columns, rows, 4, random)[..., None] * 5
    return (ground * (1 - share) + fibre * share + fine).astype(np.float32)


def _glands(picture: NDArray, inside: NDArray, random: np.random.Generator, stain: str) -> None:
    rows, columns = inside.shape
    for _ in range(columns * rows // 26000):
        x, y = int(random.integers(columns)), int(random.integers(rows))
        if not inside[y, x]:
            continue
        long, turn = random.uniform(26, 62), random.uniform(0, 180)
        short = long * random.uniform(0.6, 0.95)
        wall = (206, 143, 190) if stain == "H&E" else (205, 178, 160)
        _ellipse(picture, x, y, long, short, turn, wall)
        _ellipse(picture, x, y, long * 0.42, short * 0.42, turn, (244, 236, 243))
        around = int(2 * np.pi * long / 10)
        for angle in np.linspace(0, 2 * np.pi, around, endpoint=False):
            u, v = np.cos(angle) * long * 0.82, np.sin(angle) * short * 0.82
            cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            _nucleus(picture, x + u * cos - v * sin, y + u * sin + v * cos, 6.0, random, stain)


def _nuclei(picture: NDArray, inside: NDArray, random: np.random.Generator, stain: str) -> None:
    rows, columns = inside.shape
    for _ in range(columns * rows // 900):
        x, y = random.uniform(0, columns), random.uniform(0, rows)
        if inside[int(y), int(x)]:
            _nucleus(picture, x, y, random.uniform(2.6, 4.6), random, stain)


def _nucleus(picture: NDArray, x: float, y: float, size: float, random, stain: str) -> None:
    is_brown = stain != "H&E" and random.random() < 0.35
    colour = np.array(
        [140, 88, 52] if is_brown else [92, 62, 142] if stain == "H&E" else [118, 126, 172]
    )
    colour = tuple(float(one) for one in colour + random.normal(0, 9, 3))
    _ellipse(
        picture, x, y, size * random.uniform(1, 1.35), size * 0.85, random.uniform(0, 180), colour
    )


def _ellipse(picture: NDArray, x, y, long, short, turn, colour) -> None:
    cv2.ellipse(picture, ((float(x), float(y)), (2 * long, 2 * short), float(turn)), colour, -1)
