"""Places at which a field is asked: scattered points, or the coarse grid of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import Floats, unit

BLOCK = 1024
"""Pixels a side of the unit of rendering; every region is put together from whole blocks."""
MARGIN = 64
"""Pixels around a block that are painted and cut off, so that filters meet no edge."""
STEP = 8
"""Pixels between the points of the coarse grid."""


class Place(Protocol):
    """Micrometres from the slide's top left corner; `x` and `y` broadcast against each other."""

    @property
    def x(self) -> Floats: ...
    @property
    def y(self) -> Floats: ...
    def noise(self, seed: int, wavelength: float) -> Floats:
        """Smooth noise of about unit amplitude; `wavelength` in micrometres."""
        ...


@dataclass(frozen=True)
class Points:
    """Scattered points."""

    x: Floats
    y: Floats

    def noise(self, seed: int, wavelength: float) -> Floats:
        column, across = _spline(self.x / wavelength)
        row, down = _spline(self.y / wavelength)
        taps = np.arange(4)
        values = 2 * unit(
            seed, column[..., None, None] + taps, row[..., None, None] + taps[:, None]
        )
        weights = np.stack(down, axis=-1)[..., :, None] * np.stack(across, axis=-1)[..., None, :]
        total = ((values - 1) * weights).sum(axis=(-2, -1))
        return total * _GAIN


@dataclass(frozen=True)
class Grid:
    """Points on two axes: `x` is (1, n), `y` is (m, 1)."""

    x: Floats
    y: Floats

    def noise(self, seed: int, wavelength: float) -> Floats:
        column, across = _spline(self.x[0] / wavelength)
        row, down = _spline(self.y[:, 0] / wavelength)
        columns = np.arange(column.min(), column.max() + 4)
        rows = np.arange(row.min(), row.max() + 4)
        lattice = 2 * unit(seed, columns[None, :], rows[:, None]) - 1
        row, column = row - rows[0], column - columns[0]
        bands = sum(down[tap][:, None] * lattice[row + tap] for tap in range(4))
        turned = np.ascontiguousarray(np.transpose(bands))
        field = sum(across[tap][:, None] * turned[column + tap] for tap in range(4))
        return np.transpose(field) * _GAIN


_GAIN = 2.2
"""Brings B-spline value noise back to about unit amplitude."""


def _spline(position: Floats) -> tuple[npt.NDArray[np.int64], list[npt.NDArray[np.float64]]]:
    """First lattice point and the four weights of the uniform cubic B-spline."""
    exact = np.asarray(position, np.float64)
    whole = np.floor(exact)
    f = exact - whole
    weights = [
        (1 - f) ** 3 / 6,
        (3 * f**3 - 6 * f**2 + 4) / 6,
        (-3 * f**3 + 3 * f**2 + 3 * f + 1) / 6,
        f**3 / 6,
    ]
    return whole.astype(np.int64) - 1, weights


@dataclass(frozen=True)
class Block:
    """The unit of rendering: `BLOCK` pixels a side at `mpp`, with its margin around it."""

    column: int
    row: int
    mpp: float

    side: int = BLOCK + 2 * MARGIN

    @property
    def left(self) -> int:
        """Level-0 pixel of the canvas's first column."""
        return self.column * BLOCK - MARGIN

    @property
    def top(self) -> int:
        return self.row * BLOCK - MARGIN

    def box(self, pad: float = 0) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of the canvas in micrometres, `pad` micrometres wider."""
        left, top, mpp = self.left, self.top, self.mpp
        return (
            left * mpp - pad,
            top * mpp - pad,
            (left + self.side) * mpp + pad,
            (top + self.side) * mpp + pad,
        )

    def grid(self) -> Grid:
        """The coarse grid, one point further than the canvas on each side."""
        offsets = np.arange(-1, self.side // STEP + 1) * STEP + STEP / 2
        return Grid(
            ((self.left + offsets) * self.mpp)[None, :], ((self.top + offsets) * self.mpp)[:, None]
        )

    def widen(self, field: Floats) -> npt.NDArray[np.float32]:
        """A coarse field at every pixel of the canvas, by linear interpolation."""
        small = np.ascontiguousarray(field, np.float32)
        size = self.side + 2 * STEP
        wide = cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR)
        return wide[STEP:-STEP, STEP:-STEP].astype(np.float32, copy=False)
