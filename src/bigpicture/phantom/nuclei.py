"""Nuclei: a library of drawn nuclei for each kind, stamped onto the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import Floats, one, unit
from bigpicture.phantom.material import Nucleus
from bigpicture.phantom.outline import blob

VARIANTS = 10
TURNS = 16
_FINE = 4
"""Subpixels a side when a nucleus is drawn."""


@dataclass(frozen=True)
class Build:
    """Measures of a kind: micrometres, canvas values of haematoxylin, and shares.

    `rim` is how much darker the membrane is, `clumps` the contrast of chromatin, `rough` the
    disturbance of the outline, `spread` the variation of size.
    """

    length: float
    width: float
    dark: float
    rim: float
    clumps: float
    rough: float
    spread: float
    nucleoli: int


BUILDS: dict[Nucleus, Build] = {
    Nucleus.EPITHELIAL: Build(8.6, 5.2, 138, 26, 26, 0.035, 0.12, 1),
    Nucleus.SPINDLE: Build(12.5, 2.7, 130, 8, 20, 0.05, 0.25, 0),
    Nucleus.LYMPHOCYTE: Build(6.0, 5.6, 162, 12, 30, 0.03, 0.10, 0),
    Nucleus.TUMOUR: Build(10.8, 7.8, 116, 36, 36, 0.075, 0.26, 2),
    Nucleus.ROUND: Build(7.4, 7.0, 100, 40, 28, 0.02, 0.09, 1),
    Nucleus.PYKNOTIC: Build(4.6, 3.9, 190, 0, 8, 0.10, 0.30, 0),
    Nucleus.PLASMA: Build(6.6, 5.6, 140, 22, 44, 0.03, 0.08, 0),
    Nucleus.PENCIL: Build(11.5, 4.4, 140, 20, 28, 0.04, 0.15, 0),
}


@dataclass(frozen=True)
class Stamp:
    """A drawn nucleus: density (h, w) in 0..255, its outline in pixels from the stamp's corner.

    The centre of the nucleus lies at `anchor`, the stamp's own middle.
    """

    density: npt.NDArray[np.uint8]
    outline: Floats
    anchor: int


@lru_cache(maxsize=4096)
def stamp(kind: Nucleus, variant: int, turn: int, mpp: float) -> Stamp:
    """Draw nucleus `variant` of `kind`, turned by `turn` sixteenths of half a circle."""
    build = BUILDS[kind]
    u = [one(7919, int(kind), variant, k) for k in range(8)]
    size = 1 + build.spread * (2 * u[0] - 1) * 1.6
    length, width = build.length * size, build.width * size * (0.9 + 0.2 * u[1])
    outline = (
        blob(
            0,
            0,
            radius=np.sqrt(length * width) / 2,
            aspect=length / width,
            angle=np.pi * turn / TURNS,
            rough=build.rough,
            seed=7919 * (variant + 1) + int(kind),
            corners=28,
        )
        / mpp
    )
    reach = int(np.ceil(np.abs(outline).max())) + 1
    side = 2 * reach + 1
    fine = _draw((outline + reach + 0.5) * _FINE, side * _FINE, build, u, mpp)
    density = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    return Stamp(np.rint(density).astype(np.uint8), outline + reach + 0.5, reach)


def _draw(
    outline: Floats, side: int, build: Build, u: list[float], mpp: float
) -> npt.NDArray[np.float32]:
    """The nucleus at four times the resolution, float densities."""
    unit_px = _FINE / mpp
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], 255, shift=4)
    inner = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / unit_px
    dark = build.dark * (1 + 0.32 * (u[2] - 0.5))
    generator = np.random.Generator(np.random.PCG64(int(u[3] * 2**40)))
    chromatin = cv2.GaussianBlur(
        generator.standard_normal((side, side)).astype(np.float32), (0, 0), 0.42 * unit_px
    )
    chromatin /= chromatin.std() + 1e-6
    body = dark + build.clumps * np.clip(chromatin, -1.6, 2.2) * 0.75
    body += build.rim * np.exp(-inner / 0.45) - build.rim * 0.45 * (inner > 1.0)
    for k in range(build.nucleoli):
        if u[4 + k] < 0.7:
            _spot(body, outline, u[4 + k], radius=(0.6 + 0.5 * u[6]) * unit_px)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.22 * unit_px)
    return np.clip(body, 0, 255).astype(np.float32) * soft


def _spot(body: npt.NDArray[np.float32], outline: Floats, u: float, *, radius: float) -> None:
    """Add a nucleolus off the centre."""
    middle = outline.mean(axis=0)
    corner = outline[int(u * 997) % len(outline)]
    cx, cy = middle + (corner - middle) * 0.38
    yy, xx = np.ogrid[: body.shape[0], : body.shape[1]]
    body += 75 * np.exp(-(((xx - cx) ** 2 + (yy - cy) ** 2) / (2 * (radius * 0.7) ** 2)))


@dataclass(frozen=True)
class Nuclei:
    """Nuclei placed in one block: centres in micrometres, kinds, variants, turns, positivity.

    `positive` is whether the marker of an immunostain is expressed, `strength` 0..1 how strongly.
    """

    x: Floats
    y: Floats
    kind: npt.NDArray[np.int64]
    variant: npt.NDArray[np.int64]
    turn: npt.NDArray[np.int64]
    strength: Floats

    def __len__(self) -> int:
        return len(self.x)

    def keep(self, chosen: np.ndarray) -> Nuclei:
        return Nuclei(
            self.x[chosen],
            self.y[chosen],
            self.kind[chosen],
            self.variant[chosen],
            self.turn[chosen],
            self.strength[chosen],
        )


def place(
    x: Floats, y: Floats, *, angle: Floats, kind: npt.NDArray[np.int64] | Nucleus, seed: int
) -> Nuclei:
    """Make nuclei; variant and marker strength come by chance keyed on the position."""
    i, j = np.rint(x * 64).astype(np.int64), np.rint(y * 64).astype(np.int64)
    turn = np.rint(np.asarray(angle) / np.pi * TURNS).astype(np.int64) % TURNS
    kinds = np.broadcast_to(np.asarray(kind, np.int64), x.shape).copy()
    variant = (unit(seed, i, j, 1) * VARIANTS).astype(np.int64)
    return Nuclei(x, y, kinds, variant, np.broadcast_to(turn, x.shape).copy(), unit(seed, i, j, 2))


def join(groups: list[Nuclei]) -> Nuclei:
    """All nuclei of the groups, in their order."""
    if not groups:
        none, whole = np.zeros(0), np.zeros(0, np.int64)
        return Nuclei(none, none, whole, whole, whole, none)
    columns = [
        np.concatenate([getattr(group, name) for group in groups])
        for name in ("x", "y", "kind", "variant", "turn", "strength")
    ]
    return Nuclei(*columns)
