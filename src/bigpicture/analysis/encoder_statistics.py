"""An encoder without weights: statistics of colour and texture, the same on every machine.

It tells stains, scanners and coarse tissue apart and knows no pathology: it is there so that
everything runs without a download, and as the floor that a learned encoder has to beat.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.encoder import Patches, Vectors
from bigpicture.model.encoder import EncoderFacts

SIZE = 224
_LEVELS = 8
_SCALES = 4
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_STAINS = np.linalg.inv(
    np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]])
)
"""Optical density to haematoxylin, eosin and DAB (Ruifrok and Johnston 2001, PMID 11531144)."""
_DENSITY = -np.log((np.arange(256) + 1) / 256)
_PLANES = 6
_WIDTH = _PLANES * (2 + len(_QUANTILES)) + 2 * _SCALES * 2 + _LEVELS + 9

FACTS = EncoderFacts(
    name="org.bigpicture.statistics",
    version="1.0.0",
    licence="Apache-2.0",
    mpp=0.5,
    size=SIZE,
    width=_WIDTH,
    normalisation=None,
)


class StatisticsEncoder:
    """`FACTS` says what it takes; 75 numbers a patch. At another scale: `at_mpp`."""

    def __init__(self, facts: EncoderFacts = FACTS) -> None:
        self.facts = facts

    @classmethod
    def at_mpp(cls, mpp: float, size: int = SIZE) -> StatisticsEncoder:
        """One for patches of another scale or size, under another identity."""
        return cls(
            EncoderFacts(
                name=FACTS.name,
                version=FACTS.version,
                licence=FACTS.licence,
                mpp=mpp,
                size=size,
                width=_WIDTH,
                normalisation=None,
            )
        )

    def encode(self, patches: Patches) -> Vectors:
        """Statistics of each patch, float32 (n, 75)."""
        if not len(patches):
            return np.zeros((0, _WIDTH), np.float32)
        return np.stack([_statistics(patch) for patch in patches])


def _statistics(patch: NDArray[np.uint8]) -> NDArray[np.float32]:
    density = _DENSITY[patch]
    haematoxylin = density @ _STAINS[:, 0]
    few = density[::2, ::2].reshape(-1, 3)
    planes = np.concatenate([few, few @ _STAINS], axis=1)
    parts = [
        planes.mean(0),
        planes.std(0),
        np.quantile(planes, _QUANTILES, axis=0).ravel(),
        _texture(density.mean(2)),
        _texture(haematoxylin),
        _histogram(patch),
        np.corrcoef(few.T + _jitter(few)).ravel(),
    ]
    return np.concatenate(parts).astype(np.float32)


def _jitter(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ramp of no consequence, by which even a patch of one colour has correlations."""
    return np.linspace(0, 1e-6, density.shape[0])[None, :]


def _texture(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """At each scale how much changes from pixel to pixel, and how much is in spots."""
    found: list[float] = []
    for _ in range(_SCALES):
        steps = np.abs(np.diff(plane, axis=0)).mean() + np.abs(np.diff(plane, axis=1)).mean()
        found += [float(steps), float(np.abs(cv2.Laplacian(plane, cv2.CV_64F)).mean())]
        half = plane.shape[1] // 2, plane.shape[0] // 2
        plane = np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.float64)
    return np.log(np.array(found) + 1e-4)


def _histogram(patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    grey = patch.astype(np.int64).sum(2) // 3
    counts = np.bincount((grey * _LEVELS // 256).ravel(), minlength=_LEVELS)
    return counts / grey.size
