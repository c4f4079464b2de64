"""Rollup: counts of codes as counts of terms, and of all that lies above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.store import Column, stretches


@dataclass(frozen=True, slots=True)
class Rollup:
    """What each set of a column counts for: its keys, each once, and their ancestors.

    `nodes[offsets[code] : offsets[code + 1]]` are places in `keys`. Terms of one key and several
    labels are one. `names` are their labels, `parents` those keys of the column that lie directly
    above, both by key.
    """

    column: Column
    keys: tuple[str, ...]
    offsets: NDArray[np.int64]
    nodes: NDArray[np.int64]
    names: Mapping[str, str]
    parents: Mapping[str, tuple[str, ...]]
    has_variants: bool

    @classmethod
    def of(cls, column: Column, lineage: Lineage | None) -> Rollup:
        """Without a lineage nothing lies above."""
        places: dict[str, int] = {}
        of_terms = np.array([places.setdefault(key, len(places)) for key in column.keys], np.int64)
        above: list[list[int]] = [[own] for own in range(len(places))]
        if lineage is not None:
            for own, key in enumerate(tuple(places)):
                above[own] += [
                    places.setdefault(each, len(places)) for each in lineage.ancestors(key)
                ]
        lengths = np.array([len(each) for each in above], np.int64)
        flat = np.array([node for each in above for node in each], np.int64)
        starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
        owns = of_terms[column.items]
        wide = lengths[owns] if len(owns) else np.empty(0, np.int64)
        total = int(wide.sum())
        within = np.arange(total) - np.repeat(np.cumsum(wide) - wide, wide)
        nodes = flat[np.repeat(starts[owns], wide) + within] if total else np.empty(0, np.int64)
        sets = (
            np.repeat(np.repeat(np.arange(column.size), np.diff(column.offsets)), wide)
            if total
            else np.empty(0, np.int64)
        )
        size = max(len(places), 1)
        once = np.unique(sets * size + nodes)
        counts = np.bincount(once // size, minlength=column.size)
        return cls(
            column,
            tuple(places),
            np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            once % size,
            _names(column, places, lineage),
            _parents(places, lineage),
            len(set(column.keys)) < len(column.keys),
        )

    def counts(self, of_codes: NDArray[np.int64]) -> dict[str, int]:
        """How many images each key counts, where it counts one."""
        codes = np.flatnonzero(of_codes)
        lengths = self.offsets[codes + 1] - self.offsets[codes]
        nodes = self.nodes[stretches(self.offsets, codes)]
        summed = np.bincount(
            nodes, weights=np.repeat(of_codes[codes], lengths), minlength=len(self.keys)
        )
        return {self.keys[each]: int(summed[each]) for each in np.flatnonzero(summed)}

    def labels(self, of_codes: NDArray[np.int64]) -> Mapping[str, str]:
        """What the counted images call each key; of several labels the most frequent."""
        if not self.has_variants:
            return self.names
        column = self.column
        codes = np.flatnonzero(of_codes)
        said: Counter[int] = Counter()
        for code in codes:
            for term in column.items[column.offsets[code] : column.offsets[code + 1]]:
                said[int(term)] += int(of_codes[code])
        most = {column.keys[term]: column.labels[term] for term, _ in reversed(said.most_common())}
        return {**self.names, **most}


def _names(column: Column, places: Mapping[str, int], lineage: Lineage | None) -> Mapping[str, str]:
    above = {key: lineage.labels.get(key, key) for key in places} if lineage else {}
    return above | dict(zip(column.keys, column.labels, strict=True))


def _parents(places: Mapping[str, int], lineage: Lineage | None) -> Mapping[str, tuple[str, ...]]:
    if lineage is None:
        return {}
    above = {key: lineage.parents.get(key, ()) for key in places}
    return {key: parents for key, parents in above.items() if parents}
