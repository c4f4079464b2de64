"""Closed: datasets that are listed and may hold what is asked for, to one who may not open them."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest

import numpy as np

from bigpicture.catalogue.disclose import disclosed
from bigpicture.catalogue.index.plan import Planner, possible
from bigpicture.catalogue.index.store import Store
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


def closed_datasets(
    view: View, question: Question, scope: Scope, limit: int
) -> tuple[ClosedDataset, ...]:
    """The first of them by title.

    Judged by what landing pages tell; conditions of which they say nothing are left aside.
    """
    parts = question.parts if isinstance(question, And) else (question,)
    told = And(tuple(p for p in parts if isinstance(p, AnyOf) and p.field in _RELEASED))
    found: list[tuple[str, Store, int]] = []
    for layer in view.layers:
        store = layer.store
        maybe = layer.alive & possible(Planner(layer).part(told), store)[0]
        found += [
            (str(store.infos[number]["title"]), store, number)
            for number in np.flatnonzero(maybe & ~layer.visible(scope)).tolist()
            if scope.lists(store.datasets[number])
        ]
    first = nsmallest(limit, found, key=lambda each: each[0].casefold())
    return tuple(
        ClosedDataset(
            store.datasets[number], title, disclosed(int(store.infos[number]["counts"]["beings"]))
        )
        for title, store, number in first
    )
