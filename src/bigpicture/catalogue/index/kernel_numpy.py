"""The kernel without a compiler: the same answers for small stores, and where numba is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

REST = np.uint32(1 << 31)
"""The bit of what narrows without being left out of any count."""
COLUMN, ROWS, DATASETS, AND, OR, NOT = range(6)
"""Steps of a program: what is pushed on the stack, and what is done with it."""

_A = NDArray[Any]


def scan(  # noqa: C901
    narrow: _A,
    wide: _A,
    places: _A,
    slots: _A,
    constant: _A,
    stretches: _A,
    filters: _A,
    filter_luts: _A,
    filter_at: _A,
    program: _A,
    program_luts: _A,
    masks: _A,
    of_datasets: _A,
    depth: int,  # noqa: ARG001 - the compiled one's stack
    counted: _A,
    counts: _A,
    counts_at: _A,
    beings: _A,
    met: _A,
    found: _A,
    per_dataset: _A,
) -> int:
    """As `kernel.scan`."""

    def codes(column: int, lo: int, hi: int, dataset: int) -> _A:
        if places[column] == 0:
            return narrow[slots[column], lo:hi]
        if places[column] == 1:
            return wide[slots[column], lo:hi]
        return np.full(hi - lo, constant[dataset, column])

    def run(lo: int, hi: int, dataset: int) -> _A:
        stack: list[_A] = []
        for op, which, at in program:
            if op == COLUMN:
                stack.append(program_luts[at:][codes(which, lo, hi, dataset)] != 0)
            elif op == ROWS:
                stack.append(masks[which, lo:hi] != 0)
            elif op == DATASETS:
                stack.append(np.full(hi - lo, of_datasets[which, dataset] != 0))
            elif op == NOT:
                stack.append(~stack.pop())
            else:
                last, before = stack.pop(), stack.pop()
                stack.append(before & last if op == AND else before | last)
        return stack[0]

    total = 0
    for lo, hi, dataset in stretches:
        miss = np.zeros(hi - lo, np.uint32)
        if len(program):
            miss[~run(lo, hi, dataset)] = REST
        for j, (kind, which, _) in enumerate(filters):
            if kind == 1:
                miss[masks[which, lo:hi] == 0] |= np.uint32(1 << j)
            else:
                miss |= filter_luts[filter_at[j] :][codes(which, lo, hi, dataset)]
        kept = np.flatnonzero(miss == 0)
        total += len(kept)
        per_dataset[dataset] += len(kept)
        for column in counted:
            np.add.at(
                counts, counts_at[column] + codes(column, lo, hi, dataset)[kept].astype(np.int64), 1
            )
        found[lo + kept] = 1
        met[beings[lo + kept]] = 1
        for j, (_, _, own) in enumerate(filters):
            if own >= 0 and counts_at[own] >= 0:
                only = miss == np.uint32(1 << j)
                at = counts_at[own] + codes(own, lo, hi, dataset)[only].astype(np.int64)
                np.add.at(counts, at, 1)
    return total


def first(order: _A, found: _A, start: int, out: _A) -> int:
    """As `kernel.first`."""
    there = order[start:][found[order[start:]] != 0][: len(out)]
    out[: len(there)] = there
    return len(there)
