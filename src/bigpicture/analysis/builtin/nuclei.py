"""Nuclei in haematoxylin: a baseline, without weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bigpicture.analysis.nuclei_slide import LABEL, areas_of, nuclei_of
from bigpicture.analysis.tissue import MPP as OVERVIEW_MPP
from bigpicture.analysis.tissue import segment
from bigpicture.analysis.values import Facet, Geometry, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Output, OutputKind, Resources
from bigpicture.model.errors import AlgorithmError, FailureReason

MANIFEST = Algorithm(
    id="org.bigpicture.nuclei",
    version="1.0.0",
    title="Nuclei, a baseline",
    licence="Apache-2.0",
    entry="bigpicture.analysis.builtin.nuclei:run",
    description=(
        "Finds nuclei in haematoxylin by optical density, Laplacian of Gaussian and watershed. It "
        "has learned nothing: take it as the floor for what was trained, not as a measurement."
    ),
    outputs=(
        Output("nuclei", OutputKind.GEOMETRY, classes=(LABEL,)),
        Output("nuclei_per_mm2", OutputKind.FACET, unit="/mm2", range=(0.0, 1e6)),
        Output("nucleus_area", OutputKind.FACET, unit="um2", range=(0.0, 1e4)),
    ),
    mpp=(0.1, 0.6),
    stains=("HE", "IHC"),
    resources=Resources(seconds=3600, memory_bytes=4 << 30),
)


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],  # noqa: ARG001 - seam of all algorithms
    parameters: Mapping[str, Any],  # noqa: ARG001 - likewise
    weights: Path | None,  # noqa: ARG001 - likewise
) -> Values:
    """Polygons of all nuclei on tissue, their number a mm² of tissue, and their median area.

    Raises `AlgorithmError` (`empty-glass`) where there is no tissue.
    """
    tissue = segment(slide.overview(OVERVIEW_MPP)).tissue
    if not tissue.any():
        raise AlgorithmError(
            "there is no tissue on this slide.",
            reason=FailureReason.EMPTY_GLASS,
            place="slide",
            remedy="Leave it out.",
        )
    shapes = tuple(nuclei_of(slide, tissue))
    area = float(tissue.sum()) * (OVERVIEW_MPP / 1000) ** 2
    mpp = slide.mpp or (0.0, 0.0)
    typical = float(np.median(areas_of(shapes, mpp))) if shapes else None
    return {
        "nuclei": Geometry(shapes),
        "nuclei_per_mm2": Facet(len(shapes) / area, "/mm2"),
        "nucleus_area": Facet(typical, "um2"),
    }
