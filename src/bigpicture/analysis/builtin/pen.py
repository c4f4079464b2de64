"""Pen: where ink lies on the glass, and how much of the tissue it hides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigpicture.analysis.glass import density, find_glass
from bigpicture.analysis.ink import find_ink
from bigpicture.analysis.on_slide import area_outputs, area_values
from bigpicture.analysis.tissue import MPP
from bigpicture.analysis.values import Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Resources

MANIFEST = Algorithm(
    id="core.pen",
    version="1.0.0",
    title="Pen",
    description="Where blue, green, black or strong red ink lies on the glass.",
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=area_outputs("pen", mpp=MPP),
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
    picture = slide.overview(MPP)
    ink = find_ink(density(picture, find_glass(picture)), mpp=MPP)
    return area_values(slide, ink, mpp=MPP, name="pen")
