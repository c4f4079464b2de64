"""An outline: one thing that was drawn on an image, in pixels of its finest level."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Place = tuple[float, float]
"""x to the right, y down, from the upper left corner."""
Ring = tuple[Place, ...]


class OutlineKind(StrEnum):
    POLYGON = "polygon"
    LINE = "line"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Outline:
    """`label` is its class, empty where none was given; `name` what its author called it.

    A polygon has its outer ring first and its holes after it, each closed by itself (the first
    place is not repeated); a line and points have one ring, which is their places.
    """

    kind: OutlineKind
    rings: tuple[Ring, ...]
    label: str = ""
    name: str = ""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        places = [place for ring in self.rings for place in ring]
        across, down = [x for x, _ in places], [y for _, y in places]
        return min(across), min(down), max(across), max(down)
