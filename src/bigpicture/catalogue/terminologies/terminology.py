"""A terminology: terms, what they are called, and which stand under which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
"""Numbers of terms: their places in `keys`."""

MOST_TERMS = 5_000_000
LARGEST = 8 << 30
"""Bytes of one file, unpacked; NCI Thesaurus as OWL has 0.8 GB, SNOMED CT's relations 0.3 GB."""
LONGEST_LABEL = 500
"""Characters; the rest is cut off. SNOMED CT's own limit is 4,096, its longest are under 300."""


@dataclass(frozen=True, slots=True, eq=False)
class Terminology:
    """`below[n]` stands directly under `above[n]`; where `is_part[n]`, as a part and no kind.

    `name` is the file's, for errors. Keys are `SCHEME:CODE`, each once.
    """

    name: str
    keys: Sequence[str]
    labels: Sequence[str]
    below: Rows
    above: Rows
    is_part: NDArray[np.bool_]


@dataclass(slots=True)
class Drafted:
    """Gathers terms as a file names them; a term may be named before it is described."""

    name: str
    _numbers: dict[str, int] = field(default_factory=dict[str, int])
    _labels: dict[int, str] = field(default_factory=dict[int, str])
    _below: list[int] = field(default_factory=list[int])
    _above: list[int] = field(default_factory=list[int])
    _is_part: list[bool] = field(default_factory=list[bool])

    def __len__(self) -> int:
        return len(self._numbers)

    def term(self, key: str, label: str, *, kinds: Iterable[str], parts: Iterable[str]) -> None:
        """Add a term that is a kind of `kinds` and a part of `parts`."""
        number = self._number(key)
        if label:
            self._labels.setdefault(number, label[:LONGEST_LABEL])
        for is_part, parents in ((False, kinds), (True, parts)):
            for parent in dict.fromkeys(parents):
                self._below.append(number)
                self._above.append(self._number(parent))
                self._is_part.append(is_part)

    def done(self) -> Terminology:
        keys = list(self._numbers)
        return Terminology(
            self.name,
            keys,
            [self._labels.get(row) or code_of(key) for row, key in enumerate(keys)],
            np.array(self._below, dtype=np.int32),
            np.array(self._above, dtype=np.int32),
            np.array(self._is_part, dtype=np.bool_),
        )

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def code_of(key: str) -> str:
    """The code of a key, without its scheme."""
    return key.partition(":")[2]
