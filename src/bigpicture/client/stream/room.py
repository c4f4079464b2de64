"""Room for the pixels of batches, used again once nobody holds the batch any more."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from bigpicture.dicom.slide import Pixels


def _users(things: Sequence[object]) -> list[int]:
    """References to each of a list's things, by the same way of counting each time."""
    return [sys.getrefcount(each) for each in things] if hasattr(sys, "getrefcount") else []


_ALONE = _users([object()])
"""Of a thing that nobody has but the list: how many that is differs with Python's version."""


class Room:
    """Hands out arrays of one shape; keeps `most` of them to hand out again.

    Fresh memory costs a page fault every 4 KiB, a tenth of what decoding into it does. Every view
    of an array, and every tensor made of one, refers to it, so that its references tell whether
    it is in use. Python that does not count references gets fresh memory each time.
    """

    def __init__(self, shape: tuple[int, ...], *, most: int) -> None:
        self._shape = shape
        self._most = most
        self._kept: list[Pixels] = []

    def take(self) -> Pixels:
        """An array whose content is whatever was in it before."""
        for number, users in enumerate(_users(self._kept)):
            if users == _ALONE[0]:
                return self._kept[number]
        made: Pixels = np.empty(self._shape, np.uint8)
        if len(self._kept) < self._most:
            self._kept.append(made)
        return made
