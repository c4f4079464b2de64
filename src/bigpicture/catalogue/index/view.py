"""A view: the stores that make up the index at one moment, and what lies above their terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.rollup import Rollup
from bigpicture.catalogue.index.store import Column, Store
from bigpicture.catalogue.index.tally import TermTally
from bigpicture.model.field import FIELDS
from bigpicture.model.scope import Scope

_SCOPES = 100
"""Whose datasets are remembered."""
_VALUES = 10_000
"""Values of questions that are remembered with what they name."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One store; `alive` are the datasets that are not newer elsewhere, or gone.

    `lineage` knows the store's own terms.
    """

    store: Store
    alive: NDArray[np.bool_]
    lineage: Lineage
    _rollups: dict[str, Rollup] = field(default_factory=dict[str, Rollup])
    _named: dict[tuple[str, str], NDArray[np.intp]] = field(
        default_factory=dict[tuple[str, str], NDArray[np.intp]]
    )
    _seen: dict[Scope, NDArray[np.bool_]] = field(default_factory=dict[Scope, NDArray[np.bool_]])

    @classmethod
    def of(cls, store: Store, lineage: Lineage) -> Layer:
        """A store whose datasets are all alive."""
        labels = {
            key: label
            for column in store.ordered
            if column.name in FIELDS and FIELDS[column.name].is_hierarchical
            for key, label in zip(column.keys, column.labels, strict=True)
        }
        alive = np.ones(len(store.datasets), np.bool_)
        return cls(store, alive, lineage.with_terms(labels))

    def visible(self, scope: Scope) -> NDArray[np.bool_]:
        """The datasets whose images may be shown."""
        found = self._seen.get(scope)
        if found is None:
            opened = (scope.opens(name) for name in self.store.datasets)
            found = self.alive & np.fromiter(opened, np.bool_, len(self.alive))
            if len(self._seen) >= _SCOPES:
                self._seen.clear()
            found.flags.writeable = False
            self._seen[scope] = found
        return found

    def named(self, name: str, value: str) -> NDArray[np.intp]:
        """The terms of a field that a value names, or that lie under what it names."""
        asked = (name, value.casefold())
        found = self._named.get(asked)
        if found is None:
            if len(self._named) >= _VALUES:
                self._named.clear()
            found = self._named[asked] = np.fromiter(
                self._look_up(self.store.columns[name], value), np.intp
            )
        return found

    def _look_up(self, column: Column, value: str) -> Iterator[int]:
        places = column.by_name.get(value.casefold(), ())
        yield from places
        if FIELDS[column.name].is_hierarchical:
            named = {column.keys[each] for each in places} | set(self.lineage.find(value))
            for key in {low for each in named for low in self.lineage.descendants(each)}:
                yield from column.by_name.get(key.casefold(), ())

    def rollup(self, name: str) -> Rollup:
        """Made once; of a field of terms."""
        found = self._rollups.get(name)
        if found is None:
            above = self.lineage if FIELDS[name].is_hierarchical else None
            found = self._rollups[name] = Rollup.of(self.store.columns[name], above)
        return found

    def with_alive(self, alive: NDArray[np.bool_]) -> Layer:
        return Layer(self.store, alive, self.lineage, self._rollups)


@dataclass(frozen=True, slots=True)
class View:
    """Each dataset is alive in one layer."""

    layers: Sequence[Layer]
    where: Mapping[str, tuple[int, int]]
    """Dataset to its layer and its number there."""
    names: tuple[str, ...]
    """The datasets; one object as long as the view stands."""
    _tallies: dict[str, TermTally] = field(default_factory=dict[str, TermTally])

    @classmethod
    def of(cls, layers: Sequence[Layer]) -> View:
        where = {
            layer.store.datasets[number]: (at, int(number))
            for at, layer in enumerate(layers)
            for number in np.flatnonzero(layer.alive)
        }
        return cls(layers, where, tuple(where))

    def tally(self, name: str) -> TermTally:
        """Of a field of terms; made once."""
        found = self._tallies.get(name)
        if found is None:
            rollups = [layer.rollup(name) for layer in self.layers]
            found = self._tallies[name] = TermTally(rollups)
        return found
