"""Order: a terminology has no circle, or the load says which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.terminologies.terminology import Rows, Terminology
from bigpicture.model.errors import InputError

_TOLD = 8
"""Codes of a circle that are named."""


def in_order(terms: Terminology) -> Terminology:
    """The terminology without a circle.

    Parts that close a circle together with kinds are left out: both may be right, and only kinds
    are promised to have an order. Raises `InputError` that names file and codes where kinds alone
    make a circle.
    """
    kinds = ~terms.is_part
    circle = find_circle(terms.below[kinds], terms.above[kinds], len(terms.keys))
    if circle:
        named = [terms.keys[row] for row in circle]
        told = " is a ".join([*named[:_TOLD], *(["…"] if len(named) > _TOLD else []), named[0]])
        raise InputError(
            f"its terms stand under one another in a circle: {told}.",
            place=terms.name,
            rule="a terminology has no circle",
            remedy="Mend the file or get it anew; leave it out of the folder until then.",
        )
    stuck = _in_circles(terms.below, terms.above, len(terms.keys))
    kept = ~(terms.is_part & stuck[terms.below] & stuck[terms.above])
    if kept.all():
        return terms
    return replace(
        terms, below=terms.below[kept], above=terms.above[kept], is_part=terms.is_part[kept]
    )


def find_circle(below: Rows, above: Rows, count: int) -> list[int]:
    """The rows of one circle, each under the next and the last under the first; or nothing."""
    stuck = _in_circles(below, above, count)
    if not stuck.any():
        return []
    inside = stuck[below] & stuck[above]
    parent = dict(zip(below[inside].tolist(), above[inside].tolist(), strict=True))
    path: dict[int, int] = {}
    row = min(parent)
    while row not in path:
        path[row] = len(path)
        row = parent[row]
    return list(path)[path[row] :]


def grouped(by: Rows, values: Rows, count: int) -> tuple[NDArray[np.int64], Rows]:
    """Put `values` together by the row in `by`: row n has `values[starts[n]:starts[n + 1]]`.

    Within a row they stay in the order in which they came.
    """
    order = np.argsort(by, kind="stable")
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(by, minlength=count), out=starts[1:])
    return starts, values[order]


def _in_circles(below: Rows, above: Rows, count: int) -> NDArray[np.bool_]:
    """The rows that are left when those with nothing above, then those with nothing below, go."""
    left = _peeled(below, above, np.ones(count, dtype=np.bool_))
    return _peeled(above, below, left) if left.any() else left


def _peeled(near: Rows, far: Rows, left: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take away, again and again, every row from which no relation leads to one that is left."""
    inside = left[near] & left[far]
    near, far = near[inside], far[inside]
    count = len(left)
    waits = np.bincount(near, minlength=count).tolist()
    starts, behind = grouped(far, near, count)
    starts_at, behind_of = starts.tolist(), behind.tolist()
    free = [row for row in np.flatnonzero(left).tolist() if not waits[row]]
    for row in free:  # grows while it is walked
        for other in behind_of[starts_at[row] : starts_at[row + 1]]:
            waits[other] -= 1
            if not waits[other]:
                free.append(other)
    still = left.copy()
    still[free] = False
    return still
