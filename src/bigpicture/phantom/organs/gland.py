"""Glands: epithelium on a wall around a lumen, healthy, adenomatous or malignant."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats, one, unit
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.outline import blob, inset, stroll

BASEMENT = (26.0, 62.0, 0.0)
"""Stain of the thin line below the epithelium."""


@dataclass(frozen=True)
class Lining:
    """How an epithelium looks: micrometres, shares of cells, and kinds."""

    height: float
    pace: float
    kind: Nucleus
    material: Material = Material.EPITHELIUM
    goblets: float = 0.0
    rows: int = 1
    basal: float = 0.32
    """Where nuclei sit, as a share of the height from the wall."""
    shade: float = 1.0
    content: Material = Material.LUMEN
    debris: float = 0.0
    """Chance that the lumen is full of necrotic debris."""
    sieve: float = 0.0
    """Chance that secondary lumina pierce the epithelium."""


COLON = Lining(29, 5.8, Nucleus.EPITHELIAL, goblets=0.62, basal=0.24)
SURFACE = Lining(21, 6.2, Nucleus.EPITHELIAL, goblets=0.25, basal=0.35)
ADENOMA = Lining(33, 4.6, Nucleus.PENCIL, goblets=0.10, rows=2, basal=0.36, shade=1.25)
CARCINOMA = Lining(
    31,
    9.6,
    Nucleus.TUMOUR,
    Material.TUMOUR,
    rows=3,
    basal=0.42,
    shade=1.08,
    debris=0.34,
    sieve=0.22,
)
ACINUS = Lining(11, 6.4, Nucleus.EPITHELIAL, basal=0.5)
DUCT = Lining(15, 5.6, Nucleus.EPITHELIAL, rows=2, basal=0.45)
BILE = Lining(7.5, 6.0, Nucleus.ROUND, basal=0.5)


def gland(canvas: Canvas, wall: Floats, lining: Lining, *, seed: int) -> None:
    """Paint a gland whose outer curve is `wall` (micrometres)."""
    u = [one(seed, k, 51) for k in range(5)]
    shade = lining.shade * (0.9 + 0.2 * u[0])
    canvas.fill(inset(wall, -1.6), Material.STROMA, shade=0.8)
    canvas.fill(wall, lining.material, shade=shade)
    canvas.stroke(wall, BASEMENT, width=1.0, closed=True)
    lumen = _lumen(wall, lining, seed)
    content = Material.NECROSIS if u[1] < lining.debris else lining.content
    canvas.fill(lumen, content)
    canvas.stroke(lumen, (38.0, 60.0, 0.0), width=1.0, closed=True)
    if lining.goblets:
        _goblets(canvas, wall, lining, seed)
    if u[2] < lining.sieve:
        _sieve(canvas, wall, lining, seed)
    _palisade(canvas, wall, lining, seed)


def _lumen(wall: Floats, lining: Lining, seed: int) -> Floats:
    """The curve of the cells' tops: uneven, never past the middle of the gland."""
    _, sides, _ = cv2.minAreaRect(wall.astype(np.float32))
    height = min(lining.height, 0.40 * min(sides))
    around = np.linspace(0, 2 * np.pi, len(wall), endpoint=False)
    phase = 2 * np.pi * unit(seed, np.arange(3), 52)
    uneven = sum(np.sin((3 + 4 * k) * around + phase[k]) for k in range(3))
    depth = height * (0.94 + 0.045 * uneven)
    if max(sides) > 1.7 * min(sides):
        return inset(wall, depth)
    toward = wall - wall.mean(axis=0)
    reach = np.hypot(toward[:, 0], toward[:, 1])
    return wall - toward * np.minimum(depth / reach, 0.82)[:, None]


def _goblets(canvas: Canvas, wall: Floats, lining: Lining, seed: int) -> None:
    where, normal = stroll(wall, pace=9.5, seed=seed + 1)
    for k, (place, out) in enumerate(zip(where, normal, strict=True)):
        a, b, c = (one(seed, k, channel) for channel in (53, 54, 55))
        if a > lining.goblets:
            continue
        centre = place - out * lining.height * (0.56 + 0.14 * b)
        canvas.fill(
            blob(
                *centre,
                radius=4.3 + 1.6 * c,
                seed=seed + k,
                aspect=1.45,
                angle=float(np.arctan2(out[1], out[0])),
                rough=0.05,
                corners=14,
            ),
            Material.MUCIN,
            shade=0.7 + 0.6 * c,
        )


def _sieve(canvas: Canvas, wall: Floats, lining: Lining, seed: int) -> None:
    where, normal = stroll(wall, pace=34, seed=seed + 2, jitter=0.9)
    depth = lining.height * 0.62
    for k, (place, out) in enumerate(zip(where, normal, strict=True)):
        radius = 2.5 + 5.5 * one(seed, k, 56)
        canvas.fill(
            blob(*(place - out * depth), radius=radius, seed=seed + k, rough=0.1, corners=16),
            lining.content,
        )


def _palisade(canvas: Canvas, wall: Floats, lining: Lining, seed: int) -> None:
    """Nuclei side by side on the wall, their long axes across it, in one or more rows."""
    for row in range(lining.rows):
        where, normal = stroll(wall, pace=lining.pace, seed=seed + 3 + row)
        order = np.arange(len(where))
        level = lining.basal + (0.24 * row if lining.rows > 1 else 0)
        wobble = 0.22 * (unit(seed + row, order, 57) - 0.5)
        depth = lining.height * (level + wobble)
        spot = where - normal * depth[:, None]
        angle = np.arctan2(normal[:, 1], normal[:, 0]) + 0.5 * (unit(seed + row, order, 58) - 0.5)
        kept = unit(seed + row, order, 59) < (0.94 if row == 0 else 0.5)
        inside = canvas.at(spot[:, 0], spot[:, 1]) == int(lining.material)
        kept &= inside
        canvas.sow(spot[kept, 0], spot[kept, 1], angle=angle[kept], kind=lining.kind, seed=seed)
