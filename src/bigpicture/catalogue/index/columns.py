"""Columns under way: what datasets tell of their images, brought under codes of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.container import Pieces
from bigpicture.catalogue.index.segment import Codes, Numbers, Terms
from bigpicture.catalogue.index.spool import Spool, Spools


class Coded:
    """An image's code, and which codes each dataset has how often.

    So what cannot answer is not looked at, and what answers as a whole is not counted again.
    """

    def __init__(self, spools: Spools) -> None:
        self.codes = spools.new(np.uint32)
        self._present = spools.new(np.uint32)
        self._counts = spools.new(np.uint32)
        self._lengths: list[int] = []
        self.constant: list[int] = []
        """By dataset: the code that all its images have, or -1."""

    def append(self, present: NDArray[np.uint32], counts: NDArray[Any], codes: Codes) -> None:
        """Append a dataset's rows: the codes there are, how often each, and that of each row."""
        self.codes.append(codes)
        self._append(present, counts)

    def append_shared(self, code: int, rows: int) -> None:
        """Append a dataset all of whose rows have one code."""
        self._append(np.array([code], np.uint32), np.array([rows]))

    def _append(self, present: NDArray[np.uint32], counts: NDArray[Any]) -> None:
        self._present.append(present)
        self._counts.append(counts.astype(np.uint32))
        self._lengths.append(len(present))
        self.constant.append(int(present[0]) if len(present) == 1 else -1)

    def laid(self) -> dict[str, Pieces]:
        """By dataset, what is present there."""
        return {
            "offsets": Pieces.of(offsets_of(self._lengths)),
            "codes": self._present.laid(),
            "counts": self._counts.laid(),
        }


class Sets:
    """A column of sets: terms and sets of all datasets get codes of their own as they come."""

    def __init__(self, spools: Spools) -> None:
        self.terms: dict[tuple[str, str], int] = {}
        self._sets: dict[tuple[int, ...], int] = {}
        self.coded = Coded(spools)

    def __len__(self) -> int:
        return len(self._sets)

    def take(self, column: Terms) -> None:
        """Append a dataset's rows."""
        terms, sets = self.terms, self._sets
        places = [
            terms.setdefault(pair, len(terms))
            for pair in zip(column.keys, column.labels, strict=True)
        ]
        items = [places[each] for each in column.items.tolist()]
        offsets = column.offsets.tolist()
        codes = np.array(
            [
                sets.setdefault(tuple(items[start:end]), len(sets))
                for start, end in pairwise(offsets)
            ],
            np.uint32,
        )
        counts = np.bincount(column.codes, minlength=len(codes))
        self.coded.append(codes, counts, codes[column.codes] if len(codes) else codes)

    def take_one(self, terms: Iterable[tuple[str, str]], rows: int) -> None:
        """Append a dataset whose rows share one value."""
        places = tuple(self.terms.setdefault(each, len(self.terms)) for each in terms)
        self.coded.append_shared(self._sets.setdefault(places, len(self._sets)), rows)

    def laid(self) -> tuple[Pieces, Pieces]:
        """Offsets by code, and terms."""
        items = np.fromiter((each for one in self._sets for each in one), np.int32)
        return Pieces.of(offsets_of(list(map(len, self._sets)))), Pieces.of(items)


class Beings:
    """Sets of beings: as many as datasets have together, since none is of two datasets."""

    def __init__(self, spools: Spools) -> None:
        self.codes = spools.new(np.uint32)
        self._names = spools.new("S1")
        self._items = spools.new(np.int32)
        self._offsets = spools.new(np.int64)
        self._offsets.append(np.zeros(1, np.int64))
        self._starts = [0]
        self._with_none: list[bool] = []
        self._of_none: int | None = None
        """The code of the images that show nobody: one for all datasets."""

    def take(self, column: Terms) -> None:
        """Append a dataset's rows."""
        lengths = np.diff(column.offsets)
        is_new = (lengths > 0) if self._of_none is not None else np.ones(len(lengths), np.bool_)
        codes = np.cumsum(is_new) - 1 + len(self._offsets) - 1
        if self._of_none is None and not lengths.all():
            self._of_none = int(codes[np.flatnonzero(lengths == 0)[0]])
        codes[~is_new] = self._of_none if self._of_none is not None else 0
        self.codes.append(codes.astype(np.uint32)[column.codes])
        self._offsets.append(len(self._items) + column.offsets[1:][is_new])
        self._items.append(column.items + len(self._names))
        self._names.append(encoded(column.keys))
        self._starts.append(len(self._offsets) - 1)
        self._with_none.append(not lengths.all())

    def laid(self) -> dict[str, Pieces]:
        return {
            "beings/offsets": self._offsets.laid(),
            "beings/items": self._items.laid(),
            "beings/codes": self.codes.laid(),
            "beings/names": self._names.laid(),
            "beings/starts": Pieces.of(np.array(self._starts, np.int64)),
            "beings/with_none": Pieces.of(np.array(self._with_none, np.bool_)),
            "beings/none": Pieces.of(
                np.array([] if self._of_none is None else [self._of_none], np.int64)
            ),
        }


class Values:
    """A column of numbers: codes are of the dataset until all values are known."""

    def __init__(self, spools: Spools) -> None:
        self._local = spools.new(np.uint32)
        self._values: list[NDArray[np.float64]] = []
        self._counts: list[int] = []

    def take(self, column: Numbers) -> None:
        """Append a dataset's rows."""
        self._local.append(column.codes)
        self._values.append(column.values.copy())
        self._counts.append(len(column.codes))

    def coded(self, spools: Spools) -> tuple[NDArray[np.float64], Coded]:
        """All values, ascending, and the rows by their codes."""
        values = np.unique(np.concatenate([np.empty(0), *self._values]))
        found = Coded(spools)
        at = 0
        for own, count in zip(self._values, self._counts, strict=True):
            local = self._local.read(at, at + count)
            codes = np.searchsorted(values, own).astype(np.uint32)[local] if count else local
            found.append(*np.unique(codes, return_counts=True), codes)
            at += count
        return values, found


class Companions:
    """Columns that only one dataset has, by its number."""

    def __init__(self, spools: Spools) -> None:
        self.told: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        self._spools: dict[np.dtype[np.generic], Spool] = {}
        self._new = spools.new
        self._laid: dict[str, Pieces] = {}

    def take(self, dataset: int, name: str, column: Terms) -> None:
        """Append a variable of a dataset."""
        at = f"companion/{dataset}/{name}"
        self.told.setdefault(str(dataset), {})[name] = (column.keys, column.labels)
        for part in ("codes", "offsets", "items"):
            self._laid[f"{at}/{part}"] = self._kept(getattr(column, part))

    def laid(self) -> dict[str, Pieces]:
        return self._laid

    def _kept(self, array: NDArray[np.generic]) -> Pieces:
        spool = self._spools.setdefault(array.dtype, self._new(array.dtype))
        start = len(spool)
        spool.append(array)
        stop = len(spool)
        return Pieces(array.dtype, array.shape, lambda: (spool.read(start, stop),))


def encoded(texts: Iterable[str]) -> NDArray[np.bytes_]:
    """As byte strings of one width."""
    return np.array([each.encode() for each in texts], "S")


def offsets_of(lengths: list[int]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64)
