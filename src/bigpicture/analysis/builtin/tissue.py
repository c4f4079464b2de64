"""Tissue: where the section lies, and how much of it there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigpicture.analysis.on_slide import SQUARE_MM, mask_on
from bigpicture.analysis.tissue import MPP, segment
from bigpicture.analysis.values import Facet, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Output, OutputKind, Resources

MANIFEST = Algorithm(
    id="core.tissue",
    version="1.0.0",
    title="Tissue",
    description="Where the section lies on the glass, without pen, at 10 µm per pixel.",
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=(
        Output("tissue", OutputKind.MASK, mpp=MPP, classes=("tissue",)),
        Output("tissue_mm2", OutputKind.FACET, unit="mm2", range=(0, 1e5)),
        Output("tissue_fraction", OutputKind.FACET, unit="1", range=(0, 1)),
    ),
    mpp=(0.05, MPP),
    resources=Resources(memory_bytes=3 << 30, seconds=300),
)


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],  # noqa: ARG001 - the seam's signature
    parameters: Mapping[str, Any],  # noqa: ARG001
    weights: Path | None,  # noqa: ARG001
) -> Values:
    """Empty glass has no tissue: that is an answer, not a failure."""
    tissue = segment(slide.overview(MPP), mpp=MPP).tissue
    return {
        "tissue": mask_on(slide, tissue, mpp=MPP, name="tissue"),
        "tissue_mm2": Facet(float(tissue.sum()) * MPP**2 * SQUARE_MM, "mm2"),
        "tissue_fraction": Facet(float(tissue.mean()), "1"),
    }
