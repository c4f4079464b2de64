"""Quality: which part of the tissue can be used, and what keeps the rest from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bigpicture.analysis.glass import density, find_glass
from bigpicture.analysis.on_slide import SQUARE_MM, mask_of, mask_on, refuse_empty
from bigpicture.analysis.quality import Flaw, Quality, judge
from bigpicture.analysis.tissue import MPP
from bigpicture.analysis.values import Facet, Heatmap, Mask, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Needs, Output, OutputKind, Resources

_FACETS = {
    Flaw.BLUR: "blur_part",
    Flaw.FOLD: "fold_part",
    Flaw.BUBBLE: "bubble_part",
    Flaw.PEN: "pen_part",
}

MANIFEST = Algorithm(
    id="core.quality",
    version="1.0.0",
    title="Quality",
    description=(
        "The part of the tissue that is free of pen, folds, bubbles and blur. Folds and bubbles "
        "are told by rules that were made on generated slides only."
    ),
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=(
        Output("usable", OutputKind.MASK, mpp=MPP, classes=("usable",)),
        Output("flaws", OutputKind.MASK, mpp=MPP, classes=tuple(Flaw)),
        Output("quality", OutputKind.FACET, unit="1", range=(0, 1)),
        Output("usable_mm2", OutputKind.FACET, unit="mm2", range=(0, 1e5)),
        *(Output(name, OutputKind.FACET, unit="1", range=(0, 1)) for name in _FACETS.values()),
    ),
    needs=(
        Needs("tissue", "core.tissue", ">=1"),
        Needs("pen", "core.pen", ">=1"),
        Needs("focus", "core.focus", ">=1"),
    ),
    mpp=(0.05, 0.5),
    resources=Resources(memory_bytes=3 << 30, seconds=300),
)


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],
    parameters: Mapping[str, Any],  # noqa: ARG001 - the seam's signature
    weights: Path | None,  # noqa: ARG001
) -> Values:
    """`usable` is what patches are planned on."""
    picture = slide.overview(MPP)
    shape = picture.shape[0], picture.shape[1]
    tissue, ink = mask_of(inputs, "tissue", shape), mask_of(inputs, "pen", shape)
    refuse_empty(tissue | ink)
    heatmap = inputs["focus"]["focus"]
    assert isinstance(heatmap, Heatmap)
    focus = _over_slide(heatmap, slide, shape)
    found = judge(density(picture, find_glass(picture)), tissue, ink, focus, mpp=MPP)
    area = float(np.count_nonzero(found.usable)) * MPP**2 * SQUARE_MM
    return {
        "usable": mask_on(slide, found.usable, mpp=MPP, name="usable"),
        "flaws": _flaws(slide, found),
        "quality": Facet(found.score, "1"),
        "usable_mm2": Facet(area, "mm2"),
        **{name: Facet(found.parts[flaw], "1") for flaw, name in _FACETS.items()},
    }


def _over_slide(
    heatmap: Heatmap, slide: SlideReader, shape: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The heatmap at the pixels of the overview: its last row and column may reach beyond."""
    height, width = shape
    step = slide.width / width / heatmap.scale, slide.height / height / heatmap.scale
    turn = np.array([[step[0], 0, step[0] / 2 - 0.5], [0, step[1], step[1] / 2 - 0.5]])
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    spread = cv2.warpAffine(
        heatmap.pixels, turn, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(spread, np.float32)


def _flaws(slide: SlideReader, found: Quality) -> Mask:
    """One class a pixel: the later flaw covers the earlier one."""
    numbers = np.zeros(found.usable.shape, np.uint8)
    for number, flaw in enumerate(Flaw, 1):
        numbers[found.flaws[flaw]] = number
    across, down = slide.scale_of(MPP)
    return Mask(numbers, 0.0, 0.0, (across + down) / 2, tuple(Flaw))
