"""A view: the stores that make up the index at one moment, and what lies above their terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.rollup import Rollup
from bigpicture.catalogue.index.store import Store
from bigpicture.model.field import FIELDS
from bigpicture.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Layer:
    """One store; `alive` are the datasets that are not newer elsewhere, or gone.

    `lineage` knows the store's own terms.
    """

    store: Store
    alive: NDArray[np.bool_]
    lineage: Lineage
    _rollups: dict[str, Rollup] = field(default_factory=dict[str, Rollup])

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
        opened = (scope.opens(name) for name in self.store.datasets)
        return self.alive & np.fromiter(opened, np.bool_, len(self.alive))

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

    @classmethod
    def of(cls, layers: Sequence[Layer]) -> View:
        where = {
            layer.store.datasets[number]: (at, int(number))
            for at, layer in enumerate(layers)
            for number in np.flatnonzero(layer.alive)
        }
        return cls(layers, where)
