"""Why a slide, or a patch of it, is not in a stream."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.errors import (
    BigpictureError,
    ErasedError,
    ForbiddenError,
    IntegrityError,
    SealedError,
    SignInError,
    SlideError,
    UnknownError,
)


class Cause(StrEnum):
    NO_SCALE = "no-mpp"
    """It does not say how large its pixels are."""
    TOO_COARSE = "too-coarse"
    """Its finest level is coarser than what was asked for."""
    CLOSED = "closed"
    """It is not open to you, or not any more; nobody says whether it is there."""
    ERASED = "erased"
    DAMAGED = "damaged"
    """Pixels cannot be decoded, or are not those that were stored."""
    UNREADABLE = "unreadable"
    """The slide cannot be opened, or its node not be reached."""
    UNDRAWN = "annotations"
    """What was drawn on it cannot be read."""
    FAILED = "mask"
    """The function that gives the mask failed."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`what` is the first error's text; `patches` were lost, of a slide that is left out all."""

    cause: Cause
    what: str
    is_whole: bool
    """Nothing more of this slide is read."""
    patches: int = 0


_CAUSES: tuple[tuple[type[BigpictureError], Cause], ...] = (
    (ErasedError, Cause.ERASED),
    (ForbiddenError, Cause.CLOSED),
    (UnknownError, Cause.CLOSED),
    (SignInError, Cause.CLOSED),
    (SealedError, Cause.CLOSED),
    (IntegrityError, Cause.DAMAGED),
    (SlideError, Cause.DAMAGED),
)


def cause_of(error: BigpictureError, otherwise: Cause = Cause.UNREADABLE) -> Cause:
    """The cause that an error of reading stands for."""
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), otherwise)
