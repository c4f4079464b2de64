"""Embed a slide: a vector for each patch of a plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.encoder import Encoder, Patches, Vectors, vectors_of
from bigpicture.analysis.values import Features
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.encoder import EncoderFacts
from bigpicture.model.errors import AlgorithmError, FailureReason

FINEST = 1.25
"""Micrometres of a level-0 pixel to one of the encoder's, up to which a slide is fine enough."""


def embed(
    slide: SlideReader,
    encoder: Encoder,
    coordinates: NDArray[np.int64],
    *,
    mpp: float | None = None,
    size: int | None = None,
    batch: int = 32,
) -> Features:
    """Encode the patches whose upper left is at `coordinates`, int64 (n, 2), level-0 pixels.

    Patches are read at the encoder's scale; `mpp` and `size` are those of the plan, where it
    states them. `batch` patches are in memory at once. Raises `AlgorithmError`: `no-mpp`,
    `wrong-mpp` (another plan, or a slide too coarse for the encoder), `bad-output`.
    """
    facts = encoder.facts
    facts.check_scale(facts.mpp if mpp is None else mpp, facts.size if size is None else size)
    check_slide(slide, facts)
    places = np.asarray(coordinates, np.int64).reshape(-1, 2)
    vectors = np.empty((len(places), facts.width), np.float32)
    at = 0
    for patches in _batches(slide, facts, places, batch):
        found: Vectors = vectors_of(encoder, patches)
        vectors[at : at + len(found)] = found
        at += len(found)
    return Features(places, vectors, facts.mpp, facts.size, facts.identity)


def check_slide(slide: SlideReader, facts: EncoderFacts) -> None:
    """Refuse a slide that states no scale, or is coarser than the encoder reads."""
    if slide.mpp is None:
        raise AlgorithmError(
            "the slide does not say how large its pixels are.",
            reason=FailureReason.NO_MPP,
            place=slide.place,
            rule=f"{facts.name} reads {facts.mpp:g} µm/px",
            remedy="Have its scale stated when it is converted.",
        )
    if max(slide.mpp) > FINEST * facts.mpp:
        raise AlgorithmError(
            f"the slide has {max(slide.mpp):g} µm/px: what the encoder looks at is not in it.",
            reason=FailureReason.WRONG_MPP,
            place=slide.place,
            rule=f"{facts.name} reads {facts.mpp:g} µm/px",
            remedy="Take an encoder for this scale, or a slide scanned finer.",
        )


def _batches(
    slide: SlideReader, facts: EncoderFacts, places: NDArray[np.int64], batch: int
) -> Iterator[Patches]:
    for start in range(0, len(places), batch):
        yield np.stack(
            [
                slide.at_mpp(int(x), int(y), mpp=facts.mpp, size=(facts.size, facts.size))
                for x, y in places[start : start + batch]
            ]
        )
