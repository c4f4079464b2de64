"""Shows intensities: the channels of a fluorescence slide as one picture in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from bigpicture.dicom.optical_path import COLOURS, read_palette
from bigpicture.dicom.slide import Pixels, Samples

WHITE = (255, 255, 255)
_LARGEST = 255


@dataclass(frozen=True, slots=True)
class Ramp:
    """How a channel is shown: from black at 0 to `colour` (RGB) at `brightest` and above."""

    colour: tuple[int, int, int]
    brightest: int


def ramps_of(header: Dataset, *, paths: int, bits: int) -> tuple[Ramp, ...]:
    """A ramp for each optical path: the palette's, else a colour in turn; one alone is grey."""
    limit = (1 << bits) - 1
    items = list(header.get("OpticalPathSequence", None) or [])
    found: list[Ramp] = []
    for number in range(paths):
        told = read_palette(items[number]) if number < len(items) else None
        colour = WHITE if paths == 1 else COLOURS[number % len(COLOURS)]
        found.append(Ramp(*told) if told else Ramp(colour, limit))
    return tuple(found)


def composite(layers: Sequence[Samples], ramps: Sequence[Ramp]) -> Pixels:
    """Add up the channels, each of shape (rows, columns, 1), to RGB of shape (rows, columns, 3)."""
    rows, columns = layers[0].shape[:2]
    total: NDArray[np.float32] = np.zeros((rows, columns, 3), np.float32)
    for layer, ramp in zip(layers, ramps, strict=True):
        scale = np.array(ramp.colour, np.float32) / max(ramp.brightest, 1)
        total += np.minimum(layer[:, :, :1], ramp.brightest).astype(np.float32) * scale
    return np.minimum(np.rint(total), _LARGEST).astype(np.uint8)
