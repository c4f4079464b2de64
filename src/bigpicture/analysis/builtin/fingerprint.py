"""Fingerprint: by which the same slide is known again, whatever dataset it comes in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bigpicture.analysis.fingerprint import SIDE, fingerprint
from bigpicture.analysis.glass import density, find_glass
from bigpicture.analysis.on_slide import mask_of, refuse_empty
from bigpicture.analysis.tissue import MPP
from bigpicture.analysis.values import Facet, Features, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Needs, Output, OutputKind, Resources
from bigpicture.model.errors import AlgorithmError, FailureReason

MANIFEST = Algorithm(
    id="core.fingerprint",
    version="1.0.0",
    title="Fingerprint",
    description="A hash of 64 bits and a small registered picture, to find rescans by.",
    licence="Apache-2.0",
    entry=f"{__name__}:run",
    outputs=(
        Output("fingerprint", OutputKind.FACET),
        Output("registered", OutputKind.FEATURES, mpp=MPP),
    ),
    needs=(Needs("tissue", "core.tissue", ">=1"),),
    mpp=(0.05, MPP),
    resources=Resources(memory_bytes=3 << 30, seconds=300),
)


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],
    parameters: Mapping[str, Any],  # noqa: ARG001 - the seam's signature
    weights: Path | None,  # noqa: ARG001
) -> Values:
    """`fingerprint` is sixteen hexadecimal digits, `registered` one vector of 32 x 32 numbers."""
    picture = slide.overview(MPP)
    tissue = mask_of(inputs, "tissue", picture.shape[:2])
    refuse_empty(tissue)
    found = fingerprint(density(picture, find_glass(picture)), tissue)
    if found is None:
        raise AlgorithmError(
            "its tissue has no density.", reason=FailureReason.EMPTY_GLASS, place="tissue"
        )
    vector = found.picture.reshape(1, -1).astype(np.float32)
    return {
        "fingerprint": Facet(f"{found.word:016x}"),
        "registered": Features(np.zeros((1, 2), np.int64), vector, MPP, SIDE, MANIFEST.id),
    }
