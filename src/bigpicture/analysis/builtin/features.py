"""Features: a vector for each patch of tissue, by an encoder without weights or by yours.

With another encoder: a manifest of your own with this entry, and as its first weights the TOML
file of the encoder (`encoder_file`) with the ONNX file beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.embed import check_slide, embed
from bigpicture.analysis.encoder import Encoder
from bigpicture.analysis.encoder_statistics import StatisticsEncoder
from bigpicture.analysis.find_encoder import find_encoder
from bigpicture.analysis.tissue import MPP as OVERVIEW_MPP
from bigpicture.analysis.tissue import segment
from bigpicture.analysis.values import Facet, Values
from bigpicture.dicom.reader import Cover, SlideReader
from bigpicture.model.algorithm import Algorithm, Output, OutputKind, Resources
from bigpicture.model.encoder import EncoderFacts
from bigpicture.model.errors import AlgorithmError, FailureReason

MANIFEST = Algorithm(
    id="org.bigpicture.features",
    version="1.0.0",
    title="Features of colour and texture",
    licence="Apache-2.0",
    entry="bigpicture.analysis.builtin.features:run",
    description=(
        "A vector of statistics for each patch of tissue. It knows no pathology: it tells stains, "
        "scanners and coarse tissue apart, and is the floor for encoders that learned."
    ),
    outputs=(
        Output("features", OutputKind.FEATURES),
        Output("patches", OutputKind.FACET, unit="1", range=(0.0, 1e7)),
    ),
    parameters={
        "cover": {
            "type": "number",
            "minimum": 0.01,
            "maximum": 1,
            "default": 0.5,
            "description": "The part of a patch that is tissue at least.",
        }
    },
    mpp=(0.1, 0.625),
    resources=Resources(seconds=3600, memory_bytes=4 << 30),
)


def run(
    slide: SlideReader,
    *,
    inputs: Mapping[str, Values],  # noqa: ARG001 - seam of all algorithms
    parameters: Mapping[str, Any],
    weights: Path | None,
) -> Values:
    """The features of a grid of patches over tissue, and how many they are.

    Raises `AlgorithmError`: `empty-glass`, `wrong-mpp`, `wrong-weights`.
    """
    encoder = StatisticsEncoder() if weights is None else _yours(weights)
    check_slide(slide, encoder.facts)
    tissue = segment(slide.overview(OVERVIEW_MPP)).tissue
    cover = float(parameters.get("cover", MANIFEST.defaults()["cover"]))
    places = grid(slide, encoder.facts, tissue, cover=cover)
    if not len(places):
        raise AlgorithmError(
            "there is no patch of tissue on this slide.",
            reason=FailureReason.EMPTY_GLASS,
            place="slide",
            rule=f"{cover:g} of a patch is tissue",
            remedy="Leave it out, or ask for less cover.",
        )
    features = embed(slide, encoder, places)
    return {"features": features, "patches": Facet(float(len(places)), "1")}


def grid(
    slide: SlideReader, facts: EncoderFacts, tissue: NDArray[np.bool_], *, cover: float = 0.5
) -> NDArray[np.int64]:
    """Patches side by side over `tissue`, (rows, columns) over the whole slide, row by row.

    int64 (n, 2), the level-0 pixel of their upper left: those of which `cover` is tissue.
    """
    across, down = slide.scale_of(facts.mpp)
    wide, high = facts.size * across, facts.size * down
    covered = Cover(tissue, slide.width, slide.height)
    places = [
        (round(column * wide), round(row * high))
        for row in range(int(slide.height / high) + 1)
        for column in range(int(slide.width / wide) + 1)
        if covered.of(column * wide, row * high, wide, high) >= cover
    ]
    return np.array(places, np.int64).reshape(-1, 2)


def _yours(weights: Path) -> Encoder:
    if weights.is_dir():
        files = sorted(weights.glob("*.toml"))
        weights = files[0] if len(files) == 1 else weights / "encoder.toml"
    return find_encoder(weights)
