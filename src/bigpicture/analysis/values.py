"""Values: what an algorithm gives for a slide.

The frame is level-0 pixels, origin top left, x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ShapeKind = Literal["point", "polygon", "rectangle"]


@dataclass(frozen=True, slots=True)
class Facet:
    """One number or word for a slide; None: not evaluated. `unit` is of UCUM."""

    value: float | str | None
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """A class for each pixel.

    `pixels` are uint8 (h, w): 0 none, 1, 2, ... the class named there in `classes`. `x`, `y` are
    the level-0 pixel of its upper left, `scale` level-0 pixels per pixel of the mask.
    """

    pixels: NDArray[np.uint8]
    x: float
    y: float
    scale: float
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """A number for each pixel.

    `pixels` are float32 (h, w), NaN where nothing was evaluated. `x`, `y` are the level-0 pixel of
    its upper left, `scale` level-0 pixels per pixel of the map, `range` the least and the greatest
    that a number may be.
    """

    pixels: NDArray[np.float32]
    x: float
    y: float
    scale: float
    unit: str
    range: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One shape. `coordinates` are float64 (n, 2), level-0 pixels.

    A point has one pair, a rectangle its upper left and lower right, a polygon three pairs or
    more, not closed.
    """

    kind: ShapeKind
    coordinates: NDArray[np.float64]
    label: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Geometry:
    """Shapes on a slide."""

    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A named number; `unit` is of UCUM, `1` for none. None: not evaluated."""

    name: str
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Measurements:
    """Named numbers of a slide."""

    values: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """A vector for each patch.

    `coordinates` are int64 (n, 2): the level-0 pixel of each patch's upper left; `vectors` are
    float32 (n, d); `mpp` and `size` (pixels) say which patches they were; `encoder` who made them.
    """

    coordinates: NDArray[np.int64]
    vectors: NDArray[np.float32]
    mpp: float
    size: int
    encoder: str


Value = Facet | Mask | Heatmap | Geometry | Measurements | Features
Values = Mapping[str, Value]
"""What an algorithm gives: a value for each output, by its name."""
