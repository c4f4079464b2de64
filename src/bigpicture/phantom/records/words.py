"""Invented words: pronounceable, by number, of no language."""

from __future__ import annotations

from itertools import islice, product
from typing import Final

_ONSETS: Final = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr",
                  "gl", "kr", "pl", "st", "tr", "vl")  # fmt: skip
_VOWELS: Final = ("a", "e", "i", "o", "u", "au", "ei", "ia")
_CODAS: Final = ("", "l", "n", "r", "s", "x")
_SYLLABLES: Final = tuple("".join(parts) for parts in product(_ONSETS, _VOWELS, _CODAS))
_SPREAD = 7_919  # a prime that shares no factor with the number of pairs: neighbours sound unlike


def word(number: int) -> str:
    """The word of a number: two syllables, all different below a million."""
    count = len(_SYLLABLES)
    at = number * _SPREAD % (count * count)
    return _SYLLABLES[at // count] + _SYLLABLES[at % count]


def names(prefix: str, letters: str, count: int) -> list[str]:
    """`prefix` and five letters for each of so many, all different."""
    return [prefix + "".join(each) for each in islice(product(letters, repeat=5), count)]
