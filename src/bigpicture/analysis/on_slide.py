"""On a slide: masks over the whole of it, at the scale of overviews."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from bigpicture.analysis.glass import Where
from bigpicture.analysis.values import Mask, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.errors import AlgorithmError, FailureReason

SQUARE_MM = 1e-6
"""Square millimetres in a square micrometre."""


def mask_on(slide: SlideReader, where: Where, *, mpp: float, name: str) -> Mask:
    """A mask (h, w) at `mpp` over the whole slide, of one class."""
    across, down = slide.scale_of(mpp)
    return Mask(where.astype(np.uint8), 0.0, 0.0, (across + down) / 2, (name,))


def mask_of(inputs: Mapping[str, Values], name: str, shape: tuple[int, int]) -> Where:
    """The mask of that name that an algorithm of that name gave, at `shape` (h, w)."""
    found = inputs[name][name]
    assert isinstance(found, Mask)
    pixels = found.pixels
    if pixels.shape != shape:
        size = shape[1], shape[0]
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return pixels != 0


def refuse_empty(where: Where) -> None:
    """Raise `AlgorithmError` (`empty-glass`) where there is no tissue."""
    if not where.any():
        raise AlgorithmError(
            "there is no tissue on this slide.", reason=FailureReason.EMPTY_GLASS, place="tissue"
        )
