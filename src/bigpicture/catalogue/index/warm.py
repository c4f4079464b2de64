"""Warm: compile the kernel, or load what was compiled before, by asking it for nothing."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def warm(kernel: ModuleType) -> None:
    """Call it once with every argument of the type that stores have."""
    kernel.scan(
        _held(np.zeros((1, 1), np.uint16)),
        _held(np.zeros((1, 1), np.uint32)),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
        _held(np.zeros((1, 1), np.int64)),
        np.zeros((0, 3), np.int64),
        np.zeros((0, 3), np.int64),
        np.zeros(1, np.uint32),
        np.zeros(0, np.int64),
        np.zeros((0, 3), np.int64),
        np.zeros(0, np.uint8),
        np.zeros((0, 1), np.uint8),
        np.zeros((0, 1), np.uint8),
        1,
        np.zeros(0, np.int64),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
        _held(np.zeros(1, np.uint32)),
        np.zeros(1, np.uint8),
        np.zeros(1, np.uint8),
        np.zeros(1, np.int64),
    )
    kernel.first(_held(np.zeros(1, np.uint32)), np.zeros(1, np.uint8), 1, np.zeros(1, np.int64))


def _held(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
