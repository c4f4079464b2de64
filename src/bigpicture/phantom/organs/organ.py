"""What an organ offers to the renderer, and the ground on which it paints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.phantom.canvas import Canvas
from bigpicture.phantom.chance import Floats
from bigpicture.phantom.material import Material
from bigpicture.phantom.place import Block, Grid, Place
from bigpicture.phantom.section import Section


@dataclass(frozen=True)
class Ground:
    """The first coat of a block: fields on the coarse grid, and materials from thresholds."""

    block: Block
    grid: Grid
    inside: Floats

    def coat(self, first: Material, *coats: tuple[Floats, Material]) -> npt.NDArray[np.uint8]:
        """`first` everywhere in tissue, then each material where its field is positive."""
        label = np.full((self.block.side, self.block.side), int(first), np.uint8)
        for field, material in coats:
            if field.max() > 0:
                label[self.block.widen(field) > 0] = int(material)
        return label


@dataclass(frozen=True)
class Organ(ABC):
    """An organ with a finding, cut as `section`; `seed` decides everything about it."""

    seed: int
    section: Section
    finding: str = "normal"

    def inside(self, place: Place) -> Floats:
        """Distance from the edge of the tissue in micrometres, positive inside."""
        return self.section.inside(place)

    @abstractmethod
    def ground(self, ground: Ground) -> npt.NDArray[np.uint8]:
        """The material of each pixel before structures are painted."""

    @abstractmethod
    def paint(self, canvas: Canvas) -> None:
        """Paint the structures of the canvas's block."""
