"""Stains and scanners: from concentrations to the colours a scanner records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import unit

FULL = 2.4
"""Concentration that a canvas value of 255 stands for, in natural optical density."""
_DEEPEST = 2.55
"""Natural optical density that a value of 255 stands for before the table of light."""


class Stain(StrEnum):
    HE = "he"
    KI67 = "ihc-ki67"
    HER2 = "ihc-her2"
    IHC = "ihc"
    """The same as Ki-67: nuclear DAB over haematoxylin."""

    @property
    def is_immuno(self) -> bool:
        return self is not Stain.HE


HAEMATOXYLIN = (0.585, 0.73, 0.355)
EOSIN = (0.11, 0.86, 0.47)
DAB = (0.36, 0.62, 0.79)
ORANGE = (0.03, 0.50, 0.86)
"""Absorbance in red, green, blue: near Macenko et al., ISBI 2009, doi 10.1109/ISBI.2009.5193250,
and Ruifrok and Johnston 2001 for DAB."""


@dataclass(frozen=True)
class Scanner:
    """How one scanner and one laboratory's stains colour a slide.

    `absorbance` (3, 3) takes canvas values to optical density, `light` (256, 3) optical density
    to the recorded grey level.
    """

    absorbance: npt.NDArray[np.float32]
    light: npt.NDArray[np.uint8]

    def record(self, stain: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Concentrations (h, w, 3) to RGB (h, w, 3) by Beer-Lambert's law."""
        density = cv2.transform(stain, self.absorbance)
        return np.asarray(cv2.LUT(density, self.light.reshape(1, 256, 3)), np.uint8)


def scanner(seed: int, stain: Stain) -> Scanner:
    """The seeded scanner: stain vectors, strengths, lamp and gamma vary as between centres."""
    u = unit(seed, np.arange(16), 41)
    vectors = np.array([HAEMATOXYLIN, EOSIN, DAB if stain.is_immuno else ORANGE]).T
    vectors = vectors * (1 + 0.10 * (2 * u[:9].reshape(3, 3) - 1))
    vectors /= np.linalg.norm(vectors, axis=0)
    strength = np.array([0.92, 0.92, 1.0]) + np.array([0.22, 0.3, 0.1]) * u[9:12]
    if stain.is_immuno:
        strength *= [0.80, 0.10, 1.15]
    absorbance = vectors * strength * FULL / _DEEPEST
    lamp = np.array([243.0, 242.0, 243.5]) + 3 * (2 * u[12:15] - 1)
    density = np.arange(256)[:, None] / 255 * _DEEPEST
    light = lamp * np.exp(-density * (0.96 + 0.1 * u[15])) + 6 * (1 - np.exp(-density))
    return Scanner(absorbance.astype(np.float32), np.rint(light).clip(0, 255).astype(np.uint8))
