"""Reinhard's colour transfer: means and deviations in a colour space, those of another picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.glass import Pixels, Where


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """Means and deviations (3,) in CIE L*a*b* of what a picture shows."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]


def fit_reinhard(picture: Pixels, where: Where | None = None) -> Colours:
    """The colours of a picture, RGB uint8 (h, w, 3), or of what lies under a mask (h, w) of it."""
    lab = _lab(picture).reshape(-1, 3)
    lab = lab if where is None else lab[where.reshape(-1)]
    return Colours(lab.mean(axis=0, dtype=np.float64), lab.std(axis=0, dtype=np.float64))


def transfer_colours(picture: Pixels, source: Colours, target: Colours) -> Pixels:
    """The picture with the means and deviations of the target.

    Source: Reinhard et al., IEEE Comput Graph Appl 21(5):34, 2001, doi 10.1109/38.946629, in CIE
    L*a*b* as is usual for histology, in place of l-alpha-beta.
    """
    gain = target.deviation / np.maximum(source.deviation, 1e-6)
    shift = target.mean - source.mean * gain
    moved = (_lab(picture) * gain + shift).astype(np.float32)
    moved[..., 0] = np.clip(moved[..., 0], 0, 100)
    light = cv2.cvtColor(moved, cv2.COLOR_Lab2RGB)
    return np.rint(np.clip(light, 0, 1) * 255).astype(np.uint8)


def _lab(picture: Pixels) -> NDArray[np.float32]:
    light = np.multiply(picture, np.float32(1 / 255), dtype=np.float32)
    return np.asarray(cv2.cvtColor(light, cv2.COLOR_RGB2Lab), np.float32)
