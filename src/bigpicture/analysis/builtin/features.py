"""Features: a vector for each patch of tissue, by an encoder without weights or by yours.

With another encoder: a folder of your own with a module that imports `run` from here as its entry,
and as its first weights the TOML file of the encoder (`encoder_file`), the ONNX file beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bigpicture.analysis.embed import check_slide, embed
from bigpicture.analysis.encoder import Encoder
from bigpicture.analysis.encoder_statistics import StatisticsEncoder
from bigpicture.analysis.find_encoder import find_encoder
from bigpicture.analysis.patch_plan import plan_patches
from bigpicture.analysis.tissue import MPP as OVERVIEW_MPP
from bigpicture.analysis.tissue import segment
from bigpicture.analysis.values import Facet, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Algorithm, Output, OutputKind, Resources
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
    places = plan_patches(
        (slide.width, slide.height),
        slide.mpp or (0.0, 0.0),
        mpp=encoder.facts.mpp,
        size=encoder.facts.size,
        mask=tissue,
        cover=cover,
    ).coordinates
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


def _yours(weights: Path) -> Encoder:
    if weights.is_dir():
        files = sorted(weights.glob("*.toml"))
        weights = files[0] if len(files) == 1 else weights / "encoder.toml"
    return find_encoder(weights)
