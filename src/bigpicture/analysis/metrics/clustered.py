"""Intervals by patient: whole patients are drawn again, so that slides of one count as related.

Field and Welsh, Bootstrapping clustered data, JRSS B 2007, doi 10.1111/j.1467-9868.2007.00593.x
(the cluster bootstrap); the percentiles of the draws are the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bigpicture.model.errors import InputError

Indices = npt.NDArray[np.int64]

FEWEST = 10
"""Patients below which no interval is told."""
_MOST_EMPTY = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """The value on all cases, and between what ends `confidence` of the draws lie."""

    value: float
    low: float
    high: float
    patients: int
    cases: int


def interval(
    statistic: Callable[[Indices], float],
    patients: Sequence[str],
    *,
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """The interval of `statistic`, a function of indices of cases; `patients` says whose each is.

    The same seed gives the same interval. Draws in which the statistic does not exist (NaN: one
    class only) are left out. Raises `InputError` where there are fewer than `FEWEST` patients, or
    where more than one draw in twenty does not exist.
    """
    _, owner = np.unique(np.asarray(patients), return_inverse=True)
    count = int(owner.max()) + 1 if len(owner) else 0
    if count < FEWEST:
        raise InputError(
            f"there are {count} patients.",
            place="patients",
            rule=f"an interval needs {FEWEST}",
            remedy="Tell the value without an interval, or evaluate on more patients.",
        )
    members = _members(owner, count)
    chance = np.random.default_rng(seed)
    found = np.array(
        [
            statistic(np.concatenate([members[each] for each in chance.integers(0, count, count)]))
            for _ in range(draws)
        ]
    )
    there = found[~np.isnan(found)]
    if len(there) < (1 - _MOST_EMPTY) * draws:
        raise InputError(
            "the statistic does not exist in more than one draw in twenty.",
            place="patients",
            remedy="Evaluate on more patients of the rarer class.",
        )
    tail = (1 - confidence) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    value = statistic(np.arange(len(owner)))
    return Interval(value, float(low), float(high), count, len(owner))


def _members(owner: Indices, count: int) -> list[Indices]:
    """The indices of each patient's cases."""
    order = np.argsort(owner, kind="stable")
    return np.split(order, np.cumsum(np.bincount(owner, minlength=count))[:-1])
