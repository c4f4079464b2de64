"""Liver: plates of hepatocytes between central veins and portal tracts; vacuolation, necrosis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats, one
from bigpicture.phantom.lattice import Sites, honeycomb
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.organs.gland import BILE, gland
from bigpicture.phantom.organs.organ import Ground, Organ
from bigpicture.phantom.organs.vessel import vessel
from bigpicture.phantom.outline import blob
from bigpicture.phantom.place import Place

LOBULE = 720.0
"""Micrometres between central veins of a rat."""
CELL = 20.5
_REACH = 900.0


@dataclass(frozen=True)
class Liver(Organ):
    """Findings: `normal`, `vacuolation` (around central veins), `necrosis`."""

    def necrosis(self, place: Place) -> Floats:
        """Positive in necrosis."""
        return place.noise(self.seed + 11, 820) + 0.35 * place.noise(self.seed + 12, 150) - 0.72

    def ground(self, ground: Ground) -> npt.NDArray[np.uint8]:
        if self.finding == "necrosis":
            return ground.coat(Material.HEPATOCYTE, (self.necrosis(ground.grid), Material.NECROSIS))
        return ground.coat(Material.HEPATOCYTE)

    def paint(self, canvas: Canvas) -> None:
        lobules, tracts = honeycomb(
            self.seed + 20, size=LOBULE, box=canvas.block.box(_REACH), jitter=0.3
        )
        self._plates(canvas, lobules)
        for k in range(len(lobules)):
            seed = self.seed + int(lobules.i[k]) * 8191 + int(lobules.j[k])
            vessel(
                canvas,
                lobules.x[k],
                lobules.y[k],
                radius=26 + 34 * one(seed, 1),
                wall=3.0,
                seed=seed,
                full=0.35,
            )
            for corner in (0, 3):
                self._portal(canvas, *tracts[k, corner], seed=seed + 104729 * (corner + 1))

    def _plates(self, canvas: Canvas, lobules: Sites) -> None:
        cells, corners = honeycomb(
            self.seed + 21, size=CELL, box=canvas.block.box(30), jitter=0.36, waves=0.5
        )
        living = canvas.at(cells.x, cells.y) == int(Material.HEPATOCYTE)
        cells, corners = cells.keep(living), corners[living]
        if not len(cells):
            return
        away, radial = _toward(cells, lobules)
        canvas.strokes(corners[:, :4], (24.0, 50.0, 0.0), width=0.8)
        self._sinusoids(canvas, cells, corners, radial)
        if self.finding == "vacuolation":
            self._vacuoles(canvas, cells, away)
        kept = cells.chance(3) < 0.86
        self._sow(canvas, cells.keep(kept))

    def _sinusoids(self, canvas: Canvas, cells: Sites, corners: Floats, radial: Floats) -> None:
        """Clefts along borders that point to the central vein, lined by flat nuclei."""
        for side in range(3):
            edge = corners[:, side : side + 2]
            run = edge[:, 1] - edge[:, 0]
            slant = np.abs(np.sin(np.arctan2(run[:, 1], run[:, 0]) - radial))
            share = np.where(slant < 0.66, 0.93, 0.10)
            chosen = cells.chance(30 + side) < share
            for width, part in ((2.4, 0.55), (3.6, 1.0)):
                wide = chosen & (cells.chance(33 + side) < part)
                if part == 1.0:
                    wide = chosen & (cells.chance(33 + side) >= 0.55)
                canvas.strokes(
                    edge[wide], (9.0, 25.0, 0.0), width=width, material=Material.SINUSOID
                )
            flat = chosen & (cells.chance(36 + side) < 0.16)
            middle = edge[flat].mean(axis=1)
            angle = np.arctan2(run[flat, 1], run[flat, 0])
            canvas.sow(
                middle[:, 0], middle[:, 1], angle=angle, kind=Nucleus.SPINDLE, seed=self.seed + 22
            )
            red = chosen & (cells.chance(39 + side) < 0.10)
            spot = edge[red].mean(axis=1)
            canvas.dots(spot[:, 0], spot[:, 1], np.full(len(spot), 2.5), Material.BLOOD)

    def _vacuoles(self, canvas: Canvas, cells: Sites, away: Floats) -> None:
        fatty = cells.keep(cells.chance(4) < 1.15 - away / 300)
        for drop in range(5):
            angle = 2 * np.pi * fatty.chance(50 + drop)
            reach = 3.0 + 4.2 * fatty.chance(60 + drop)
            radius = 1.0 + 3.1 * fatty.chance(70 + drop) ** 2
            canvas.dots(
                fatty.x + reach * np.cos(angle),
                fatty.y + reach * np.sin(angle),
                radius,
                Material.VACUOLE,
            )

    def _sow(self, canvas: Canvas, cells: Sites) -> None:
        x = cells.x + 3 * (cells.chance(5) - 0.5)
        y = cells.y + 3 * (cells.chance(6) - 0.5)
        twin = cells.chance(7) < 0.12
        canvas.sow(x, y, angle=np.zeros(len(x)), kind=Nucleus.ROUND, seed=self.seed + 23)
        canvas.sow(
            x[twin] + 6.5,
            y[twin] - 3,
            angle=np.zeros(int(twin.sum())),
            kind=Nucleus.ROUND,
            seed=self.seed + 24,
        )

    def _portal(self, canvas: Canvas, x: float, y: float, *, seed: int) -> None:
        """A portal tract: collagen around a vein, an artery and a bile duct."""
        size = 38 + 26 * one(seed, 2)
        turn = 2 * np.pi * one(seed, 3)
        canvas.fill(
            blob(x, y, radius=size, seed=seed, rough=0.16, aspect=1.3, angle=turn),
            Material.LAMINA_PROPRIA,
            shade=0.9,
        )
        c, s = np.cos(turn), np.sin(turn)
        vessel(
            canvas,
            x - 0.22 * size * c,
            y - 0.22 * size * s,
            radius=size * 0.48,
            wall=2.5,
            seed=seed + 1,
        )
        vessel(canvas, x + 0.6 * size * c, y + 0.6 * size * s, radius=9.5, wall=4.0, seed=seed + 2)
        duct = blob(
            x + 0.55 * size * c - 17 * s,
            y + 0.55 * size * s + 17 * c,
            radius=11.5,
            seed=seed + 3,
            corners=24,
        )
        gland(canvas, duct, BILE, seed=seed + 4)


def _toward(cells: Sites, lobules: Sites) -> tuple[Floats, Floats]:
    """Distance (micrometres) and direction to the nearest central vein."""
    dx = cells.x[:, None] - lobules.x[None, :]
    dy = cells.y[:, None] - lobules.y[None, :]
    squared = dx * dx + dy * dy
    nearest = squared.argmin(axis=1)
    rows = np.arange(len(nearest))
    return np.sqrt(squared[rows, nearest]), np.arctan2(dy[rows, nearest], dx[rows, nearest])
