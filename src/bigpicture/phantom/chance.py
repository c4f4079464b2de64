"""Chance: random numbers that depend only on their keys, never on the order of asking."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating]
Integers: TypeAlias = npt.NDArray[np.int64]

_MASK = 2**64 - 1
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mix(*keys: int | npt.NDArray[np.integer]) -> npt.NDArray[np.uint64]:
    """Hash integer keys (broadcast against each other) with SplitMix64 rounds.

    Source: Steele, Lea, Flood, OOPSLA 2014, doi 10.1145/2660193.2660195.
    """
    number = 0
    for position, key in enumerate(keys):
        if not isinstance(key, int):
            return _mix_arrays(number, keys[position:])
        number = _round(number, key)
    return np.array(number, np.uint64)


def _mix_arrays(
    number: int, keys: tuple[int | npt.NDArray[np.integer], ...]
) -> npt.NDArray[np.uint64]:
    """Go on from `number`; arrays overflow silently, numpy's scalars would warn."""
    shape = np.broadcast_shapes(*(np.shape(key) for key in keys))
    state = np.full((1,), number, np.uint64)
    for key in keys:
        state = (state ^ np.asarray(key, np.int64).astype(np.uint64)) + np.uint64(_STEP)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(_FIRST)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(_SECOND)
        state = state ^ (state >> np.uint64(31))
    return state.reshape(shape)


def _round(state: int, key: int) -> int:
    state = ((state ^ (key & _MASK)) + _STEP) & _MASK
    state = ((state ^ (state >> 30)) * _FIRST) & _MASK
    state = ((state ^ (state >> 27)) * _SECOND) & _MASK
    return state ^ (state >> 31)


def unit(*keys: int | npt.NDArray[np.integer]) -> Floats:
    """Numbers uniform in [0, 1) for the keys."""
    return (mix(*keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def seed_of(*keys: int | str) -> int:
    """One non-negative 62-bit seed for keys that may be words."""
    numbers = [
        int.from_bytes(key.encode()[:63], "little") if isinstance(key, str) else key for key in keys
    ]
    folded = [number % (2**61 - 1) for number in numbers]
    return int(mix(*folded)) >> 2


def one(*keys: int) -> float:
    """The number of `unit` for keys that are plain integers, without numpy's overhead."""
    state = 0
    for key in keys:
        state = _round(state, key)
    return (state >> 11) * 2.0**-53
