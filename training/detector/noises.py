"""Noises: smooth, broken, turned and bent fields out of which grounds are made."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]
Chance = np.random.Generator


def noise(chance: Chance, rows: int, columns: int, cell: float, along: float = 1.0) -> Plane:
    """Smooth noise of about unit deviation; cells are `cell` wide, `along` times as long."""
    small = chance.standard_normal(
        (max(2, int(rows / cell) + 3), max(2, int(columns / (cell * along)) + 3))
    )
    wide = cv2.resize(small.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(wide, np.float32)


def fractal(chance: Chance, rows: int, columns: int, cell: float, parts: int = 4) -> Plane:
    along = float(chance.choice([1, 1, 1, 2, 4, 8]))
    total = np.zeros((rows, columns), np.float32)
    weight, gain = 1.0, chance.uniform(0.45, 0.75)
    for _ in range(parts):
        total += weight * noise(chance, rows, columns, max(1.5, cell), along)
        weight, cell = weight * gain, cell / 2
    if along > 1:
        total = turned(chance, total)
    return total / max(1e-3, float(total.std()))


def turned(chance: Chance, plane: Plane) -> Plane:
    """The plane turned by any angle and bent a little, mirrored at its edges."""
    rows, columns = plane.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), chance.uniform(0, 360), 1.2)
    return np.asarray(
        cv2.warpAffine(plane, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT), np.float32
    )


def bent(chance: Chance, plane: Plane, reach: float) -> Plane:
    """The plane with its lines bent."""
    rows, columns = plane.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    x += reach * noise(chance, rows, columns, 4 * reach + 4)
    y += reach * noise(chance, rows, columns, 4 * reach + 4)
    return np.asarray(
        cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.float32
    )


def tint(chance: Chance, low: int, high: int, spread: float = 12) -> npt.NDArray[np.float32]:
    """A colour about a grey between two levels."""
    mean = chance.uniform(low, high)
    return np.clip(mean + chance.normal(0, spread, 3), 0, 255).astype(np.float32)


def static(chance: Chance, rows: int, columns: int) -> Picture:
    """A dark holder with coloured noise, or grain of any strength."""
    level = chance.uniform(0, 120)
    grain = chance.standard_normal((rows, columns, 3)) * chance.uniform(2, 50)
    if chance.random() < 0.5:
        grain *= chance.random((rows, columns, 1)) < chance.uniform(0.01, 0.4)
    if chance.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), chance.uniform(0.4, 1.2)) * 2
    return np.clip(level + grain, 0, 255).astype(np.uint8)
