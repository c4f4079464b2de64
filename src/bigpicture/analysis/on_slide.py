"""On a slide: masks over the whole of it, at the scale of overviews."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from bigpicture.analysis.glass import Where
from bigpicture.analysis.values import Facet, Mask, Values
from bigpicture.dicom.reader import SlideReader
from bigpicture.model.algorithm import Output, OutputKind
from bigpicture.model.errors import AlgorithmError, FailureReason

SQUARE_MM = 1e-6
"""Square millimetres in a square micrometre."""


def mask_on(slide: SlideReader, where: Where, *, mpp: float, name: str) -> Mask:
    """A mask (h, w) at `mpp` over the whole slide, of one class."""
    across, down = slide.scale_of(mpp)
    return Mask(where.astype(np.uint8), 0.0, 0.0, (across + down) / 2, (name,))


def area_outputs(name: str, *, mpp: float) -> tuple[Output, ...]:
    """The outputs of what marks one class on a slide: the mask, its area, its part of the glass."""
    return (
        Output(name, OutputKind.MASK, mpp=mpp, classes=(name,)),
        Output(f"{name}_mm2", OutputKind.FACET, unit="mm2", range=(0, 1e5)),
        Output(f"{name}_fraction", OutputKind.FACET, unit="1", range=(0, 1)),
    )


def area_values(slide: SlideReader, where: Where, *, mpp: float, name: str) -> Values:
    """The values of `area_outputs`."""
    return {
        name: mask_on(slide, where, mpp=mpp, name=name),
        f"{name}_mm2": Facet(float(where.sum()) * mpp**2 * SQUARE_MM, "mm2"),
        f"{name}_fraction": Facet(float(where.mean()), "1"),
    }


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
