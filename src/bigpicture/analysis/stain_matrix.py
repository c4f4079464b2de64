"""Stain matrices: which optical densities a slide's two stains have, and how strong they are.

A matrix is (3, 2): a column for each stain, of unit length, in red, green and blue; the first is
haematoxylin, told by absorbing more red. Densities are natural logarithms over the glass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.glass import Pixels
from bigpicture.model.errors import InputError

Floats = NDArray[np.float64]

GLASS = (240.0, 240.0, 240.0)
"""Grey levels of the glass where nobody says otherwise, as in the code of Macenko et al."""
SAMPLE = 100_000
"""Pixels that a fit looks at: of a million more, axes move by less than a tenth of a degree."""

_LEAST = 0.15
"""Densities (in each colour) that count as stained: beta of Macenko et al."""
_EXTREME = 1.0
"""Percent of the angles that are left out at either end: alpha of Macenko et al."""
_STRONG = 99.0
"""Percentile of a stain's concentrations that stands for its strength."""
_FEWEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class Stains:
    """A slide's stains: `matrix` (3, 2), `strength` (2,): the 99th percentile of concentrations."""

    matrix: Floats
    strength: Floats
    glass: tuple[float, float, float]


def fit_macenko(
    pixels: Pixels,
    *,
    glass: tuple[float, float, float] = GLASS,
    sample: int = SAMPLE,
    seed: int = 0,
) -> Stains:
    """Estimate the stains of tissue, RGB uint8 (..., 3), by the extreme angles of its densities.

    The same pixels and seed give the same answer. Raises `InputError` where there is too little
    stained tissue. Source: Macenko et al., ISBI 2009, doi 10.1109/ISBI.2009.5193250.
    """
    densities = stained_densities(pixels, glass=glass, sample=sample, seed=seed)
    _, axes = np.linalg.eigh(np.cov(densities.T))
    plane = axes[:, [2, 1]] * np.where(axes[0, [2, 1]] < 0, -1.0, 1.0)
    on_plane = densities @ plane
    angles = np.arctan2(on_plane[:, 1], on_plane[:, 0])
    ends = np.percentile(angles, [_EXTREME, 100 - _EXTREME])
    matrix = plane @ np.stack([np.cos(ends), np.sin(ends)])
    return stains_of(matrix, densities, glass=glass)


def stained_densities(
    pixels: Pixels, *, glass: tuple[float, float, float], sample: int, seed: int
) -> Floats:
    """Densities (n, 3) of a sample of the pixels that are stained in all three colours.

    Raises `InputError` where there are too few.
    """
    flat = pixels.reshape(-1, 3)
    if len(flat) > sample:
        chosen = np.random.default_rng(seed).integers(0, len(flat), sample)
        flat = flat[chosen]
    # One is added, as in the code of Macenko et al., so that black has a logarithm.
    densities = -np.log((flat.astype(np.float64) + 1) / np.asarray(glass))
    stained = densities[(densities >= _LEAST).all(axis=1)]
    if len(stained) < _FEWEST:
        raise InputError(
            "there is too little stained tissue to estimate stains of.",
            rule=f"{_FEWEST} pixels with a density of {_LEAST} in each colour",
            remedy="Give pixels of tissue, and the grey levels of the glass.",
        )
    return stained


def stains_of(matrix: Floats, densities: Floats, *, glass: tuple[float, float, float]) -> Stains:
    """Put a matrix in order, and find how strong its stains are in `densities` (n, 3)."""
    unit = matrix / np.linalg.norm(matrix, axis=0)
    if unit[0, 0] < unit[0, 1]:
        unit = unit[:, ::-1]
    concentrations = densities @ np.linalg.pinv(unit).T
    strength = np.percentile(concentrations, _STRONG, axis=0)
    return Stains(np.ascontiguousarray(unit), np.maximum(strength, 1e-6), glass)
