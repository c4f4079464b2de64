"""Fat: a honeycomb of empty adipocytes between thin walls."""

from __future__ import annotations

import numpy as np

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats, unit
from bigpicture.phantom.lattice import Box, honeycomb
from bigpicture.phantom.material import Material, Nucleus


def adipocytes(canvas: Canvas, *, seed: int, box: Box, size: float = 62) -> None:
    """Paint adipocytes of about `size` micrometres wherever the ground is fat."""
    cells, corners = honeycomb(seed, size=size, box=box, jitter=0.42, waves=0.5)
    chosen = np.flatnonzero(canvas.at(cells.x, cells.y) == int(Material.FAT))
    for k in chosen:
        canvas.stroke(corners[k], (10.0, 46.0, 0.0), width=2.4, closed=True)
    for k in chosen:
        canvas.fill(_rounded(corners[k], gap=1.0), Material.FAT)
    edge = corners[chosen, 0] if len(chosen) else np.zeros((0, 2))
    seen = unit(seed, np.arange(len(edge)), 71) < 2
    side = corners[chosen, 1] - edge if len(chosen) else edge
    thin = cells.chance(6)[chosen] < 0.4
    seen &= thin
    canvas.sow(
        edge[seen, 0],
        edge[seen, 1],
        angle=np.arctan2(side[seen, 1], side[seen, 0]),
        kind=Nucleus.SPINDLE,
        seed=seed,
    )


def _rounded(corners: Floats, *, gap: float) -> Floats:
    """A cell with its corners cut twice (Chaikin) and drawn in by `gap` micrometres."""
    points = corners
    for _ in range(2):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.8 * points + 0.2 * following, 0.2 * points + 0.8 * following], axis=1)
        points = points.reshape(-1, 2)
    middle = points.mean(axis=0)
    reach = np.hypot(*(points - middle).T).mean()
    return middle + (points - middle) * (1 - gap / reach)
