"""Ordering: the order of rows by a key, where all keys at once would not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.container import Pieces
from bigpicture.catalogue.index.spool import AT_ONCE, Spool, Spools

Sorter = Callable[[NDArray[Any]], NDArray[Any]]
"""The order of keys in memory; equal ones as they come."""


def ordered(keys: Spool, sorter: Sorter, spools: Spools, *, at_once: int = AT_ONCE) -> Spool:
    """The rows in the order of their keys, equal ones as they come: runs are sorted, then merged.

    Between two neighbours among the samples of all runs lie at most some `at_once` keys, which are
    sorted together; those that equal a sample may be any number, and are in order as they come.
    """
    order = spools.new(np.uint32)
    starts = range(0, len(keys), at_once)
    if len(starts) <= 1:
        order.append(sorter(keys.read(0, len(keys))))
        return order
    runs, rows = spools.new(keys.dtype), spools.new(np.uint32)
    samples: list[NDArray[Any]] = []
    for start in starts:
        run = keys.read(start, min(start + at_once, len(keys)))
        within = sorter(run)
        runs.append(run[within])
        rows.append(within.astype(np.uint32) + np.uint32(start))
        samples.append(run[within[:: max(at_once // len(starts), 1)]])
    marks = np.unique(np.concatenate(samples))
    low, high = _places(runs, starts, marks, at_once)
    for at in range(len(marks)):
        below = high[:, at - 1] if at else np.array(starts)
        order.append(_merged(runs, rows, below, low[:, at], sorter))
        for begin, end in zip(low[:, at].tolist(), high[:, at].tolist(), strict=True):
            order.append(rows.read(begin, end))
    ends = np.array([*starts[1:], len(keys)])
    order.append(_merged(runs, rows, high[:, -1], ends, sorter))
    return order


def _places(
    runs: Spool, starts: range, marks: NDArray[Any], at_once: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where in each run the keys begin that equal each mark, and where they end."""
    low = np.empty((len(starts), len(marks)), np.int64)
    high = np.empty_like(low)
    for at, start in enumerate(starts):
        run = runs.read(start, min(start + at_once, len(runs)))
        low[at] = np.searchsorted(run, marks, side="left") + start
        high[at] = np.searchsorted(run, marks, side="right") + start
    return low, high


def _merged(
    runs: Spool, rows: Spool, begin: NDArray[np.int64], end: NDArray[np.int64], sorter: Sorter
) -> NDArray[np.uint32]:
    """The rows of a stretch of each run, in order."""
    stretches = [(low, high) for low, high in zip(begin.tolist(), end.tolist(), strict=True)]
    keys = np.concatenate([runs.read(*each) for each in stretches])
    return np.concatenate([rows.read(*each) for each in stretches])[sorter(keys)]


def ranks(order: Spool, *, at_once: int = 4 * AT_ONCE) -> Pieces:
    """Each row's place in an order."""

    def made() -> Iterator[NDArray[np.uint32]]:
        for low in range(0, len(order), at_once):
            rank = np.empty(min(at_once, len(order) - low), np.uint32)
            place = 0
            for rows in order.pieces():
                here = np.flatnonzero((rows >= low) & (rows < low + len(rank)))
                rank[rows[here] - low] = here + place
                place += len(rows)
            yield rank

    return Pieces(np.dtype(np.uint32), (len(order),), made)
