"""Quality: how completely the images of a dataset are described, counted in the index.

Counts are exact here; `catalogue/quality_told.py` says what of them may be told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.merge import NARROW
from bigpicture.catalogue.index.store import Column, Store, stretches
from bigpicture.catalogue.ranges import plain

YES, NO = "yes", "no"
FILLED = ("organ", "stain", "species", "age", "sex", "magnification", "scanner")
"""Fields of which it is counted how many images have them; annotations besides."""
UNSTATED = "Not stated"
DIAGNOSED = ("Confirmed", "Candidate")
"""What is stated of an image, by how sure it is."""
_FEW = 32
_UNCOMPRESSED = "None"
_ALWAYS_LOSSLESS = frozenset({_UNCOMPRESSED, "RLE"})


@dataclass(frozen=True, slots=True)
class Group:
    """Images that have something in common; `who` marks the sets of beings that they show."""

    label: str
    images: int
    who: NDArray[np.bool_]

    def joined(self, other: Group, label: str) -> Group:
        """Both together; they have no image in common."""
        return Group(label, self.images + other.images, self.who | other.who)


@dataclass(frozen=True, slots=True)
class Partition:
    """Every image in one group of a field; groups without images are left out."""

    name: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """`filled` have groups `YES` and `NO`; `spreads` any.

    The beings of set `n` are `beings[offsets[n] : offsets[n + 1]]`.
    """

    images: int
    offsets: NDArray[np.int64]
    beings: NDArray[np.int64]
    filled: tuple[Partition, ...]
    spreads: tuple[Partition, ...]

    @property
    def everybody(self) -> int:
        """How many distinct beings all images show."""
        return len(np.unique(self.beings))

    def shows(self, who: NDArray[np.bool_], least: int) -> bool:
        """Whether these sets show so many distinct beings; the first few sets nearly always do."""
        sets = np.flatnonzero(who)
        return any(
            len(np.unique(self.beings[stretches(self.offsets, some)])) >= least
            for some in (sets[:_FEW], sets)
        )


def read_quality(store: Store, number: int) -> Quality:
    """Count the dataset that has this number in a store: one pass a field, over its rows alone."""
    looked = _Looked(store, number)
    return Quality(
        images=len(looked.who),
        offsets=looked.offsets,
        beings=looked.beings,
        filled=(
            *(looked.partition(name, looked.is_filled(name)) for name in FILLED),
            looked.partition("annotated", looked.is_annotated),
        ),
        spreads=(
            looked.diagnosed(),
            looked.partition("mpp", looked.resolution()),
            looked.partition("compression", looked.compression),
            looked.partition("scanner", looked.label("scanner")),
        ),
    )


class _Looked:
    """The rows of one dataset; `who` is the set of beings of each, numbered from 0."""

    def __init__(self, store: Store, number: int) -> None:
        self._store, self._number = store, number
        self._rows = store.rows_of(number)
        codes = store.arrays["beings/codes"][self._rows]
        offsets, items = store.arrays["beings/offsets"], store.arrays["beings/items"]
        there = np.zeros(len(offsets) - 1, np.bool_)
        there[codes] = True
        sets = np.flatnonzero(there)
        numbered = np.empty(len(there), np.intp)
        numbered[sets] = np.arange(len(sets))
        self.who = numbered[codes]
        self.offsets = np.concatenate(([0], np.cumsum(offsets[sets + 1] - offsets[sets])))
        self.beings = items[stretches(offsets, sets)].astype(np.int64)

    def partition(self, name: str, group_of: Callable[[int], str]) -> Partition:
        """Group the images by what a code of a column means."""
        column = self._store.columns[name]
        labels: dict[str, int] = {}
        places = np.zeros(column.size, np.intp)
        for code in self._present(column):
            places[code] = labels.setdefault(group_of(code), len(labels))
        return self._split(name, places[self._codes(column)], tuple(labels))

    def diagnosed(self) -> Partition:
        """What is confirmed of an image contains no mere candidate: one partition of three."""
        level = np.zeros(len(self.who), np.intp)
        for name in ("diagnosis", "confirmed"):
            column = self._store.columns[name]
            level += (np.diff(column.offsets) > 0)[self._codes(column)]
        return self._split("diagnosis", level, (UNSTATED, *reversed(DIAGNOSED)))

    def is_filled(self, name: str) -> Callable[[int], str]:
        column = self._store.columns[name]
        if column.values is not None:
            values = column.values
            return lambda code: YES if values[code] == values[code] else NO
        offsets = column.offsets
        return lambda code: YES if offsets[code + 1] > offsets[code] else NO

    def is_annotated(self, code: int) -> str:
        return self._store.columns["annotated"].of_set(code)[0].key

    def resolution(self) -> Callable[[int], str]:
        """In µm per pixel, to the hundredth: what scanners are set to, not how exact they are."""
        values = self._store.columns["mpp"].values
        assert values is not None
        held = values

        def label(code: int) -> str:
            value = float(held[code])
            return plain(round(value, 2)) if value == value else UNSTATED

        return label

    def label(self, name: str) -> Callable[[int], str]:
        column = self._store.columns[name]
        return lambda code: ", ".join(each.label for each in column.of_set(code)) or UNSTATED

    def compression(self, code: int) -> str:
        """By its name; what may be either is called lossy."""
        name = self.label("compression")(code)
        if name in (UNSTATED, _UNCOMPRESSED):
            return UNSTATED if name == UNSTATED else "Uncompressed"
        is_lossless = name in _ALWAYS_LOSSLESS or name.endswith(" lossless")
        return f"{name.removesuffix(' lossless')}, {'lossless' if is_lossless else 'lossy'}"

    def _split(self, name: str, places: NDArray[np.intp], labels: Sequence[str]) -> Partition:
        counts = np.bincount(places, minlength=len(labels))
        sets = len(self.offsets) - 1
        who = np.zeros((len(labels), sets), np.bool_)
        who.reshape(-1)[places * sets + self.who] = True  # one index is faster than two
        return Partition(
            name,
            tuple(
                Group(label, int(count), who[at])
                for at, (label, count) in enumerate(zip(labels, counts, strict=True))
                if count
            ),
        )

    def _codes(self, column: Column) -> NDArray[np.uint32]:
        held = self._store.narrow if column.place == NARROW else self._store.wide
        return held[column.slot, self._rows]

    def _present(self, column: Column) -> list[int]:
        start, end = column.present_offsets[self._number : self._number + 2]
        return column.present[start:end].tolist()
