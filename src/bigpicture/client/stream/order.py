"""The order of a stream: blocks of neighbouring patches, shuffled the same for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP = 0x9E3779B97F4A7C15
_ALL = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `index`, from 0, of `count` parts that have no block in common and miss none."""

    index: int = 0
    count: int = 1

    def of(self, other: Shard) -> Shard:
        """This part of a part: of a worker among those of one rank."""
        return Shard(other.index * self.count + self.index, other.count * self.count)


class Order:
    """Every block of every slide once, in groups of `mixed` blocks that are read together.

    `blocks` is how many a slide has, by slide. Blocks are numbered through all slides; 8 bytes a
    block are held. Without `is_shuffled` they come as they lie.
    """

    def __init__(
        self,
        blocks: Sequence[int],
        *,
        seed: int,
        epoch: int,
        shard: Shard,
        mixed: int,
        is_shuffled: bool,
    ) -> None:
        self._ends = np.cumsum(np.asarray(blocks, np.int64))
        self._mixed = mixed
        self._key = mix(seed, epoch)
        self._is_shuffled = is_shuffled
        total = int(self._ends[-1]) if len(self._ends) else 0
        every = shuffled(total, self._key) if is_shuffled else np.arange(total)
        self._mine = every[shard.index :: shard.count].copy()

    @property
    def groups(self) -> int:
        return -(-len(self._mine) // self._mixed)

    def group(self, number: int) -> list[tuple[int, int]]:
        """Slide, and block of that slide, of each block of a group."""
        blocks = self._mine[number * self._mixed : (number + 1) * self._mixed]
        slides = np.searchsorted(self._ends, blocks, side="right")
        starts = np.concatenate(([0], self._ends))[slides]
        return list(zip(slides.tolist(), (blocks - starts).tolist(), strict=True))

    def within(self, group: int, count: int) -> NDArray[np.int64]:
        """In which order the `count` patches of a group come."""
        if not self._is_shuffled:
            return np.arange(count)
        return shuffled(count, mix(self._key, group))


def shuffled(count: int, key: int) -> NDArray[np.int64]:
    """The numbers below `count` in an order that the key alone decides.

    They are sorted by SplitMix64 (Steele et al. 2014, doi:10.1145/2660193.2660195) of key and
    number: the same on every machine and with every version of NumPy.
    """
    with np.errstate(over="ignore"):
        return np.argsort(_hashed(np.arange(count, dtype=np.uint64), key), kind="stable")


def mix(key: int, number: int) -> int:
    """One key of two."""
    with np.errstate(over="ignore"):
        return int(_hashed(np.array([number & _ALL], np.uint64), key & _ALL)[0])


def _hashed(numbers: NDArray[np.uint64], key: int) -> NDArray[np.uint64]:
    """SplitMix64's output function over states that begin at the key."""
    value = (numbers + np.uint64(1)) * np.uint64(_STEP) + np.uint64(key & _ALL)
    value = (value ^ (value >> np.uint64(30))) * _MIX[0]
    value = (value ^ (value >> np.uint64(27))) * _MIX[1]
    return value ^ (value >> np.uint64(31))
