"""The kernel: one pass over the rows, compiled; counts every facet without its own filter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from bigpicture.catalogue.index.kernel_numpy import AND, COLUMN, DATASETS, OR, REST, ROWS

_A = NDArray[Any]

BLOCK = 4096


@njit(nogil=True, cache=True)
def _column_into(
    out: _A, narrow: _A, wide: _A, place: _A, slot: _A, value: _A, lo: int, n: int, lut: _A
) -> None:
    if place == 0:
        codes = narrow[slot]
        for i in range(n):
            out[i] = lut[codes[lo + i]]
    elif place == 1:
        broad = wide[slot]
        for i in range(n):
            out[i] = lut[broad[lo + i]]
    else:
        one = lut[value]
        for i in range(n):
            out[i] = one


@njit(nogil=True, cache=True)
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
    depth: int,
    counted: _A,
    counts: _A,
    counts_at: _A,
    beings: _A,
    met: _A,
    found: _A,
    per_dataset: _A,
) -> int:
    """Fill `counts`, `met` (sets of beings), `found` (rows), `per_dataset`; see `scan.py`.

    `filters` are rows of (kind, which, own column): kind 0 looks a column up in `filter_luts` from
    `filter_at` on, kind 1 reads `masks`. `counts_at[c]` is -1 for a column that is not counted.
    """
    k = filters.shape[0]
    steps = program.shape[0]
    miss = np.empty(BLOCK, np.uint32)
    kept = np.empty(BLOCK, np.int32)
    stack = np.empty((max(depth, 1), BLOCK), np.uint8)
    total = 0
    for s in range(stretches.shape[0]):
        lo, end, dataset = stretches[s, 0], stretches[s, 1], stretches[s, 2]
        while lo < end:
            hi = min(lo + BLOCK, end)
            n = hi - lo
            for i in range(n):
                miss[i] = 0
            if steps:
                top = 0
                for p in range(steps):
                    op, which, at = program[p, 0], program[p, 1], program[p, 2]
                    if op == COLUMN:
                        _column_into(
                            stack[top],
                            narrow,
                            wide,
                            places[which],
                            slots[which],
                            constant[dataset, which],
                            lo,
                            n,
                            program_luts[at:],
                        )
                        top += 1
                    elif op == ROWS:
                        for i in range(n):
                            stack[top, i] = masks[which, lo + i]
                        top += 1
                    elif op == DATASETS:
                        one = of_datasets[which, dataset]
                        for i in range(n):
                            stack[top, i] = one
                        top += 1
                    elif op == AND:
                        top -= 1
                        for i in range(n):
                            stack[top - 1, i] &= stack[top, i]
                    elif op == OR:
                        top -= 1
                        for i in range(n):
                            stack[top - 1, i] |= stack[top, i]
                    else:
                        for i in range(n):
                            stack[top - 1, i] ^= 1
                for i in range(n):
                    if stack[0, i] == 0:
                        miss[i] = REST
            for j in range(k):
                kind, which, bit = filters[j, 0], filters[j, 1], np.uint32(1 << j)
                if kind == 1:
                    for i in range(n):
                        if masks[which, lo + i] == 0:
                            miss[i] |= bit
                    continue
                lut = filter_luts[filter_at[j] :]
                place, slot = places[which], slots[which]
                value = constant[dataset, which]
                if value >= 0:
                    if lut[value]:
                        for i in range(n):
                            miss[i] |= bit
                elif place == 0:
                    codes = narrow[slot]
                    for i in range(n):
                        miss[i] |= lut[codes[lo + i]]
                else:
                    broad = wide[slot]
                    for i in range(n):
                        miss[i] |= lut[broad[lo + i]]
            m = 0
            for i in range(n):
                kept[m] = i
                m += miss[i] == 0
            total += m
            per_dataset[dataset] += m
            if m:
                for c in counted:
                    at = counts_at[c]
                    value = constant[dataset, c]
                    if value >= 0:
                        counts[at + value] += m
                    elif places[c] == 0:
                        codes = narrow[slots[c]]
                        if m == n:
                            for i in range(n):
                                counts[at + codes[lo + i]] += 1
                        else:
                            for q in range(m):
                                counts[at + codes[lo + kept[q]]] += 1
                    else:
                        broad = wide[slots[c]]
                        for q in range(m):
                            counts[at + broad[lo + kept[q]]] += 1
                for q in range(m):
                    r = lo + kept[q]
                    found[r] = 1
                    met[beings[r]] = 1
            for j in range(k):
                own = filters[j, 2]
                if own < 0 or counts_at[own] < 0:
                    continue
                bit = np.uint32(1 << j)
                at = counts_at[own]
                value = constant[dataset, own]
                if value >= 0:
                    z = 0
                    for i in range(n):
                        z += miss[i] == bit
                    counts[at + value] += z
                elif places[own] == 0:
                    codes = narrow[slots[own]]
                    for i in range(n):
                        if miss[i] == bit:
                            counts[at + codes[lo + i]] += 1
                else:
                    broad = wide[slots[own]]
                    for i in range(n):
                        if miss[i] == bit:
                            counts[at + broad[lo + i]] += 1
            lo = hi
    return total


@njit(nogil=True, cache=True)
def first(order: _A, found: _A, start: int, out: _A) -> int:
    """The first rows in this order from a place on that were found; returns how many."""
    n = 0
    for at in range(start, len(order)):
        if n == len(out):
            break
        row = order[at]
        if found[row]:
            out[n] = row
            n += 1
    return n
