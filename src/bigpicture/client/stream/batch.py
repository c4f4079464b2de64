"""A batch of patches, with where each lies and what is stated of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.dicom.slide import Pixels


@dataclass(frozen=True, eq=False)
class Batch(Mapping[str, Any]):
    """`n` patches. It is a mapping of its fields too, so that torch makes tensors of them.

    `pixels` uint8 (n, height, width, 3), of several scales (n, scales, height, width, 3).
    `slides` names each patch's slide. `corners` float64 (n, 2): its upper left corner in level-0
    pixels at the first scale. `mpp` float64 (n,), or (n, scales): what was read, in µm per pixel.
    `labels` are what is confirmed of each patch's slide, `bags` (entity, label) that it is a
    candidate for: true of that entity as a whole, and of this patch perhaps not.
    Where they were asked for, else without columns: `targets` int8 (n, labels), 1 where the label
    is confirmed, 0 where it is not stated; `cover` float32 (n, classes), the part of the patch
    that lies inside outlines of each class; `masks` uint8 (n, height, width), the number of the
    class, from 1, that a pixel lies in (the last of several), 0 in none.
    """

    pixels: Pixels
    slides: tuple[str, ...]
    corners: NDArray[np.float64]
    mpp: NDArray[np.float64]
    labels: tuple[tuple[str, ...], ...]
    bags: tuple[tuple[tuple[str, str], ...], ...]
    targets: NDArray[np.int8]
    cover: NDArray[np.float32]
    masks: NDArray[np.uint8]

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - one of its fields
        if key not in _NAMES:
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        """How many fields it has, as of any mapping; `count` is how many patches."""
        return len(_NAMES)

    @property
    def count(self) -> int:
        return len(self.slides)


_NAMES = tuple(each.name for each in fields(Batch))


class Filling:
    """A batch that is being read into `pixels`, each patch put in its place."""

    def __init__(self, pixels: Pixels, *, labels: int, classes: int, has_masks: bool) -> None:
        size, scales = len(pixels), pixels.shape[1:-3]
        height, width = pixels.shape[-3:-1]
        self.pixels = pixels
        self.slides = [""] * size
        self.corners = np.zeros((size, 2))
        self.mpp = np.zeros((size, *scales))
        self.labels: list[tuple[str, ...]] = [()] * size
        self.bags: list[tuple[tuple[str, str], ...]] = [()] * size
        self.targets = np.zeros((size, labels), np.int8)
        self.cover = np.zeros((size, classes), np.float32)
        self.masks = np.zeros((size, height, width) if has_masks else (size, 0, 0), np.uint8)
        self.is_read = np.zeros(size, np.bool_)

    def whole(self, count: int) -> Batch:
        """The first `count` places as a batch; without those that could not be read."""
        kept: Any = slice(0, count)
        chosen = range(count)
        if not self.is_read[:count].all():
            kept = np.flatnonzero(self.is_read[:count])
            chosen = kept.tolist()
        return Batch(
            pixels=self.pixels[kept],
            slides=tuple(self.slides[each] for each in chosen),
            corners=self.corners[kept],
            mpp=self.mpp[kept],
            labels=tuple(self.labels[each] for each in chosen),
            bags=tuple(self.bags[each] for each in chosen),
            targets=self.targets[kept],
            cover=self.cover[kept],
            masks=self.masks[kept],
        )
