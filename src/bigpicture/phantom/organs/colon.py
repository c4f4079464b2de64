"""Colon: mucosa with crypts, muscularis mucosae, submucosa and muscle; adenoma and carcinoma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats, one, unit
from bigpicture.phantom.lattice import Box, sites
from bigpicture.phantom.material import Material
from bigpicture.phantom.organs.fat import adipocytes
from bigpicture.phantom.organs.gland import ADENOMA, CARCINOMA, COLON, SURFACE, gland
from bigpicture.phantom.organs.organ import Ground, Organ
from bigpicture.phantom.organs.vessel import vessel
from bigpicture.phantom.outline import blob, tube
from bigpicture.phantom.place import Grid, Place, Points

REACH = 420.0
"""Micrometres that the largest structure extends from its centre."""


@dataclass(frozen=True)
class Colon(Organ):
    """Findings: `normal`, `adenoma`, `carcinoma`."""

    @property
    def _top(self) -> float:
        piece = self.section.fragments[0]
        return piece.y - 0.80 * piece.b

    def _surface(self, x: Floats) -> Floats:
        """Height of the luminal surface at `x`."""
        line = Points(x, np.zeros_like(x))
        scale = self.section.rough
        return self._top + scale * (
            110 * line.noise(self.seed + 11, 1700) + 50 * line.noise(self.seed + 12, 520)
        )

    def depth(self, place: Place) -> Floats:
        """Micrometres below the luminal surface."""
        return place.y - self._surface(place.x)

    def inside(self, place: Place) -> Floats:
        frayed = self.depth(place) + 5 * place.noise(self.seed + 13, 40)
        return np.minimum(self.section.inside(place), frayed)

    def mucosa(self, place: Place) -> Floats:
        """Thickness of the mucosa."""
        return 520 + 60 * place.noise(self.seed + 14, 900)

    def tumour(self, place: Place) -> Floats:
        """Positive in the lesion."""
        if self.finding == "normal":
            return np.full(np.broadcast(place.x, place.y).shape, -1.0)
        piece = self.section.fragments[0]
        across = (place.x - piece.x - 0.15 * piece.a) / piece.a
        deep = self.depth(place) / (0.55 * 2 * piece.b)
        body = 0.62 - np.hypot(1.15 * across, 0.55 * deep if self.finding == "carcinoma" else deep)
        return (
            body + 0.16 * place.noise(self.seed + 15, 620) + 0.07 * place.noise(self.seed + 16, 170)
        )

    def ground(self, ground: Ground) -> npt.NDArray[np.uint8]:
        grid: Grid = ground.grid
        d, t = self.depth(grid), self.mucosa(grid)
        loose = grid.noise(self.seed + 17, 420)
        submucosa = d - t - 55
        muscle = d - t - 620 - 120 * grid.noise(self.seed + 18, 1500)
        gap = 26 - np.abs(d - t - 1150) + 12 * grid.noise(self.seed + 19, 300)
        fat = np.minimum(submucosa - 160, 120 * (loose - 0.75))
        fat = np.minimum(fat, -muscle - 60)
        coats = [
            (d - t, Material.MUSCLE),
            (submucosa + 10 * grid.noise(self.seed + 20, 90), Material.STROMA),
            (fat, Material.FAT),
            (muscle, Material.MUSCLE),
            (gap, Material.STROMA),
        ]
        if self.finding == "carcinoma":
            coats.append((self.tumour(grid), Material.TUMOUR_STROMA))
        return ground.coat(Material.LAMINA_PROPRIA, *coats)

    def paint(self, canvas: Canvas) -> None:
        box = canvas.block.box(REACH)
        adipocytes(canvas, seed=self.seed + 30, box=canvas.block.box(80))
        self._vessels(canvas, box)
        self._follicles(canvas, box)
        self._crypts(canvas, box)
        self._lid(canvas, box)
        if self.finding == "carcinoma":
            self._malignant(canvas, box)

    def _vessels(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 31, spacing=230, box=box)
        here = Points(places.x, places.y)
        below = self.depth(here) - self.mucosa(here)
        chosen = places.keep((below > 130) & (below < 640) & (places.chance(2) < 0.6))
        size = chosen.chance(3) ** 2
        for k in range(len(chosen)):
            radius = 13 + 55 * float(size[k])
            wall = 3 + radius * (0.32 if chosen.chance(4)[k] < 0.5 else 0.1)
            vessel(
                canvas,
                chosen.x[k],
                chosen.y[k],
                radius=radius,
                wall=wall,
                seed=self.seed + int(chosen.i[k]) * 8191 + int(chosen.j[k]),
            )

    def _follicles(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 32, spacing=900, box=box)
        here = Points(places.x, places.y)
        near = np.abs(self.depth(here) - self.mucosa(here) + 60)
        chosen = places.keep((near < 330) & (places.chance(2) < 0.5))
        for k in range(len(chosen)):
            x = chosen.x[k]
            at = Points(np.array([x]), np.array([chosen.y[k]]))
            y = float((self._surface(at.x) + self.mucosa(at))[0]) - 60
            canvas.fill(
                blob(
                    x,
                    y,
                    radius=90 + 90 * float(chosen.chance(3)[k]),
                    aspect=1.3,
                    rough=0.1,
                    seed=self.seed + int(chosen.i[k]) * 31 + int(chosen.j[k]),
                ),
                Material.LYMPHOID,
            )

    def _crypts(self, canvas: Canvas, box: Box) -> None:
        """Test tubes from the surface to the muscularis mucosae; rings where cut across."""
        pitch = 84.0
        order = np.arange(int(box[0] // pitch) - 1, int(box[2] // pitch) + 2)
        x = (order + 0.5 + 0.3 * (unit(self.seed, order, 33) - 0.5)) * pitch
        surface = self._surface(x)
        slope = (self._surface(x + 20) - self._surface(x - 20)) / 40
        at = Points(x, surface + 200)
        thickness, cut = self.mucosa(at), at.noise(self.seed + 34, 520)
        lesion = self.tumour(at) > 0
        low, high = box[1] + REACH, box[3] - REACH
        for k in range(len(order)):
            thick, across = float(thickness[k]), float(cut[k])
            if surface[k] - 40 > high or surface[k] + thick + 40 < low:
                continue
            u = [one(self.seed, int(order[k]), c) for c in (35, 36, 37)]
            sick = self.finding == "adenoma" and bool(lesion[k])
            if self.finding == "carcinoma" and lesion[k]:
                continue
            lining = ADENOMA if sick else COLON
            width = 62 + 14 * u[0] + (16 if sick else 0)
            seed = self.seed + 977 * int(order[k])
            pieces = 1 if across < 0.1 else 5
            length = thick * (0.93 + 0.06 * u[1]) / pieces
            for piece in range(pieces):
                v = one(seed, piece, 38)
                middle = surface[k] + 4 + length * (piece + 0.5) + (12 if pieces > 1 else 0)
                shift = (piece % 2) * pitch / 2 + 14 * (v - 0.5) if pieces > 1 else 0.0
                wall = tube(
                    x[k] + shift,
                    float(middle),
                    length=length * (1 if pieces == 1 else 0.86),
                    width=min(width, length * 0.8),
                    angle=np.pi / 2 + float(slope[k]) * 0.7,
                    seed=seed + piece,
                    bend=0.06 if pieces == 1 else 0.02,
                )
                gland(canvas, wall, lining, seed=seed + piece)

    def _lid(self, canvas: Canvas, box: Box) -> None:
        """The epithelium on the surface, one row of cells, absent on a carcinoma."""
        order = np.arange(int(box[0] // SURFACE.pace) - 1, int(box[2] // SURFACE.pace) + 2)
        x = (order + 0.3 * unit(self.seed, order, 40)) * SURFACE.pace
        top = self._surface(x)
        bare = self.tumour(Points(x, top + 200)) > 0
        if self.finding == "carcinoma" and bare.all():
            return
        covered = ~bare if self.finding == "carcinoma" else np.ones(len(x), bool)
        height = SURFACE.height * (0.9 + 0.2 * unit(self.seed, order // 4, 41))
        edge = np.concatenate(
            [np.stack([x, top - 12], axis=1), np.stack([x, top + height], axis=1)[::-1]]
        )
        if covered.all():
            canvas.fill(edge, SURFACE.material, shade=1.05 if self.finding == "normal" else 1.2)
        else:
            for k in np.flatnonzero(covered[:-1]):
                quad = [
                    [x[k], top[k] - 12],
                    [x[k + 1] + 0.5, top[k + 1] - 12],
                    [x[k + 1] + 0.5, top[k + 1] + height[k + 1]],
                    [x[k], top[k] + height[k]],
                ]
                canvas.fill(np.array(quad), SURFACE.material)
        deep = top + height * (0.62 + 0.2 * (unit(self.seed, order, 42) - 0.5))
        slope = np.arctan(np.gradient(top, x))
        canvas.sow(
            x[covered],
            deep[covered],
            angle=np.pi / 2 + slope[covered],
            kind=SURFACE.kind,
            seed=self.seed + 43,
        )

    def _malignant(self, canvas: Canvas, box: Box) -> None:
        places = sites(self.seed + 39, spacing=138, box=box, jitter=0.85)
        here = Points(places.x, places.y)
        inside = (self.tumour(here) > 0.02) & (self.depth(here) > 20) & (places.chance(2) < 0.92)
        chosen = places.keep(inside)
        for k in range(len(chosen)):
            u = [float(chosen.chance(c)[k]) for c in (3, 4, 5)]
            wall = blob(
                chosen.x[k],
                chosen.y[k],
                radius=34 + 52 * u[0] ** 1.5,
                aspect=1 + 1.1 * u[1],
                angle=np.pi * u[2],
                rough=0.16,
                corners=56,
                seed=self.seed + int(chosen.i[k]) * 127 + int(chosen.j[k]) * 8191,
            )
            gland(
                canvas,
                wall,
                CARCINOMA,
                seed=self.seed + int(chosen.i[k]) * 131 + int(chosen.j[k]) * 524287,
            )
