"""Kidney: tubules, glomeruli and medulla; basophilia and casts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats, one
from bigpicture.phantom.lattice import Box, honeycomb, sites
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.organs.organ import Ground, Organ
from bigpicture.phantom.organs.vessel import vessel
from bigpicture.phantom.outline import blob, inset, stroll
from bigpicture.phantom.place import Place, Points

TUBULE = 47.0
"""Micrometres between the centres of neighbouring tubules."""
_STRETCH = 8.5
"""How much longer tubules of the medulla are cut."""


@dataclass(frozen=True)
class Kidney(Organ):
    """Findings: `normal`, `basophilia` (of tubules, with casts)."""

    def medulla(self, place: Place) -> Floats:
        """Positive in the medulla: the middle of the lower half."""
        piece = self.section.fragments[0]
        away = np.hypot(
            (place.x - piece.x) / piece.a, (place.y - piece.y - 0.35 * piece.b) / piece.b
        )
        return 0.52 - away + 0.05 * place.noise(self.seed + 11, 500)

    def sick(self, place: Place) -> Floats:
        """Positive where tubules are basophilic."""
        if self.finding == "normal":
            return np.full(np.broadcast(place.x, place.y).shape, -1.0)
        return place.noise(self.seed + 12, 430) - 0.35

    def ground(self, ground: Ground) -> npt.NDArray[np.uint8]:
        return ground.coat(Material.STROMA)

    def paint(self, canvas: Canvas) -> None:
        box = canvas.block.box(160)
        self._tubules(canvas, stretch=1.0)
        self._tubules(canvas, stretch=_STRETCH)
        self._vessels(canvas, box)
        self._glomeruli(canvas, box)

    def _tubules(self, canvas: Canvas, *, stretch: float) -> None:
        left, top, right, bottom = canvas.block.box(70 * stretch)
        deep = stretch > 1
        cells, corners = honeycomb(
            self.seed + 21 + deep,
            size=TUBULE * (0.74 if deep else 1),
            jitter=0.46,
            waves=0.42,
            box=(left, top / stretch, right, bottom / stretch),
        )
        here = Points(cells.x, cells.y * stretch)
        chosen = np.flatnonzero((self.medulla(here) > 0) == deep)
        sick = self.sick(here) > 0
        corners = corners * [1.0, stretch]
        low, high = corners.min(axis=1), corners.max(axis=1)
        edge = canvas.block.box(2)
        seen = (high[:, 0] > edge[0]) & (low[:, 0] < edge[2])
        seen &= (high[:, 1] > edge[1]) & (low[:, 1] < edge[3])
        for k in chosen[seen[chosen]]:
            seed = self.seed + int(cells.i[k]) * 8191 + int(cells.j[k]) * 3 + deep
            self._tubule(canvas, corners[k], seed=seed, thin=deep, sick=bool(sick[k]))

    def _tubule(
        self, canvas: Canvas, corners: Floats, *, seed: int, thin: bool, sick: bool
    ) -> None:
        u = [one(seed, k, 81) for k in range(4)]
        wall = _rounded(corners)
        distal = u[0] < (0.75 if thin else 0.27)
        height = (12.0 if thin else 8.0) if distal else 15.5
        height *= 0.9 + 0.3 * u[1]
        bluish = sick and u[2] < 0.75
        canvas.fill(wall, Material.TUBULE, shade=(0.72 if distal else 1.0) * (0.93 + 0.14 * u[3]))
        if bluish:
            canvas.wash(wall, (44.0, 40.0, 0.0))
        lumen = _middle(wall, height)
        cast = sick and one(seed, 82) < 0.16
        if cast:
            canvas.fill(lumen, Material.NECROSIS, shade=1.1)
        else:
            canvas.fill(lumen, Material.LUMEN, shade=1.0 if distal and not thin else 4.0)
        where, normal = stroll(wall, pace=8.0 if bluish else 13.5, seed=seed, jitter=0.7)
        depth = height * (0.42 + 0.2 * one(seed, 83))
        spot = where - normal * depth
        canvas.sow(
            spot[:, 0],
            spot[:, 1],
            angle=np.arctan2(normal[:, 1], normal[:, 0]),
            kind=Nucleus.EPITHELIAL if bluish else Nucleus.ROUND,
            seed=seed,
        )

    def _vessels(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 25, spacing=640, box=box)
        chosen = places.keep(places.chance(2) < 0.65)
        for k in range(len(chosen)):
            radius = 18 + 42 * float(chosen.chance(3)[k]) ** 2
            vessel(
                canvas,
                chosen.x[k],
                chosen.y[k],
                radius=radius,
                wall=4 + radius * 0.25,
                seed=self.seed + int(chosen.i[k]) * 127 + int(chosen.j[k]) * 8191,
            )

    def _glomeruli(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 26, spacing=330, box=box, jitter=0.75)
        here = Points(places.x, places.y)
        cortex = (self.medulla(here) < -0.07) & (self.inside(here) > 130)
        chosen = places.keep(cortex & (places.chance(2) < 0.8))
        for k in range(len(chosen)):
            seed = self.seed + int(chosen.i[k]) * 31 + int(chosen.j[k]) * 65537
            self._glomerulus(canvas, chosen.x[k], chosen.y[k], seed=seed)

    def _glomerulus(self, canvas: Canvas, x: float, y: float, *, seed: int) -> None:
        """Bowman's capsule, its space, and a lobed tuft of capillaries."""
        radius = 46 + 12 * one(seed, 84)
        capsule = blob(x, y, radius=radius, seed=seed, rough=0.03)
        canvas.fill(inset(capsule, -2.0), Material.STROMA)
        canvas.fill(capsule, Material.LUMEN)
        canvas.stroke(capsule, (14.0, 60.0, 0.0), width=1.5, closed=True)
        where, normal = stroll(capsule, pace=17, seed=seed)
        canvas.sow(
            where[:, 0],
            where[:, 1],
            angle=np.arctan2(normal[:, 1], normal[:, 0]) + np.pi / 2,
            kind=Nucleus.SPINDLE,
            seed=seed,
        )
        gap = 4 + 5 * one(seed, 85)
        tuft = blob(x, y, radius=radius - gap, seed=seed + 1, rough=0.09, corners=48)
        canvas.fill(tuft, Material.GLOMERULUS)
        loops = sites(seed, spacing=11.5, box=(x - radius, y - radius, x + radius, y + radius))
        inside = canvas.at(loops.x, loops.y) == int(Material.GLOMERULUS)
        loops = loops.keep(inside & (loops.chance(3) < 0.62))
        red = loops.chance(4) < 0.3
        size = 1.6 + 2.0 * loops.chance(5)
        canvas.dots(loops.x[~red], loops.y[~red], size[~red], Material.LUMEN)
        canvas.dots(loops.x[red], loops.y[red], size[red] * 0.9, Material.BLOOD)


def _rounded(corners: Floats) -> Floats:
    """A cell with cut corners (Chaikin, twice), a little smaller than its place."""
    points = corners
    for _ in range(2):
        following = np.roll(points, -1, axis=0)
        points = np.stack(
            [0.78 * points + 0.22 * following, 0.22 * points + 0.78 * following], axis=1
        ).reshape(-1, 2)
    middle = points.mean(axis=0)
    return middle + (points - middle) * 0.955


def _middle(wall: Floats, height: float) -> Floats:
    """The lumen: the wall drawn toward the centre by `height`, never less than a slit."""
    middle = wall.mean(axis=0)
    toward = wall - middle
    reach = np.hypot(toward[:, 0], toward[:, 1])
    left = np.maximum(reach - height, 0.10 * reach)
    return middle + toward * (left / reach)[:, None]
