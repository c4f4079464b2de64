"""The canvas of one block: stain concentrations and material of each pixel, and how to paint."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import Floats
from bigpicture.phantom.material import LOOKS, Material, Nucleus
from bigpicture.phantom.nuclei import Nuclei, join, place
from bigpicture.phantom.place import Block
from bigpicture.phantom.stain import Stain

_SHIFT = 4
_WHOLE = 1 << _SHIFT

BASE = np.zeros((256, 1, 3), np.uint8)
for _material, _look in LOOKS.items():
    BASE[_material, 0] = _look.haematoxylin, _look.eosin, _look.red


class Canvas:
    """What is painted: `stain` (side, side, 3) uint8 haematoxylin, eosin, DAB; `label` uint8.

    Structures paint in order, later ones over earlier ones, in micrometres of the slide.
    """

    def __init__(self, block: Block, label: npt.NDArray[np.uint8], stain: Stain = Stain.HE) -> None:
        self.block = block
        self.kind = stain
        self.label = label
        self.stain = cv2.LUT(cv2.merge([label, label, label]), BASE.reshape(1, 256, 3))
        self._red = 0.0 if stain.is_immuno else 1.0
        if stain.is_immuno:
            self.stain[..., 2] = 0
        self._groups: list[Nuclei] = []

    @property
    def nuclei(self) -> Nuclei:
        """Nuclei that structures placed themselves."""
        return join(self._groups)

    def fill(
        self, points: Floats, material: Material, *, shade: float = 1.0, dab: float = 0.0
    ) -> None:
        """Fill a closed curve (n, 2) with a material, its stains scaled by `shade`."""
        pixels = self._pixels(points)
        if pixels is None:
            return
        look = LOOKS[material]
        colour = (look.haematoxylin * shade, look.eosin * shade, dab + look.red * shade * self._red)
        cv2.fillPoly(self.stain, [pixels], colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.label, [pixels], int(material), cv2.LINE_8, _SHIFT)

    def wash(self, points: Floats, colour: tuple[float, float, float]) -> None:
        """Fill a closed curve with stains only: the material stays what it was."""
        pixels = self._pixels(points)
        if pixels is not None:
            cv2.fillPoly(self.stain, [pixels], colour, cv2.LINE_AA, _SHIFT)

    def stroke(
        self, points: Floats, colour: tuple[float, float, float], *, width: float, closed: bool
    ) -> None:
        """Draw a curve `width` micrometres wide with stains only."""
        pixels = self._pixels(points)
        if pixels is not None:
            thickness = max(1, round(width / self.block.mpp))
            cv2.polylines(self.stain, [pixels], closed, colour, thickness, cv2.LINE_AA, _SHIFT)

    def strokes(
        self,
        lines: Floats,
        colour: tuple[float, float, float],
        *,
        width: float,
        material: Material | None = None,
        closed: bool = False,
    ) -> None:
        """Draw many curves of equal length, (n, corners, 2) micrometres, in one call."""
        if not len(lines):
            return
        origin = [self.block.left + 0.5, self.block.top + 0.5]
        pixels = list(np.rint((lines / self.block.mpp - origin) * _WHOLE).astype(np.int32))
        thickness = max(1, round(width / self.block.mpp))
        cv2.polylines(self.stain, pixels, closed, colour, thickness, cv2.LINE_AA, _SHIFT)
        if material is not None:
            cv2.polylines(self.label, pixels, closed, int(material), thickness, cv2.LINE_8, _SHIFT)

    def dots(self, x: Floats, y: Floats, radius: Floats, material: Material) -> None:
        """Fill discs of `radius` micrometres."""
        look = LOOKS[material]
        colour = (look.haematoxylin, look.eosin, look.red * self._red)
        scale = _WHOLE / self.block.mpp
        origin = (self.block.left + 0.5) * _WHOLE, (self.block.top + 0.5) * _WHOLE
        columns = np.rint(x * scale - origin[0]).astype(int).tolist()
        rows = np.rint(y * scale - origin[1]).astype(int).tolist()
        reach = np.rint(radius * scale).astype(int).tolist()
        for column, row, r in zip(columns, rows, reach, strict=True):
            cv2.circle(self.stain, (column, row), r, colour, -1, cv2.LINE_AA, _SHIFT)
            cv2.circle(self.label, (column, row), r, int(material), -1, cv2.LINE_8, _SHIFT)

    def sow(
        self,
        x: Floats,
        y: Floats,
        *,
        angle: Floats,
        kind: npt.NDArray[np.int64] | Nucleus,
        seed: int,
    ) -> None:
        """Place nuclei at (x, y) micrometres, their long axis along `angle`."""
        if len(x):
            self._groups.append(place(x, y, angle=angle, kind=kind, seed=seed))

    def at(self, x: Floats, y: Floats) -> npt.NDArray[np.uint8]:
        """The material at points; glass outside the canvas."""
        column = np.floor(x / self.block.mpp).astype(np.int64) - self.block.left
        row = np.floor(y / self.block.mpp).astype(np.int64) - self.block.top
        side = self.block.side
        inside = (column >= 0) & (row >= 0) & (column < side) & (row < side)
        found = np.zeros(len(x), np.uint8)
        found[inside] = self.label[row[inside], column[inside]]
        return found

    def _pixels(self, points: Floats) -> npt.NDArray[np.int32] | None:
        """Fixed-point canvas pixels, or None where the curve misses the canvas."""
        pixels = points / self.block.mpp - [self.block.left + 0.5, self.block.top + 0.5]
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        if high.min() < 0 or low.max() >= self.block.side:
            return None
        return np.rint(pixels * _WHOLE).astype(np.int32)
