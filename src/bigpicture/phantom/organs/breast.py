"""Breast: collagen, fat, ducts and lobules; ductal carcinoma in situ and invasive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats, one
from bigpicture.phantom.lattice import Box, sites
from bigpicture.phantom.material import Material
from bigpicture.phantom.organs.fat import adipocytes
from bigpicture.phantom.organs.gland import ACINUS, DUCT, gland
from bigpicture.phantom.organs.organ import Ground, Organ
from bigpicture.phantom.organs.sheet import sheet
from bigpicture.phantom.organs.vessel import vessel
from bigpicture.phantom.outline import blob, inset
from bigpicture.phantom.place import Place, Points

REACH = 260.0


@dataclass(frozen=True)
class Breast(Organ):
    """Findings: `normal`, `carcinoma`."""

    def fat(self, place: Place) -> Floats:
        """Positive in fat."""
        lobule = place.noise(self.seed + 11, 1500) + 0.32 * place.noise(self.seed + 12, 330)
        return 150 * (lobule - 0.12) - np.maximum(0, 700 * self.tumour(place) + 30)

    def tumour(self, place: Place) -> Floats:
        """Positive in the tumour."""
        if self.finding == "normal":
            return np.full(np.broadcast(place.x, place.y).shape, -1.0)
        piece = self.section.fragments[0]
        away = np.hypot((place.x - piece.x) / piece.a, (place.y - piece.y) / piece.b)
        return (
            0.52
            - away
            + 0.22 * place.noise(self.seed + 13, 900)
            + 0.09 * place.noise(self.seed + 14, 240)
        )

    def ground(self, ground: Ground) -> npt.NDArray[np.uint8]:
        grid = ground.grid
        tumour = self.tumour(grid)
        cells = 40 * (grid.noise(self.seed + 15, 210) + 0.5 * grid.noise(self.seed + 16, 80)) - 58
        cells = np.minimum(cells, -80 * tumour)
        return ground.coat(
            Material.STROMA,
            (tumour, Material.TUMOUR_STROMA),
            (self.fat(grid), Material.FAT),
            (cells, Material.LYMPHOID),
        )

    def paint(self, canvas: Canvas) -> None:
        box = canvas.block.box(REACH)
        adipocytes(canvas, seed=self.seed + 30, box=canvas.block.box(100), size=74)
        self._vessels(canvas, box)
        self._lobules(canvas, box)
        if self.finding != "normal":
            self._nests(canvas, box)
            sheet(canvas, seed=self.seed + 35)

    def _vessels(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 31, spacing=420, box=box)
        here = Points(places.x, places.y)
        chosen = places.keep((self.fat(here) < 60) & (places.chance(2) < 0.6))
        for k in range(len(chosen)):
            radius = 12 + 40 * float(chosen.chance(3)[k]) ** 2
            vessel(
                canvas,
                chosen.x[k],
                chosen.y[k],
                radius=radius,
                wall=3 + radius * (0.35 if chosen.chance(4)[k] < 0.5 else 0.1),
                seed=self.seed + int(chosen.i[k]) * 8191 + int(chosen.j[k]),
            )

    def _lobules(self, canvas: Canvas, box: Box) -> None:
        """Ducts, and lobules: clusters of acini in loose cellular stroma."""
        places = sites(self.seed + 32, spacing=560, box=box)
        here = Points(places.x, places.y)
        chosen = places.keep(
            (self.fat(here) < -25) & (self.tumour(here) < -0.05) & (places.chance(2) < 0.85)
        )
        for k in range(len(chosen)):
            seed = self.seed + int(chosen.i[k]) * 131 + int(chosen.j[k]) * 65537
            u = float(chosen.chance(3)[k])
            if u < 0.3:
                wall = blob(
                    chosen.x[k],
                    chosen.y[k],
                    radius=30 + 45 * u,
                    seed=seed,
                    aspect=1.5 + 2 * u,
                    angle=np.pi * float(chosen.chance(4)[k]),
                    rough=0.13,
                    corners=56,
                )
                canvas.fill(inset(wall, -14.0), Material.STROMA, shade=1.3)
                gland(canvas, wall, DUCT, seed=seed)
            else:
                self._lobule(canvas, chosen.x[k], chosen.y[k], seed)

    def _lobule(self, canvas: Canvas, x: float, y: float, seed: int) -> None:
        size = 95 + 95 * one(seed, 71)
        shape = blob(x, y, radius=size, seed=seed, aspect=1.25, angle=np.pi * one(seed, 72))
        canvas.fill(shape, Material.LAMINA_PROPRIA, shade=0.85)
        acini = sites(seed, spacing=40, box=(x - size, y - size, x + size, y + size), jitter=0.5)
        away = np.hypot(acini.x - x, acini.y - y)
        acini = acini.keep(away < size - 24)
        for k in range(len(acini)):
            wall = blob(
                acini.x[k],
                acini.y[k],
                radius=13 + 7 * float(acini.chance(3)[k]),
                rough=0.08,
                seed=seed + k,
                aspect=1 + 0.5 * float(acini.chance(4)[k]),
                corners=26,
                angle=np.pi * float(acini.chance(5)[k]),
            )
            gland(canvas, wall, ACINUS, seed=seed + 7 * k)

    def _nests(self, canvas: Canvas, box: Box) -> None:
        """Invasive nests and cords, small at the front, and a few ducts filled in situ."""
        places = sites(self.seed + 33, spacing=86, box=box, jitter=0.95)
        here = Points(places.x, places.y)
        chosen = places.keep((self.tumour(here) > 0) & (places.chance(2) < 0.86))
        depth = self.tumour(Points(chosen.x, chosen.y))
        for k in range(len(chosen)):
            u = [float(chosen.chance(c)[k]) for c in (3, 4, 5)]
            seed = self.seed + int(chosen.i[k]) * 127 + int(chosen.j[k]) * 8191
            radius = (16 + 34 * u[0] ** 2) * (0.7 + min(float(depth[k]), 0.5))
            nest = blob(
                chosen.x[k],
                chosen.y[k],
                radius=radius,
                aspect=1 + 2.6 * u[1] ** 2,
                rough=0.17,
                angle=np.pi * u[2],
                corners=40,
                seed=seed,
            )
            canvas.fill(inset(nest, -1.8), Material.TUMOUR_STROMA, shade=0.25)
            canvas.fill(nest, Material.TUMOUR)
        self._in_situ(canvas, box)

    def _in_situ(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 34, spacing=640, box=box, jitter=0.9)
        here = Points(places.x, places.y)
        near = np.abs(self.tumour(here)) < 0.2
        chosen = places.keep(near & (places.chance(2) < 0.7) & (self.fat(here) < 0))
        for k in range(len(chosen)):
            radius = 80 + 90 * float(chosen.chance(3)[k])
            seed = self.seed + int(chosen.i[k]) * 17 + int(chosen.j[k]) * 523
            wall = blob(chosen.x[k], chosen.y[k], radius=radius, seed=seed, rough=0.07, corners=64)
            canvas.fill(inset(wall, -9.0), Material.STROMA, shade=1.35)
            canvas.fill(wall, Material.TUMOUR)
            canvas.stroke(wall, (30.0, 70.0, 0.0), width=1.6, closed=True)
            if chosen.chance(4)[k] < 0.55:
                middle = blob(
                    chosen.x[k], chosen.y[k], radius=radius * 0.42, seed=seed + 1, rough=0.14
                )
                canvas.fill(middle, Material.NECROSIS)
