"""A folder of invented tissue at many scales, rendered once by `bigpicture.phantom`.

Usage: python -m training.detector.tissue FOLDER [NUMBER [FIRST_SEED]]
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.organs import FINDINGS, ORGANS
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.tissue import Tissue

SIDE = 768
NUMBER = 96
EVALUATION_SEED = 70_000
"""Tissue of this seed and those above is for evaluation, that of smaller ones for training."""
_SCALES = (0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0)

Picture = npt.NDArray[np.uint8]


def render(seed: int) -> Picture:
    """One picture RGB (768, 768, 3): organ, finding, stain, artefacts and scale by chance."""
    chance = np.random.default_rng(seed)
    organ = str(chance.choice(sorted(ORGANS)))
    kinds = tuple(kind for kind in Kind if chance.random() < 0.3)
    tissue = Tissue(
        seed=seed,
        width=SIDE,
        height=SIDE,
        mpp=float(chance.choice(_SCALES)),
        organ=organ,
        finding=str(chance.choice(FINDINGS[organ])),
        stain=Stain(chance.choice([stain.value for stain in Stain])),
        kinds=kinds,
    )
    return tissue.region(0, 0, SIDE, SIDE)


def stock(folder: Path, number: int = NUMBER, first: int = 1) -> list[Path]:
    """The pictures of `number` seeds from `first` on; those that lie there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"tissue_{seed:06}.jpg" for seed in range(first, first + number)]
    for seed, path in enumerate(paths, start=first):
        if not path.exists():
            part = path.with_suffix(".part.jpg")
            cv2.imwrite(str(part), render(seed)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 84])
            part.rename(path)
    return paths


if __name__ == "__main__":
    stock(Path(sys.argv[1]), *map(int, sys.argv[2:]))
