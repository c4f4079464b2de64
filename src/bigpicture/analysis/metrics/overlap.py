"""Overlap of masks and of objects: Dice, IoU, F1 at an IoU, panoptic quality.

Dice, Ecology 1945, doi 10.2307/1932409; Kirillov et al., Panoptic Segmentation, CVPR 2019,
doi 10.1109/CVPR.2019.00963.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.model.errors import InputError

Labels = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Matched:
    """Objects found and true, how many pair up, and the mean IoU of the pairs (0 of none)."""

    found: int
    true: int
    pairs: int
    mean_iou: float

    @property
    def precision(self) -> float:
        return self.pairs / self.found if self.found else float("nan")

    @property
    def recall(self) -> float:
        return self.pairs / self.true if self.true else float("nan")

    @property
    def f1(self) -> float:
        """NaN where nothing was found and nothing is there."""
        both = self.found + self.true
        return 2 * self.pairs / both if both else float("nan")

    @property
    def panoptic_quality(self) -> float:
        return self.f1 * self.mean_iou


def dice(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Twice the common area over the sum of both; 1 where both are empty. Raises `InputError`."""
    first, second = np.asarray(one, bool), np.asarray(other, bool)
    if first.shape != second.shape:
        raise InputError(
            f"a mask of shape {first.shape} stands beside one of {second.shape}.",
            place="masks",
            remedy="Bring both to one grid.",
        )
    both = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / both if both else 1.0


def match(found: Labels, true: Labels, *, iou: float = 0.5) -> Matched:
    """Pair the objects of two label pictures (0 is none) whose IoU is above `iou`.

    At 0.5 and more a pair is unique. Raises `InputError` below it and for other shapes.
    """
    if iou < 0.5:
        raise InputError(
            f"at an IoU of {iou} pairs are not unique.",
            place="iou",
            rule="Kirillov et al. 2019, 4.1",
            remedy="Give 0.5 or more.",
        )
    if found.shape != true.shape:
        raise InputError(
            f"labels of shape {found.shape} stand beside {true.shape}.",
            place="labels",
            remedy="Bring both to one grid.",
        )
    sizes_found, sizes_true = _sizes(found), _sizes(true)
    common, counts = np.unique(np.stack([found.ravel(), true.ravel()]), axis=1, return_counts=True)
    inside = (common > 0).all(0)
    shared = {
        (int(a), int(b)): int(n)
        for (a, b), n in zip(common[:, inside].T, counts[inside], strict=True)
    }
    ratios = [n / (sizes_found[a] + sizes_true[b] - n) for (a, b), n in shared.items()]
    pairs = [ratio for ratio in ratios if ratio > iou]
    mean = sum(pairs) / len(pairs) if pairs else 0.0
    return Matched(len(sizes_found), len(sizes_true), len(pairs), mean)


def _sizes(labels: Labels) -> dict[int, int]:
    numbers, counts = np.unique(labels[labels > 0], return_counts=True)
    return {int(number): int(count) for number, count in zip(numbers, counts, strict=True)}
