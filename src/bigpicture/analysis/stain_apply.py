"""Stain normalisation: a picture's stains turned into those of another, in one compiled pass."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bigpicture.analysis.glass import Pixels
from bigpicture.analysis.stain_matrix import Floats, Stains

_STEPS = 4096
_LIGHTEST, _DARKEST = -0.1, 6.0
"""Densities that the table of grey levels covers; beyond them it is white or black."""


def normalise(picture: Pixels, source: Stains, target: Stains) -> Pixels:
    """The picture, RGB uint8 (h, w, 3), with the stains and the strengths of the target.

    Within one grey level of the same in floating point.
    """
    table = density_table(source)
    levels = _levels(target)
    out = np.empty_like(picture)
    scale = np.float32((_STEPS - 1) / (_DARKEST - _LIGHTEST))
    turn = np.ascontiguousarray(transfer(source, target) * scale, np.float32)
    offset = np.float32(0.5 - _LIGHTEST * scale)
    _turn(
        np.ascontiguousarray(picture).reshape(-1, 3),
        table,
        turn,
        offset,
        levels,
        out.reshape(-1, 3),
    )
    return out


def transfer(source: Stains, target: Stains) -> Floats:
    """The matrix (3, 3) from the densities of the one to those of the other."""
    gain = np.diag(target.strength / source.strength)
    return target.matrix @ gain @ np.linalg.pinv(source.matrix)


def density_table(stains: Stains) -> NDArray[np.float32]:
    """The density of each grey level in each colour, (256, 3)."""
    grey = np.arange(256, dtype=np.float64)[:, None]
    return (-np.log((grey + 1) / np.asarray(stains.glass))).astype(np.float32)


def _levels(target: Stains) -> Pixels:
    """The grey level of each step of density in each colour, (4096, 3)."""
    densities = np.linspace(_LIGHTEST, _DARKEST, _STEPS)[:, None]
    light = np.asarray(target.glass) * np.exp(-densities)
    return np.rint(np.clip(light, 0, 255)).astype(np.uint8)


@njit(nogil=True, cache=True, fastmath=True)
def _turn(
    pixels: Pixels,
    table: NDArray[np.float32],
    turn: NDArray[np.float32],
    offset: np.float32,
    levels: Pixels,
    out: Pixels,
) -> None:
    last = levels.shape[0] - 1
    for i in range(pixels.shape[0]):
        red = table[pixels[i, 0], 0]
        green = table[pixels[i, 1], 1]
        blue = table[pixels[i, 2], 2]
        for k in range(3):
            step = int(turn[k, 0] * red + turn[k, 1] * green + turn[k, 2] * blue + offset)
            out[i, k] = levels[min(max(step, 0), last), k]
