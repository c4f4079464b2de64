"""Focus: how sharp the tissue is, on tiles spread over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bigpicture.analysis.focus import BLURRED, HIGHEST, MPP, focus_of
from bigpicture.analysis.on_slide import mask_of, refuse_empty
from bigpicture.analysis.tissue import MPP as TISSUE_MPP
from bigpicture.analysis.values import Facet, Heatmap, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Needs, Output, OutputKind, Resources

MANIFEST = Algorithm(
    id="core.focus",
    version="1.0.0",
    title="Focus",
    description="How sharp tiles of 256 pixels at 0.5 µm are, one at each step over the tissue.",
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=(
        Output("focus", OutputKind.HEATMAP, unit="1", range=(0, HIGHEST)),
        Output("focus_p10", OutputKind.FACET, unit="1", range=(0, HIGHEST)),
        Output("blurred_fraction", OutputKind.FACET, unit="1", range=(0, 1)),
    ),
    needs=(Needs("tissue", "core.tissue", ">=1"),),
    parameters={
        "step": {
            "type": "number",
            "default": 512,
            "minimum": 128,
            "maximum": 5000,
            "description": "micrometres from tile to tile",
        },
    },
    mpp=(0.05, MPP),
    resources=Resources(memory_bytes=2 << 30, seconds=600),
)

_TILE = 256


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],
    parameters: Mapping[str, Any],
    weights: Path | None,  # noqa: ARG001 - the seam's signature
) -> Values:
    """`focus_p10` is the tenth percentile over the tiles; None where no tile shows anything."""
    width, height = slide.size_at(TISSUE_MPP)
    tissue = mask_of(inputs, "tissue", (height, width))
    refuse_empty(tissue)
    step = round(parameters["step"] / MPP)
    scale = float(np.mean(slide.scale_of(MPP))) * step
    shape = int(np.ceil(slide.height / scale)), int(np.ceil(slide.width / scale))
    found = np.full(shape, np.nan, np.float32)
    for x, y, tile in slide.tiles(mpp=MPP, size=_TILE, step=step, mask=tissue):
        row, column = round(y / scale), round(x / scale)
        if row < shape[0] and column < shape[1]:
            found[row, column] = focus_of(tile)
    known = found[~np.isnan(found)]
    lowest = float(np.percentile(known, 10)) if len(known) else None
    blurred = float(np.mean(known < BLURRED)) if len(known) else None
    return {
        "focus": Heatmap(found, 0.0, 0.0, scale, "1", (0, HIGHEST)),
        "focus_p10": Facet(lowest, "1"),
        "blurred_fraction": Facet(blurred, "1"),
    }
