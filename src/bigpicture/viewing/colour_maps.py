"""Colours of overlays: maps for numbers whose lightness only rises, and colours for classes.

Computed in OKLab (B. Ottosson 2020, https://bottosson.github.io/posts/oklab/), in which equal
steps look equal: no table of anybody else's is copied.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

STEPS = 255
"""Of a map; number 0 of a table is what is not there."""

Table = NDArray[np.uint8]
"""RGBA, shape (256, 4); entry 0 is transparent, all others are opaque."""


@dataclass(frozen=True, slots=True)
class Path:
    """A way through OKLCH: lightness, chroma and hue (degrees) at both ends."""

    lightness: tuple[float, float]
    chroma: tuple[float, float]
    hue: tuple[float, float]


MAPS: Mapping[str, Path] = {
    "aurora": Path((0.30, 0.93), (0.13, 0.17), (300.0, 105.0)),
    "ember": Path((0.25, 0.95), (0.10, 0.12), (10.0, 95.0)),
    "grey": Path((0.15, 0.98), (0.0, 0.0), (0.0, 0.0)),
}
USUAL_MAP = "aurora"
"""From violet over green to yellow: none of it is a colour of haematoxylin and eosin."""

# M. Okabe and K. Ito 2008, Color Universal Design: told apart by all kinds of colour vision.
_CLASSES = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
_GOLDEN_ANGLE = 137.508


@cache
def table_of_map(name: str) -> Table:
    """The colours of numbers 1 (least) to 255 (greatest); raises `KeyError`."""
    path = MAPS[name]
    table = np.zeros((256, 4), np.uint8)
    for step in range(STEPS):
        share = step / (STEPS - 1)
        lightness, chroma, hue = (
            low + (high - low) * share for low, high in (path.lightness, path.chroma, path.hue)
        )
        table[step + 1] = (*_in_gamut(lightness, chroma, hue), 255)
    table.flags.writeable = False
    return table


@cache
def table_of_classes(first: int = 1) -> Table:
    """The colours of classes 1, 2, ...: after the seventh, hues a golden angle apart.

    `first`, 1 to 255, is the colour of class 1, so that the classes of another overlay may go on
    where these end; behind the last colour the first comes again.
    """
    if first != 1:
        table = table_of_classes().copy()
        table[1:] = np.roll(table[1:], 1 - first, axis=0)
        table.flags.writeable = False
        return table
    table = np.zeros((256, 4), np.uint8)
    for number in range(1, 256):
        if number <= len(_CLASSES):
            colour = bytes.fromhex(_CLASSES[number - 1][1:])
        else:
            lightness = 0.62 + 0.16 * (number % 3 - 1)
            colour = bytes(_in_gamut(lightness, 0.15, number * _GOLDEN_ANGLE % 360))
        table[number] = (*colour, 255)
    table.flags.writeable = False
    return table


def hex_of(table: Table, number: int) -> str:
    """A colour as `#rrggbb`."""
    return "#" + table[number, :3].tobytes().hex()


def _in_gamut(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """The colour of that lightness and hue, with as much of the chroma as a screen shows."""
    low, high = 0.0, chroma
    if _fits(_linear(lightness, chroma, hue)):
        low = chroma
    else:
        for _ in range(20):
            middle = (low + high) / 2
            if _fits(_linear(lightness, middle, hue)):
                low = middle
            else:
                high = middle
    red, green, blue = (_encoded(one) for one in _linear(lightness, low, hue))
    return red, green, blue


def _fits(linear: tuple[float, float, float]) -> bool:
    return all(-1e-6 <= one <= 1 + 1e-6 for one in linear)


def _linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """OKLCH to linear sRGB."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encoded(linear: float) -> int:
    """Linear light to a byte of sRGB (IEC 61966-2-1)."""
    held = min(max(linear, 0.0), 1.0)
    value = 12.92 * held if held <= 0.0031308 else 1.055 * held ** (1 / 2.4) - 0.055
    return round(value * 255)
