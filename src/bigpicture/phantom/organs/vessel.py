"""Vessels: a wall of smooth muscle, a thin endothelium, and blood."""

from __future__ import annotations

import numpy as np

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import one
from bigpicture.phantom.lattice import sites
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.outline import blob, inset, stroll


def vessel(
    canvas: Canvas,
    x: float,
    y: float,
    *,
    radius: float,
    wall: float,
    seed: int,
    full: float = 0.7,
) -> None:
    """Paint a vessel: outer `radius` and `wall` in micrometres, `full` the share of blood."""
    u = [one(seed, k, 61) for k in range(4)]
    outer = blob(
        x, y, radius=radius, seed=seed, aspect=1 + 0.8 * u[0], angle=np.pi * u[1], rough=0.05
    )
    inner = inset(outer, wall)
    canvas.fill(outer, Material.VESSEL_WALL)
    canvas.fill(inner, Material.LUMEN)
    where, normal = stroll(inner, pace=13, seed=seed)
    angle = np.arctan2(normal[:, 1], normal[:, 0]) + np.pi / 2
    canvas.sow(where[:, 0], where[:, 1], angle=angle, kind=Nucleus.SPINDLE, seed=seed)
    if u[2] < full:
        _erythrocytes(canvas, inner, seed=seed)


def _erythrocytes(canvas: Canvas, inner: np.ndarray, *, seed: int) -> None:
    low, high = inner.min(axis=0), inner.max(axis=0)
    cells = sites(seed + 1, spacing=5.2, box=(low[0], low[1], high[0], high[1]), jitter=0.5)
    crowd = cells.chance(4) < 0.55 + 0.45 * one(seed, 62)
    lumen = canvas.at(cells.x, cells.y) == int(Material.LUMEN)
    chosen = cells.keep(crowd & lumen)
    shade = 0.8 + 0.4 * chosen.chance(5)
    for k in range(len(chosen)):
        canvas.fill(
            blob(chosen.x[k], chosen.y[k], radius=2.9, seed=seed + k, rough=0.04, corners=10),
            Material.BLOOD,
            shade=float(shade[k]),
        )
