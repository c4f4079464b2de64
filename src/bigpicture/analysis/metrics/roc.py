"""The area under the ROC curve, its variance and the comparison of two, after DeLong.

DeLong, DeLong and Clarke-Pearson, Biometrics 1988, doi 10.2307/2531595; placements from midranks
after Sun and Xu, IEEE Signal Processing Letters 2014, doi 10.1109/LSP.2014.2337313.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from bigpicture.model.errors import InputError

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Area:
    """An AUROC with its variance and its interval (on the logit scale, so within 0 and 1)."""

    value: float
    variance: float
    low: float
    high: float


def auroc(labels: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The chance that a positive scores above a negative; ties count one half.

    `labels` are 0 and 1, `scores` finite, both of shape (n,). Raises `InputError` where a class is
    missing or a score is not finite.
    """
    truth, given = checked(labels, scores)
    return area(truth, given)


def area(truth: npt.NDArray[np.bool_], scores: Numbers) -> float:
    """As `auroc`, of what was checked; NaN where a class is missing."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    above = midranks(scores)[truth].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def delong(labels: npt.ArrayLike, scores: npt.ArrayLike, *, confidence: float = 0.95) -> Area:
    """The AUROC with DeLong's variance; of independent cases. Raises `InputError`.

    Slides of one patient are not independent: use `metrics.clustered` for them.
    """
    truth, given = checked(labels, scores)
    _enough(truth)
    variance = float(_covariance(truth, given[None])[0, 0])
    value = area(truth, given)
    low, high = _logit_interval(value, variance, confidence)
    return Area(value, variance, low, high)


def compare(labels: npt.ArrayLike, one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """The two-sided p-value that two scores of the same cases have one AUROC; 1.0 for equal ones.

    Raises `InputError`.
    """
    truth, first = checked(labels, one)
    _, second = checked(labels, other)
    _enough(truth)
    covariance = _covariance(truth, np.stack([first, second]))
    spread = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    difference = area(truth, first) - area(truth, second)
    if spread <= np.finfo(float).eps:
        return 1.0 if abs(difference) < np.finfo(float).eps else 0.0
    return float(2 * NormalDist().cdf(-abs(difference) / spread**0.5))


def midranks(values: Numbers) -> Numbers:
    """Ranks from 1, in which equal values share the mean of theirs."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[group]


def checked(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], Numbers]:
    """Labels as truth values and scores as numbers of one length. Raises `InputError`."""
    truth = np.asarray(labels)
    given = np.asarray(scores, np.float64)
    if truth.ndim != 1 or truth.shape != given.shape:
        raise InputError(
            f"labels of shape {truth.shape} do not belong to scores of shape {given.shape}.",
            place="scores",
            remedy="Give one score for each label.",
        )
    if not np.isin(truth, (0, 1)).all():
        raise InputError("labels are not only 0 and 1.", place="labels", remedy="Name one class 1.")
    if not np.isfinite(given).all():
        raise InputError(
            "a score is not a finite number.",
            place="scores",
            remedy="Leave out what could not be scored, and say how many these are.",
        )
    if not 0 < truth.sum() < len(truth):
        raise InputError(
            "there is one class only.", place="labels", remedy="Evaluate on cases of both classes."
        )
    return truth.astype(bool), given


def _enough(truth: npt.NDArray[np.bool_]) -> None:
    if min(truth.sum(), (~truth).sum()) < 2:
        raise InputError(
            "of one class there is one case: its variance is unknown.",
            place="labels",
            remedy="Evaluate on two cases of each class at least.",
        )


def _covariance(truth: npt.NDArray[np.bool_], scores: Numbers) -> Numbers:
    """DeLong's covariance of the areas of `scores`, shape (k, n): (k, k)."""
    positives, negatives = int(truth.sum()), int((~truth).sum())
    of_positives, of_negatives = (
        np.empty((len(scores), positives)),
        np.empty((len(scores), negatives)),
    )
    for at, row in enumerate(scores):
        ranks = midranks(row)
        of_positives[at] = (ranks[truth] - midranks(row[truth])) / negatives
        of_negatives[at] = 1 - (ranks[~truth] - midranks(row[~truth])) / positives
    return (
        np.atleast_2d(np.cov(of_positives)) / positives
        + np.atleast_2d(np.cov(of_negatives)) / negatives
    )


def _logit_interval(value: float, variance: float, confidence: float) -> tuple[float, float]:
    """Of an area of 0 or 1 the variance is 0 and the interval says nothing: it is that point."""
    if not 0 < value < 1:
        return value, value
    middle = np.log(value / (1 - value))
    half = NormalDist().inv_cdf((1 + confidence) / 2) * variance**0.5 / (value * (1 - value))
    low, high = 1 / (1 + np.exp(-(middle + np.array([-half, half]))))
    return float(low), float(high)
