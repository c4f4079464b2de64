"""Lattices: jittered grids on which structures and cells are placed, each keyed by its cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bigpicture.phantom.chance import Floats, Integers, unit

Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sites:
    """Places of a jittered lattice: cell indices and positions in micrometres."""

    seed: int
    i: Integers
    j: Integers
    x: Floats
    y: Floats

    def chance(self, channel: int) -> Floats:
        """A number in [0, 1) for each site; channels are independent."""
        return unit(self.seed, self.i, self.j, channel)

    def keep(self, chosen: np.ndarray) -> Sites:
        return Sites(self.seed, self.i[chosen], self.j[chosen], self.x[chosen], self.y[chosen])

    def __len__(self) -> int:
        return len(self.x)


def sites(seed: int, *, spacing: float, box: Box, jitter: float = 0.8) -> Sites:
    """Sites of a hexagonal lattice whose jittered positions may touch `box` (micrometres).

    `jitter` is the share of the spacing over which a site wanders.
    """
    height = spacing * np.sqrt(3) / 2
    columns = np.arange(np.floor(box[0] / spacing) - 1, np.ceil(box[2] / spacing) + 2)
    rows = np.arange(np.floor(box[1] / height) - 1, np.ceil(box[3] / height) + 2)
    j, i = (a.ravel().astype(np.int64) for a in np.meshgrid(rows, columns, indexing="ij"))
    x = (i + 0.5 * (j & 1) + (unit(seed, i, j, 0) - 0.5) * jitter) * spacing
    y = (j + (unit(seed, i, j, 1) - 0.5) * jitter) * height
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return Sites(seed, i[inside], j[inside], x[inside], y[inside])


def honeycomb(
    seed: int, *, size: float, box: Box, jitter: float, waves: float = 0.0
) -> tuple[Sites, Floats]:
    """Cells of a honeycomb whose shared corners wander: a tessellation without gaps.

    Returns the cells (centres of gravity) and their corners, (n, 6, 2) micrometres. `size` is the
    distance between neighbouring centres; `jitter` the share of it over which corners wander,
    `waves` the share by which whole rows are bent.
    """
    height = size * np.sqrt(3) / 2
    extra = 2 + int(np.ceil(2 * waves))
    columns = np.arange(np.floor(box[0] / size) - extra, np.ceil(box[2] / size) + extra)
    rows = np.arange(np.floor(box[1] / height) - extra, np.ceil(box[3] / height) + extra)
    j, i = (a.ravel().astype(np.int64) for a in np.meshgrid(rows, columns, indexing="ij"))
    # Corners keyed on a doubled integer lattice: each is named alike by its three cells.
    u = np.array([0, 1, 1, 0, -1, -1])
    v = np.array([-2, -1, 1, 2, 1, -1])
    a = (2 * i + (j & 1))[:, None] + u
    b = (3 * j)[:, None] + v
    wander = jitter * size
    x = (a / 2) * size + (unit(seed, a, b, 2) - 0.5) * wander
    y = (b / 3) * height + (unit(seed, a, b, 3) - 0.5) * wander
    corners = np.stack([x, y], axis=-1)
    if waves:
        corners = bend(corners, seed=seed, length=7.3 * size, reach=waves * size)
    middle = corners.mean(axis=1)
    return Sites(seed, i, j, middle[:, 0], middle[:, 1]), corners


def bend(points: Floats, *, seed: int, length: float, reach: float) -> Floats:
    """Points moved by smooth waves of about `length` micrometres, `reach` far.

    So no row stays straight. Sums of sines: the same point always moves alike.
    """
    phase = 2 * np.pi * unit(seed, np.arange(12), 91)
    x, y = points[..., 0], points[..., 1]
    shift = np.zeros_like(points)
    for k, (angle, scale) in enumerate(((0.4, 1.0), (1.9, 0.71), (2.7, 1.37))):
        along = (np.cos(angle) * x + np.sin(angle) * y) * (2 * np.pi / (length * scale))
        shift[..., 0] += np.sin(along + phase[2 * k])
        shift[..., 1] += np.cos(1.13 * along + phase[2 * k + 1])
    return points + shift * (reach / 2)
