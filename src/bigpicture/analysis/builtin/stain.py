"""Stain: which type of stain a slide has, and the vectors of its two stains."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigpicture.analysis.glass import density, find_glass
from bigpicture.analysis.on_slide import mask_of, refuse_empty
from bigpicture.analysis.stain_matrix import Stains, fit_macenko
from bigpicture.analysis.stain_type import StainType, stain_type
from bigpicture.analysis.tissue import MPP
from bigpicture.analysis.values import Facet, Measurement, Measurements, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Needs, Output, OutputKind, Resources
from bigpicture.model.errors import InputError

MANIFEST = Algorithm(
    id="core.stain",
    version="1.0.0",
    title="Stain",
    description="The type of stain by its hues, and its stain vectors after Macenko et al.",
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=(
        Output("stain", OutputKind.FACET, classes=tuple(StainType)),
        Output("stains", OutputKind.MEASUREMENTS),
    ),
    needs=(Needs("tissue", "core.tissue", ">=1"),),
    mpp=(0.05, MPP),
    resources=Resources(memory_bytes=3 << 30, seconds=300),
)

_STAINS = "haematoxylin", "second stain"
_COLOURS = "red", "green", "blue"


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],
    parameters: Mapping[str, Any],  # noqa: ARG001 - the seam's signature
    weights: Path | None,  # noqa: ARG001
) -> Values:
    """`stain` is None where the hues do not decide, vectors where there is too little stain."""
    picture = slide.overview(MPP)
    tissue = mask_of(inputs, "tissue", picture.shape[:2])
    refuse_empty(tissue)
    glass = find_glass(picture)
    typed = stain_type(density(picture, glass), tissue)
    try:
        stains = fit_macenko(picture[tissue], glass=glass.level)
    except InputError:
        stains = None
    shares = [Measurement(f"{name} share", value, "1") for name, value in typed.shares.items()]
    return {
        "stain": Facet(str(typed.type) if typed.type else None),
        "stains": Measurements((*shares, *_vectors(stains))),
    }


def _vectors(stains: Stains | None) -> tuple[Measurement, ...]:
    """Vectors of unit length in optical density, and the strengths of both stains."""
    found: list[Measurement] = []
    for number, stain in enumerate(_STAINS):
        for row, colour in enumerate(_COLOURS):
            value = float(stains.matrix[row, number]) if stains else None
            found.append(Measurement(f"{stain}, {colour}", value, "1"))
        strength = float(stains.strength[number]) if stains else None
        found.append(Measurement(f"{stain}, strength", strength, "1"))
    return tuple(found)
