"""Vahadane's stain matrices: sparse non-negative factors of the densities."""

from __future__ import annotations

import numpy as np

from bigpicture.analysis.glass import Pixels
from bigpicture.analysis.stain_matrix import (
    GLASS,
    Floats,
    Stains,
    fit_macenko,
    stained_densities,
    stains_of,
)

SAMPLE = 20_000
SPARSITY = 0.1
"""Lambda of Vahadane et al.: how much a concentration costs."""
_ROUNDS = 200
_STILL = 1e-5
"""A matrix that moves less than this in a round has arrived."""


def fit_vahadane(
    pixels: Pixels,
    *,
    glass: tuple[float, float, float] = GLASS,
    sample: int = SAMPLE,
    seed: int = 0,
) -> Stains:
    """Estimate the stains of tissue, RGB uint8 (..., 3), by sparse non-negative factors.

    Minimises 1/2 |V - W H|^2 + lambda |H| with W, H >= 0 and columns of W of unit length, from the
    matrix of Macenko on; with two stains the best H is found exactly. Raises `InputError` where
    there is too little stained tissue. Source: Vahadane et al., IEEE Trans Med Imaging 35:1962,
    2016, doi 10.1109/TMI.2016.2529665.
    """
    densities = stained_densities(pixels, glass=glass, sample=sample, seed=seed)
    matrix = np.maximum(fit_macenko(pixels, glass=glass, sample=sample, seed=seed).matrix, 0.0)
    for _ in range(_ROUNDS):
        concentrations = sparse_concentrations(densities, matrix)
        moved = _improve(matrix, densities, concentrations)
        is_still = float(np.abs(moved - matrix).max()) < _STILL
        matrix = moved
        if is_still:
            break
    return stains_of(matrix, densities, glass=glass)


def sparse_concentrations(densities: Floats, matrix: Floats) -> Floats:
    """The non-negative concentrations (n, 2) of least squares with the cost of sparsity.

    Either both stains are there, or the one alone that explains more, or none.
    """
    gram = matrix.T @ matrix
    wanted = densities @ matrix - SPARSITY
    determinant = max(gram[0, 0] * gram[1, 1] - gram[0, 1] ** 2, 1e-12)
    both = (wanted @ np.array([[gram[1, 1], -gram[0, 1]], [-gram[0, 1], gram[0, 0]]])) / determinant
    alone = np.maximum(wanted, 0) / np.diag(gram)
    gain = alone * wanted
    first = gain[:, :1] >= gain[:, 1:]
    single = np.where(np.hstack([first, ~first]), alone, 0.0)
    return np.where((both > 0).all(axis=1, keepdims=True), both, single)


def _improve(matrix: Floats, densities: Floats, concentrations: Floats) -> Floats:
    """One round over the columns (Mairal et al., JMLR 11:19, 2010, algorithm 2)."""
    among = concentrations.T @ concentrations
    across = densities.T @ concentrations
    moved = matrix.copy()
    for stain in range(matrix.shape[1]):
        if among[stain, stain] > 0:
            step = (across[:, stain] - moved @ among[:, stain]) / among[stain, stain]
            column = np.maximum(moved[:, stain] + step, 0)
            moved[:, stain] = column / max(float(np.linalg.norm(column)), 1e-12)
    return moved
