"""Rollup: counts of codes as counts of terms, and of all that lies above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.store import Column, stretches

_Known = TypeVar("_Known")

_GATHERED = 3
"""What it costs to pick a node out, where to pass over one is 1."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """What each set of a column counts for: its keys, each once, and their ancestors.

    `nodes[offsets[code] : offsets[code + 1]]` are places in `keys`, `codes` beside them repeat the
    code. Of `keys` the
    first `own` are those of the column's terms: `of_terms` tells the key of each term. `parents`
    are the keys that lie directly above, `labels` what the lineage calls a key, both by key.
    """

    column: Column
    keys: tuple[str, ...]
    own: int
    of_terms: NDArray[np.int64]
    offsets: NDArray[np.int64]
    codes: NDArray[np.int64]
    nodes: NDArray[np.int64]
    parents: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, column: Column, lineage: Lineage | None) -> Rollup:
        """Without a lineage nothing lies above."""
        places: dict[str, int] = {}
        of_terms = np.array([places.setdefault(key, len(places)) for key in column.keys], np.int64)
        own = len(places)
        above: list[list[int]] = [[each] for each in range(own)]
        if lineage is not None:
            for each, key in enumerate(tuple(places)):
                above[each] += [
                    places.setdefault(one, len(places)) for one in lineage.ancestors(key)
                ]
        lengths = np.array([len(each) for each in above], np.int64)
        flat = np.array([node for each in above for node in each], np.int64)
        starts = np.concatenate(([0], np.cumsum(lengths)))[:-1]
        owns = of_terms[column.items]
        wide = lengths[owns] if len(owns) else np.empty(0, np.int64)
        within = np.arange(int(wide.sum())) - np.repeat(np.cumsum(wide) - wide, wide)
        sets = np.repeat(np.arange(column.size), np.diff(column.offsets)) if len(owns) else owns
        nodes = flat[np.repeat(starts[owns], wide) + within] if len(owns) else owns
        size = max(len(places), 1)
        once = np.unique(np.repeat(sets, wide) * size + nodes)
        return cls(
            column,
            tuple(places),
            own,
            of_terms,
            np.searchsorted(once, np.arange(column.size + 1) * size),
            once // size,
            once % size,
            _of_keys(places, lineage.parents if lineage else {}),
            _of_keys(places, lineage.labels if lineage else {}),
        )

    def counts(self, of_codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many images each key counts."""
        there = np.flatnonzero(of_codes)
        lengths = self.offsets[there + 1] - self.offsets[there]
        if int(lengths.sum()) * _GATHERED > len(self.nodes):
            return _summed(self.nodes, of_codes[self.codes], len(self.keys))
        nodes = self.nodes[stretches(self.offsets, there)]
        return _summed(nodes, np.repeat(of_codes[there], lengths), len(self.keys))

    def counts_of_terms(self, of_codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many images have each term of the column."""
        column = self.column
        each = np.repeat(of_codes, np.diff(column.offsets))
        return _summed(column.items, each, len(column.keys))


def _summed(places: NDArray[np.int64], counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    return np.bincount(places, weights=counts, minlength=size).astype(np.int64)


def _of_keys(places: Mapping[str, int], known: Mapping[str, _Known]) -> Mapping[str, _Known]:
    return {key: known[key] for key in places if known.get(key)}
