"""Textures: periodic noise that is laid over materials; made once for a seed and a resolution."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bigpicture.phantom.place import BLOCK

Texture: TypeAlias = npt.NDArray[np.float32]

_CUT = 2.2
"""Textures stay within this many standard deviations: a lone spike is seen as a defect."""


@lru_cache(maxsize=8)
def fibres(seed: int, mpp: float) -> Texture:
    """Bundles along x: (1024, 1024), about -1.4 to 1, dark strands and bright clefts."""
    bundles = _noise(seed, along=34 / mpp, across=9.0 / mpp)
    strands = _noise(seed + 1, along=20 / mpp, across=2.3 / mpp)
    hairs = _noise(seed + 5, along=11 / mpp, across=1.0 / mpp)
    specks = _noise(seed + 6, along=1.6 / mpp, across=1.1 / mpp)
    clefts = _noise(seed + 2, along=30 / mpp, across=3.4 / mpp)
    texture = 0.20 * bundles + 0.26 * strands + 0.24 * hairs + 0.10 * specks
    texture -= 2.4 * np.maximum(clefts - 1.80, 0)
    return np.clip(texture, -1.4, 1.0).astype(np.float32)


@lru_cache(maxsize=8)
def grain(seed: int, mpp: float) -> Texture:
    """Granular cytoplasm: (1024, 1024), about -1 to 1."""
    coarse = _noise(seed + 3, along=3.2 / mpp, across=3.2 / mpp)
    fine = _noise(seed + 4, along=0.8 / mpp, across=0.8 / mpp)
    return np.clip(0.4 * coarse + 0.38 * fine, -1, 1).astype(np.float32)


@lru_cache(maxsize=8)
def sensor(seed: int) -> npt.NDArray[np.int16]:
    """Noise of the camera in grey levels: (1024, 1024, 3)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    shared = generator.normal(0, 1.1, (BLOCK, BLOCK, 1))
    single = generator.normal(0, 0.7, (BLOCK, BLOCK, 3))
    return np.rint(shared + single).astype(np.int16)


def _noise(seed: int, *, along: float, across: float) -> npt.NDArray[np.float64]:
    """Periodic Gaussian noise of unit deviation, filtered to the two lengths (pixels)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    spectrum = np.fft.rfft2(generator.standard_normal((BLOCK, BLOCK)))
    fy = np.fft.fftfreq(BLOCK)[:, None]
    fx = np.fft.rfftfreq(BLOCK)[None, :]
    spectrum *= np.exp(-2 * np.pi**2 * ((fx * along / 2) ** 2 + (fy * across / 2) ** 2))
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, (BLOCK, BLOCK))
    return np.clip(noise / noise.std(), -_CUT, _CUT)
