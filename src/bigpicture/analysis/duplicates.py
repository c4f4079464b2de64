"""Duplicates: pairs of slides that are one glass, scanned or stored twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bigpicture.analysis.fingerprint import ALIKE, NEAR, Fingerprint, likeness
from bigpicture.analysis.near_words import NearWords


@dataclass(frozen=True, slots=True)
class Pair:
    """Two places in what was compared, the first the lesser, and how alike they are."""

    first: int
    second: int
    likeness: float


def duplicates(
    fingerprints: Sequence[Fingerprint], *, near: int = NEAR, alike: float = ALIKE
) -> Iterator[Pair]:
    """Every pair of one slide among some, in order, whichever dataset each comes from."""
    index = NearWords(np.array([each.word for each in fingerprints], np.uint64))
    for place, each in enumerate(fingerprints):
        for other in index.near_any(each.words(), near).tolist():
            if other > place:
                value = likeness(each.picture, fingerprints[other].picture)
                if value >= alike:
                    yield Pair(place, other, value)
