"""Near words: which of millions of 64-bit words differ from one in a few bits at most.

A word within `d` bits agrees within `d // 4` bits in one of its four quarters (Manku et al., WWW
2007, doi 10.1145/1242572.1242592), so that only words with such a quarter are looked at: exact,
and without a pass over all of them.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.fingerprint import Words

Places = NDArray[np.int64]

_BANDS, _WIDTH = 4, 16


class NearWords:
    """An index of 64-bit words; places are those in the array that it was made of."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._orders: list[Places] = []
        self._bands: list[NDArray[np.uint16]] = []
        for band in range(_BANDS):
            part = _band(words, band)
            order = np.argsort(part, kind="stable")
            self._orders.append(order)
            self._bands.append(part[order])

    def near(self, word: int, distance: int) -> Places:
        """Places of the words that differ in `distance` bits at most, in order."""
        flips = _flips(distance // _BANDS)
        candidates = [self._candidates(word, band, flips) for band in range(_BANDS)]
        places = np.unique(np.concatenate(candidates))
        differing = np.bitwise_count(self._words[places] ^ np.uint64(word))
        return places[differing <= distance]

    def near_any(self, words: Words, distance: int) -> Places:
        """Places of the words that are near any of some."""
        found = [self.near(int(word), distance) for word in words]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def _candidates(self, word: int, band: int, flips: NDArray[np.uint16]) -> Places:
        wanted = flips ^ np.uint16(word >> (_WIDTH * band) & 0xFFFF)
        starts = np.searchsorted(self._bands[band], wanted, "left")
        ends = np.searchsorted(self._bands[band], wanted, "right")
        order = self._orders[band]
        found = [order[a:b] for a, b in zip(starts, ends, strict=True) if a < b]
        return np.concatenate(found) if found else np.zeros(0, np.int64)


def _band(words: Words, band: int) -> NDArray[np.uint16]:
    return (words >> np.uint64(_WIDTH * band)).astype(np.uint16)


def _flips(most: int) -> NDArray[np.uint16]:
    """Every pattern of `most` bits at most out of sixteen."""
    patterns = [
        sum(1 << bit for bit in bits)
        for number in range(most + 1)
        for bits in combinations(range(_WIDTH), number)
    ]
    return np.array(patterns, np.uint16)
