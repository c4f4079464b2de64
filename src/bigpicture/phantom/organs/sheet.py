"""Sheets of cells: a tessellation with a nucleus in each cell and borders between."""

from __future__ import annotations

import numpy as np

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.lattice import honeycomb
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.stain import Stain

_BORDER = (20.0, 30.0, 0.0)


def sheet(canvas: Canvas, *, seed: int, size: float = 13.0, turned: float = 0.0) -> None:
    """Fill tumour ground with cells of about `size` micrometres.

    In HER2 the borders carry DAB. `turned` is the main direction of the nuclei.
    """
    cells, corners = honeycomb(seed, size=size, box=canvas.block.box(20), jitter=0.36, waves=0.3)
    chosen = canvas.at(cells.x, cells.y) == int(Material.TUMOUR)
    cells, corners = cells.keep(chosen), corners[chosen]
    if canvas.kind is Stain.HER2:
        strong = cells.chance(6) < 0.8
        canvas.strokes(corners[strong], (24.0, 30.0, 150.0), width=1.4, closed=True)
    else:
        open_border = cells.chance(6) < 0.5
        canvas.strokes(corners[open_border, :3], _BORDER, width=0.9)
        cleft = cells.chance(7) < 0.07
        canvas.strokes(corners[cleft, :3], (4.0, 6.0, 0.0), width=1.6)
    kept = cells.chance(8) < 0.93
    x = cells.x + (cells.chance(9) - 0.5) * 0.22 * size
    y = cells.y + (cells.chance(10) - 0.5) * 0.22 * size
    kind = np.where(cells.chance(11) < 0.025, int(Nucleus.PYKNOTIC), int(Nucleus.TUMOUR))
    angle = turned + np.pi * (cells.chance(12) - 0.5) * 1.4
    canvas.sow(x[kept], y[kept], angle=angle[kept], kind=kind[kept], seed=seed)
