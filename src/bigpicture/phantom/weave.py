"""Weave: fibres that flow, grain, and unevenness of thickness, laid over the painted stains."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import Floats
from bigpicture.phantom.material import LOOKS
from bigpicture.phantom.place import BLOCK, MARGIN, Block, Grid
from bigpicture.phantom.texture import fibres, grain

_FIBRE = np.zeros(256, np.float32)
_GRAIN = np.zeros(256, np.float32)
for _material, _look in LOOKS.items():
    _FIBRE[_material], _GRAIN[_material] = _look.fibre, _look.grain


@dataclass(frozen=True)
class Flow:
    """Coordinates of the fibre texture on the coarse grid: `u` along fibres, `v` across, in um."""

    u: Floats
    v: Floats

    @property
    def direction(self) -> Floats:
        """Direction of the fibres in radians: along lines of equal `v`."""
        down, across = np.gradient(self.v)
        return np.arctan2(-across, down)


def flow(grid: Grid, *, seed: int, angle: float) -> Flow:
    """The flow of fibres: a main direction that wanders and swirls."""
    c, s = np.cos(angle), np.sin(angle)
    swirl = grid.noise(seed + 1, 210)
    curl = grid.noise(seed + 3, 52)
    u = c * grid.x + s * grid.y + 70 * grid.noise(seed + 4, 180) + 8 * curl
    v = c * grid.y - s * grid.x + 125 * swirl + 17 * curl + 3.2 * grid.noise(seed + 8, 19)
    return Flow(u, v)


def weave(
    planes: list[npt.NDArray[np.uint8]],
    label: npt.NDArray[np.uint8],
    *,
    block: Block,
    grid: Grid,
    course: Flow,
    seed: int,
) -> None:
    """Modulate the haematoxylin and eosin planes in place."""
    strand = _sample(fibres(seed, block.mpp), block, course)
    strand *= cv2.LUT(label, _FIBRE)
    fine = np.pad(grain(seed, block.mpp), MARGIN, mode="wrap")[: block.side, : block.side]
    strand += fine * cv2.LUT(label, _GRAIN)
    strand += 1
    uneven = 1 + 0.07 * grid.noise(seed + 5, 700) + 0.07 * grid.noise(seed + 6, 160)
    strand *= block.widen(uneven)
    for plane in planes[:2]:
        cv2.multiply(plane, strand, dst=plane, dtype=cv2.CV_8U)


def _sample(
    texture: npt.NDArray[np.float32], block: Block, course: Flow
) -> npt.NDArray[np.float32]:
    """The periodic texture at the flow's coordinates, kept small for the 16-bit sampler."""
    maps = []
    for field in (course.u, course.v):
        pixels = field / block.mpp
        maps.append(block.widen(pixels - np.floor(pixels.min() / BLOCK) * BLOCK))
    sampled = cv2.remap(texture, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(sampled, np.float32)
