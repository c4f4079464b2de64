"""A report on a dataset's quality and bias: who is in it, how good it is, what tells its sites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

GENERATED_BY = "Invented"
"""The maker of the scanner that drawn slides name."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """What the report is told of one image.

    `properties` are words (`site`, `scanner`, `sex`, `age`, `stain` ...; None: not stated),
    `facets` numbers that algorithms gave (None: not evaluated).
    """

    image: str
    being: str
    properties: Mapping[str, str | None]
    facets: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Share:
    """How many images of how many beings have one value of a property; None: not stated."""

    value: str | None
    images: int
    beings: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The values of a property, the most frequent first."""

    name: str
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How a facet is spread over the images of one group; `missing` were not evaluated.

    `quantiles` are those of 5, 25, 50, 75 and 95 %, empty where nothing was evaluated.
    """

    group: str
    images: int
    missing: int
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """A facet over all images (`whole`), its histogram, and by site."""

    facet: str
    whole: Spread
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    by_site: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """How well features tell a property of images of beings that were not learned from.

    `accuracy` is the mean over the classes (chance: 1 / `classes`); `p_value` how often as much is
    reached when the property is dealt out anew among beings, `null` the mean of that. None with a
    `reason` where it was not evaluated.
    """

    property: str
    encoder: str
    accuracy: float | None
    null: float | None
    p_value: float | None
    classes: tuple[str, ...]
    images: int
    beings: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """`is_generated`: its slides were drawn by a program."""

    title: str
    images: int
    beings: int
    is_generated: bool
    coverage: tuple[Coverage, ...]
    quality: tuple[Quality, ...]
    probes: tuple[Probe, ...]


def decade(years: float | None) -> str | None:
    """An age as `50 to 59 years`; None where it is not known."""
    if years is None or not math.isfinite(years):
        return None
    if years < 1:
        return "under 1 year"
    start = int(years) // 10 * 10
    return f"{max(start, 1)} to {start + 9} years"
