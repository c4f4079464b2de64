"""Side by side: a scan shared among the cores, each with datasets of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Scanned = TypeVar("_Scanned")

_CORES = os.cpu_count() or 1
WORTH = 250_000
"""Rows from which a further thread is worth its start."""


def parted(stretches: NDArray[np.int64], worth: int = WORTH) -> list[NDArray[np.int64]]:
    """Stretches (start, end, dataset) in as many parts as are worth a core, alike in rows."""
    ends = np.cumsum(stretches[:, 1] - stretches[:, 0])
    rows = int(ends[-1]) if len(ends) else 0
    parts = max(1, min(_CORES, rows // worth))
    return np.split(stretches, np.searchsorted(ends, rows * np.arange(1, parts) // parts))


def scan_together(
    scan: Callable[[NDArray[np.int64]], _Scanned], parts: Sequence[NDArray[np.int64]]
) -> list[_Scanned]:
    """Scan each part; the compiled kernel lets other threads run."""
    if len(parts) == 1:
        return [scan(parts[0])]
    others = [_threads().submit(scan, part) for part in parts[1:]]
    return [scan(parts[0]), *(other.result() for other in others)]


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_CORES, thread_name_prefix="scan")
