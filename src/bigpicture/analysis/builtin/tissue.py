"""Tissue: where the section lies, and how much of it there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigpicture.analysis.on_slide import area_outputs, area_values
from bigpicture.analysis.tissue import MPP, segment
from bigpicture.analysis.values import Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Resources

MANIFEST = Algorithm(
    id="core.tissue",
    version="1.0.0",
    title="Tissue",
    description="Where the section lies on the glass, without pen, at 10 µm per pixel.",
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=area_outputs("tissue", mpp=MPP),
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
    return area_values(slide, tissue, mpp=MPP, name="tissue")
