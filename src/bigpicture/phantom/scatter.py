"""Scatter: the nuclei that no structure placed, as dense as their material says."""

from __future__ import annotations

import numpy as np

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats
from bigpicture.phantom.lattice import sites
from bigpicture.phantom.material import LOOKS
from bigpicture.phantom.nuclei import Nuclei, place
from bigpicture.phantom.place import STEP

SPACING = 6.6
"""Micrometres between candidate places; the densest material has one nucleus for each."""

_PER_SITE = SPACING**2 * np.sqrt(3) / 2 * 1e-6
_DENSITY = np.zeros(256)
_KIND = np.zeros((256, 100), np.int64)
for _material, _look in LOOKS.items():
    _DENSITY[_material] = _look.cells * _PER_SITE
    _ends = np.cumsum([weight for _, weight in _look.kinds]) * 100
    _KIND[_material] = [
        int(_look.kinds[min(int(np.searchsorted(_ends, k, "right")), len(_look.kinds) - 1)][0])
        for k in range(100)
    ]


def scatter(canvas: Canvas, *, seed: int, flow: Floats) -> Nuclei:
    """Nuclei by material; `flow` is the direction of fibres (radians) on the coarse grid."""
    block = canvas.block
    places = sites(seed, spacing=SPACING, box=block.box(), jitter=0.75)
    material = canvas.at(places.x, places.y)
    chosen = places.chance(2) < _DENSITY[material]
    places, material = places.keep(chosen), material[chosen]
    kind = _KIND[material, (places.chance(3) * 100).astype(np.int64)]
    column = ((places.x / block.mpp - block.left) / STEP).astype(np.int64) + 1
    row = ((places.y / block.mpp - block.top) / STEP).astype(np.int64) + 1
    along = flow[np.clip(row, 0, len(flow) - 1), np.clip(column, 0, flow.shape[1] - 1)]
    free = np.isin(kind, (0, 1, 7), invert=True)
    wander = np.where(free, np.pi, 0.5) * (places.chance(4) - 0.5)
    return place(places.x, places.y, angle=along + wander, kind=kind, seed=seed)
