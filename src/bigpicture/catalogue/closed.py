"""Closed: datasets that are listed and may hold what is asked for, to one who may not open them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bigpicture.catalogue.disclose import disclosed
from bigpicture.catalogue.index.plan import Planner, possible
from bigpicture.catalogue.index.view import View
from bigpicture.model.question import And, AnyOf, Question
from bigpicture.model.scope import Scope

_RELEASED = frozenset({"organ", "stain", "species", "diagnosis", "dataset", "type", "tier"})
"""What landing pages tell everybody of a dataset as a whole."""


@dataclass(frozen=True, slots=True)
class ClosedDataset:
    """`beings` is disclosed, not exact."""

    accession: str
    title: str
    beings: str


def closed_datasets(view: View, question: Question, scope: Scope) -> tuple[ClosedDataset, ...]:
    """Judged by what landing pages tell; conditions of which they say nothing are left aside."""
    parts = question.parts if isinstance(question, And) else (question,)
    told = And(tuple(p for p in parts if isinstance(p, AnyOf) and p.field in _RELEASED))
    found: list[ClosedDataset] = []
    for layer in view.layers:
        store = layer.store
        maybe = layer.alive & possible(Planner(store, layer.lineage).part(told), store)[0]
        for number in np.flatnonzero(maybe).tolist():
            name, info = store.datasets[number], store.infos[number]
            if scope.lists(name) and not scope.opens(name):
                beings = disclosed(int(info["counts"]["beings"]))
                found.append(ClosedDataset(name, str(info["title"]), beings))
    return tuple(sorted(found, key=lambda each: each.title.casefold()))
