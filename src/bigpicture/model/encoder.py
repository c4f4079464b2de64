"""An encoder of patches: what it was made for, under whose licence, by which digest it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from bigpicture.model.canonical import digest
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError

MPP_ERROR = 0.01
"""How far the scale of patches may be from the encoder's, as a part of it."""
_NAME = re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What is taken from and divided out of red, green and blue, each between 0 and 1."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderFacts:
    """What an encoder states of itself.

    `mpp` is the micrometres per pixel of its patches, `size` their side in pixels, `width` the
    numbers of a vector, `weights` the SHA-256 of its file (empty: it has none, or they are not
    here), `normalisation` None where it takes pixels of 0 to 255 as they are. `address` is where
    the weights are to be had, `terms` what is asked there. Raises `InputError`.
    """

    name: str
    version: str
    licence: str
    mpp: float
    size: int
    width: int
    normalisation: Normalisation | None
    weights: str = ""
    address: str = ""
    terms: str = ""

    def __post_init__(self) -> None:
        _check(bool(_NAME.fullmatch(self.name)), "name", "a-z, 0-9, dots and hyphens")
        _check(bool(self.version.strip()), "version", "such as 1.0.0")
        _check(bool(self.licence.strip()), "licence", "an SPDX name, or the name of the terms")
        _check(0.05 <= self.mpp <= 50, "mpp", "0.05 to 50 micrometres per pixel")
        _check(8 <= self.size <= 8192, "size", "8 to 8192 pixels")
        _check(1 <= self.width <= 65_536, "width", "1 to 65,536 numbers a vector")
        _check(not self.weights or bool(_SHA256.fullmatch(self.weights)), "weights", "a SHA-256")
        if self.normalisation is not None:
            numbers = (*self.normalisation.mean, *self.normalisation.deviation)
            is_told = len(numbers) == 6 and all(0 <= number <= 2 for number in numbers)
            is_told = is_told and min(self.normalisation.deviation) > 0
            _check(is_told, "normalisation", "mean and deviation of three channels of 0 to 1")

    @property
    def identity(self) -> str:
        """Name, version and a digest of all that decides its vectors, the weights among it."""
        return f"{self.name}@{self.version}#{digest(self._decisive())[:16]}"

    def with_weights(self, sha256: str) -> EncoderFacts:
        return replace(self, weights=sha256)

    def check_scale(self, mpp: float, size: int) -> None:
        """Refuse patches of another scale or size; raises `AlgorithmError` (`wrong-mpp`)."""
        if abs(mpp / self.mpp - 1) > MPP_ERROR or size != self.size:
            raise AlgorithmError(
                f"patches of {size} pixels at {mpp:g} µm/px are not what the encoder was made for.",
                reason=FailureReason.WRONG_MPP,
                place=self.name,
                rule=f"{self.size} pixels at {self.mpp:g} µm/px",
                remedy="Plan the patches at the scale and size of the encoder.",
            )

    def _decisive(self) -> dict[str, Any]:
        told = self.normalisation
        return {
            "name": self.name,
            "version": self.version,
            "mpp": self.mpp,
            "size": self.size,
            "width": self.width,
            "normalisation": [list(told.mean), list(told.deviation)] if told else None,
            "weights": self.weights,
        }


def _check(is_right: bool, place: str, rule: str) -> None:
    if not is_right:
        raise InputError(
            "this does not fit an encoder.",
            place=place,
            rule=rule,
            remedy="State it as the encoder's authors do.",
        )
