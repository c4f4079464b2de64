"""Embed a stream of patches (`bigpicture.patches`): of slides here, at a node, or both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.encoder import Encoder, Vectors, vectors_of
from bigpicture.analysis.values import Features


class PatchBatch(Protocol):
    """What is read of a batch of patches (`client.stream.batch`)."""

    @property
    def pixels(self) -> NDArray[np.uint8]: ...
    @property
    def slides(self) -> Sequence[str]: ...
    @property
    def corners(self) -> NDArray[np.float64]: ...
    @property
    def mpp(self) -> NDArray[np.float64]: ...


def embed_stream(batches: Iterable[PatchBatch], encoder: Encoder) -> dict[str, Features]:
    """The features of each slide of one pass, its patches row by row, whatever their order.

    Raises `AlgorithmError` (`wrong-mpp`) where patches were read at another scale or size than the
    encoder's; `bad-output`.
    """
    facts = encoder.facts
    places: dict[str, list[NDArray[np.int64]]] = {}
    vectors: dict[str, list[Vectors]] = {}
    for batch in batches:
        for mpp in np.unique(batch.mpp):
            facts.check_scale(float(mpp), batch.pixels.shape[-2])
        found = vectors_of(encoder, batch.pixels)
        names = np.asarray(batch.slides)
        for name in dict.fromkeys(batch.slides):
            own = names == name
            corners = np.rint(batch.corners[own]).astype(np.int64)
            places.setdefault(name, []).append(corners)
            vectors.setdefault(name, []).append(found[own])
    return {
        name: _ordered(np.concatenate(places[name]), np.concatenate(vectors[name]), encoder)
        for name in places
    }


def _ordered(places: NDArray[np.int64], vectors: Vectors, encoder: Encoder) -> Features:
    order = np.lexsort((places[:, 0], places[:, 1]))
    facts = encoder.facts
    return Features(places[order], vectors[order], facts.mpp, facts.size, facts.identity)
