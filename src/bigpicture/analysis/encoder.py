"""An encoder turns patches into vectors: what is common to all, whatever computes them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bigpicture.model.encoder import EncoderFacts
from bigpicture.model.errors import AlgorithmError, FailureReason

Patches = NDArray[np.uint8]
Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """What an encoder gives; an entry point of the group `bigpicture.encoders` makes one.

    `encode` takes RGB patches, uint8 (n, size, size, 3) at `facts.mpp`, normalises them itself as
    `facts` say, and gives float32 (n, width).
    """

    @property
    def facts(self) -> EncoderFacts: ...

    def encode(self, patches: Patches) -> Vectors: ...


def vectors_of(encoder: Encoder, patches: Patches) -> Vectors:
    """Encode, and refuse what is no patch and no vector.

    Raises `AlgorithmError`: `wrong-mpp` for patches of another size, `bad-output` for vectors of
    another shape or dtype, or that hold NaN or infinity.
    """
    facts = encoder.facts
    shape = (len(patches), facts.size, facts.size, 3)
    if patches.shape != shape or patches.dtype != np.uint8:
        raise AlgorithmError(
            f"patches of shape {patches.shape} ({patches.dtype}) are not what it takes.",
            reason=FailureReason.WRONG_MPP,
            place=facts.name,
            rule=f"uint8, shape {shape}",
            remedy="Cut the patches at the size and scale of the encoder.",
        )
    vectors = encoder.encode(patches)
    wanted = (len(patches), facts.width)
    if vectors.shape != wanted or vectors.dtype != np.float32:
        _refuse(facts, f"it gave vectors of shape {vectors.shape} ({vectors.dtype}).")
    if not np.isfinite(vectors).all():
        _refuse(facts, "it gave a vector that holds NaN or infinity.")
    return vectors


def normalised(patches: Patches, facts: EncoderFacts) -> NDArray[np.float32]:
    """Patches as a net takes them: float32 (n, 3, size, size), by the encoder's normalisation."""
    planes = np.ascontiguousarray(patches.transpose(0, 3, 1, 2), np.float32)
    if facts.normalisation is None:
        return planes
    mean = np.asarray(facts.normalisation.mean, np.float32)[:, None, None]
    deviation = np.asarray(facts.normalisation.deviation, np.float32)[:, None, None]
    return (planes / np.float32(255) - mean) / deviation


def _refuse(facts: EncoderFacts, what: str) -> None:
    raise AlgorithmError(
        what,
        reason=FailureReason.BAD_OUTPUT,
        place=facts.name,
        rule=f"float32, {facts.width} finite numbers a patch",
        remedy="Have its author mend it, or correct its width.",
    )
