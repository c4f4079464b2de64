"""Overviews: a whole invented slide at a coarse scale, with the exact masks of what lies on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.artefacts import Kind, artefact, disturb
from bigpicture.phantom.place import Grid
from bigpicture.phantom.tissue import Picture, Tissue

Where = npt.NDArray[np.bool_]

GLASS = 242.0
"""About the grey level of the empty glass of an invented slide."""


@dataclass(frozen=True, eq=False)
class Overview:
    """A picture, RGB uint8 (h, w, 3) at `mpp`, and its truth: boolean masks (h, w).

    `tissue` is everything within the outline of the section, lumina and fat included; `fat` is the
    part of it that takes no stain; `artefacts` are the exact areas by kind.
    """

    picture: Picture
    mpp: float
    tissue: Where
    fat: Where
    artefacts: Mapping[Kind, Where]


def overview(tissue: Tissue, *, mpp: float = 10.0) -> Overview:
    """Render a slide and average it down to `mpp`, a whole multiple of the slide's own."""
    step = round(mpp / tissue.mpp)
    width, height = tissue.width // step, tissue.height // step
    picture = tissue.region(0, 0, width * step, height * step)
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    grid = _grid(width, height, mpp)
    inside = tissue.anatomy.inside(grid) > 0
    fat = getattr(tissue.anatomy, "fat", None)
    lean = np.zeros_like(inside) if fat is None else inside & (fat(grid) > 0)
    covered = {flaw.kind: flaw.field(grid) > 0 for flaw in tissue.artefacts}
    return Overview(np.asarray(small, np.uint8), mpp, inside, lean, covered)


def overlay(view: Overview, kinds: Sequence[Kind], *, seed: int) -> Overview:
    """Pen, blur and bubbles laid over a rendered overview: far quicker than rendering it anew.

    A fold is of the tissue itself, and has to be rendered with it.
    """
    height, width = view.tissue.shape
    grid = _grid(width, height, view.mpp)
    picture, covered = view.picture, dict(view.artefacts)
    for kind in kinds:
        flaw = artefact(kind, seed, width * view.mpp, height * view.mpp)
        field = np.asarray(flaw.field(grid), np.float32)
        picture = disturb(picture, flaw, field, mpp=view.mpp)
        covered[kind] = field > 0
    return Overview(picture, view.mpp, view.tissue, view.fat, covered)


def paler(view: Overview, strength: float) -> Overview:
    """The same slide stained more weakly: optical densities times `strength` (Beer-Lambert)."""
    light = np.clip(np.arange(256) / GLASS, 1e-3, None) ** strength * GLASS
    light = np.where(np.arange(256) > GLASS, np.arange(256), light)
    picture = cv2.LUT(view.picture, np.rint(light).astype(np.uint8))
    return Overview(np.asarray(picture, np.uint8), view.mpp, view.tissue, view.fat, view.artefacts)


def _grid(width: int, height: int, mpp: float) -> Grid:
    """The middles of all pixels, micrometres."""
    return Grid(
        ((np.arange(width) + 0.5) * mpp)[None, :], ((np.arange(height) + 0.5) * mpp)[:, None]
    )
