"""Tally: what a scan counted, as the values of a field with their labels and their order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.found import ValueCount
from bigpicture.catalogue.index.merge import SIZE_BANDS
from bigpicture.catalogue.index.rollup import Rollup
from bigpicture.catalogue.index.store import Column
from bigpicture.catalogue.page import FacetCount
from bigpicture.catalogue.ranges import count_ranges, plain
from bigpicture.catalogue.terms import Term

Counted: TypeAlias = Mapping[int, NDArray[np.int64]]
"""The number of a layer to what its codes count there."""
_NOWHERE = -1


class TermTally:
    """The terms of one field in the layers of a view, each key once, with all that lies above.

    Made once a view; counts of any scan are ordered by it.
    """

    def __init__(self, rollups: Sequence[Rollup]) -> None:
        self._rollups = rollups
        at: dict[str, int] = {}
        self._places = [
            np.array([at.setdefault(key, len(at)) for key in rollup.keys], np.intp)
            for rollup in rollups
        ]
        self._keys = tuple(at)
        self._is_own = np.zeros(len(at), np.bool_)
        self._parents = np.full(len(at), _NOWHERE, np.intp)
        above: dict[str, str] = {}
        for rollup, places in zip(rollups, self._places, strict=True):
            self._is_own[places[: rollup.own]] = True
            # A term that counts makes all above it count: the first parent is always there.
            self._parents[places] = [
                at.get(next(iter(rollup.parents.get(key, ())), ""), _NOWHERE) for key in rollup.keys
            ]
            above |= rollup.labels
        said: dict[str, set[str]] = defaultdict(set)
        for rollup in rollups:
            for key, label in zip(rollup.column.keys, rollup.column.labels, strict=True):
                said[key].add(label)
        self._terms = [
            Term(key, above.get(key) or min(said.get(key, ()), default=key)) for key in self._keys
        ]
        self._variants = frozenset(
            key for key, labels in said.items() if labels != {self._terms[at[key]].label}
        )
        self._at = at
        self._alike = [
            (child, int(parent))
            for child, parent in enumerate(self._parents.tolist())
            if parent != _NOWHERE
            and not self._folded(said, child).isdisjoint(self._folded(said, int(parent)))
        ]

    def most(
        self, counted: Counted, limit: int, *, with_ancestors: bool
    ) -> tuple[tuple[ValueCount, ...], int]:
        """The most frequent values, and how many more are counted."""
        counts = self._counts(counted)
        terms = self._told(counted)
        parents, is_told = self._parents, counts > 0
        twice = [
            (child, parent)
            for child, parent in self._alike
            if counts[child] == counts[parent] > 0
            and terms[child].label.casefold() == terms[parent].label.casefold()
        ]
        if twice:  # of a term that says no more than the one below it, that one is told
            parents = parents.copy()
            gone = np.zeros(len(counts) + 1, np.bool_)
            gone[[parent for _, parent in twice]] = True
            is_told &= ~gone[:-1]
            while len(under := np.flatnonzero(gone[parents])):
                parents[under] = parents[parents[under]]
        if not with_ancestors:
            is_told &= self._is_own
        told = np.flatnonzero(is_told)
        total = len(told)
        if total > limit:  # those as frequent as the last one that is told are put in order too
            least = np.partition(counts[told], total - limit)[total - limit]
            told = told[counts[told] >= least]
        ordered = sorted(
            (-count, terms[each].label.casefold(), terms[each].key, each)
            for each, count in zip(told.tolist(), counts[told].tolist(), strict=True)
        )[:limit]
        shown = {each for *_, each in ordered}
        return tuple(
            ValueCount(
                terms[each],
                -count,
                self._keys[parents[each]] if int(parents[each]) in shown else None,
            )
            for count, _, _, each in ordered
        ), total - len(shown)

    def _counts(self, counted: Counted) -> NDArray[np.int64]:
        counts = np.zeros(len(self._keys), np.int64)
        for layer, of_codes in counted.items():
            counts[self._places[layer]] += self._rollups[layer].counts(of_codes)
        return counts

    def _told(self, counted: Counted) -> Sequence[Term]:
        """The terms as the counted images call them: of several labels by the most frequent."""
        if not self._variants:
            return self._terms
        said: Counter[Term] = Counter()
        for layer, of_codes in counted.items():
            rollup = self._rollups[layer]
            counts = rollup.counts_of_terms(of_codes)
            for place in np.flatnonzero(counts).tolist():
                key = rollup.column.keys[place]
                if key in self._variants:
                    said[Term(key, rollup.column.labels[place])] += int(counts[place])
        terms = list(self._terms)
        for term, _ in reversed(said.most_common()):
            terms[self._at[term.key]] = term
        return terms

    def _folded(self, said: Mapping[str, set[str]], place: int) -> frozenset[str]:
        labels = {*said.get(self._keys[place], ()), self._terms[place].label}
        return frozenset(label.casefold() for label in labels)


def count_numbers(
    counted: Sequence[tuple[Column, NDArray[np.bool_], NDArray[np.int64]]],
) -> tuple[FacetCount, ...]:
    """Counts of a field of numbers from columns, the datasets that may be seen, counts of codes.

    Ranges stay the same whatever is filtered: they are of all that may be seen.
    """
    counts: Counter[float] = Counter()
    for column, visible, of_codes in counted:
        assert column.values is not None
        is_seen = column.present_in(visible) & ~np.isnan(column.values)
        for value, count in zip(
            column.values[is_seen].tolist(), of_codes[is_seen].tolist(), strict=True
        ):
            counts[value] += count
    if counted and counted[0][0].name == "size":
        return tuple(FacetCount(_band(low), counts[low]) for low in sorted(counts) if counts[low])
    return count_ranges(counts)


def _band(low: float) -> Term:
    at = SIZE_BANDS.index(int(low))
    high = plain(SIZE_BANDS[at + 1]) if at + 1 < len(SIZE_BANDS) else ""
    return Term(f"{plain(low)}..{high}", f"{plain(low)} – {high}" if high else f"from {plain(low)}")
