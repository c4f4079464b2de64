"""The section: where on the glass tissue lies, as the distance from its edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bigpicture.phantom.chance import Floats, one, seed_of
from bigpicture.phantom.place import Place


@dataclass(frozen=True)
class Fragment:
    """One piece of tissue: an oval by centre, half axes (micrometres) and angle (radians)."""

    x: float
    y: float
    a: float
    b: float
    angle: float
    power: float = 2.4
    """2 is an ellipse, more is squarer."""


@dataclass(frozen=True)
class Section:
    """All pieces on one glass, with edges made irregular at three scales."""

    seed: int
    fragments: tuple[Fragment, ...]
    rough: float = 1.0

    def inside(self, place: Place) -> Floats:
        """Distance to the edge in micrometres (about), positive in tissue."""
        wander = self.rough * (
            210 * place.noise(self.seed + 1, 760)
            + 55 * place.noise(self.seed + 2, 190)
            + 10 * place.noise(self.seed + 3, 42)
            + 4 * place.noise(self.seed + 4, 13)
        )
        best = np.full(np.broadcast(place.x, place.y).shape, -1e6)
        for fragment in self.fragments:
            best = np.maximum(best, _oval(fragment, place))
        return best + wander


def _oval(f: Fragment, place: Place) -> Floats:
    dx, dy = place.x - f.x, place.y - f.y
    c, s = np.cos(f.angle), np.sin(f.angle)
    p, q = np.abs(c * dx + s * dy) / f.a, np.abs(c * dy - s * dx) / f.b
    rho = (p**f.power + q**f.power) ** (1 / f.power)
    return (1 - rho) * min(f.a, f.b)


def one_piece(seed: int, width: float, height: float) -> Section:
    """A single large piece that fills most of a glass of `width` x `height` micrometres."""
    u = [one(seed_of(seed, "piece"), k) for k in range(6)]
    a, b = width * (0.39 + 0.04 * u[0]), height * (0.385 + 0.04 * u[1])
    rough = min(1.0, min(width, height) / 2600)
    centre = width * (0.49 + 0.02 * u[2]), height * (0.49 + 0.02 * u[3])
    return Section(
        seed_of(seed, "edge"), (Fragment(*centre, a, b, 0.5 * (u[4] - 0.5), 2.15),), rough
    )
