"""The catalogue: what is published, asked through the index that follows the records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

import numpy as np

from bigpicture.catalogue.companions import VariableFacts
from bigpicture.catalogue.dataset_facts import DatasetFacts, read_dataset
from bigpicture.catalogue.image_facts import ImageFacts, read_image
from bigpicture.catalogue.index.find import count_facets, find, look
from bigpicture.catalogue.index.found import Found, ValueCount
from bigpicture.catalogue.index.lineage import Lineage
from bigpicture.catalogue.index.live import Live
from bigpicture.catalogue.index.planner import own_field
from bigpicture.catalogue.index.tokens import tokens
from bigpicture.catalogue.index.view import View
from bigpicture.catalogue.page import Page
from bigpicture.catalogue.quality import read_quality
from bigpicture.catalogue.quality_told import QualityTold, tell_quality
from bigpicture.catalogue.search import search_datasets
from bigpicture.catalogue.selection import Selection, Stretch
from bigpicture.model.errors import UnknownError
from bigpicture.model.query import Asked, Query
from bigpicture.model.question import And, Question
from bigpicture.model.scope import Scope
from bigpicture.storage.records import Records


class Catalogue:
    """Answers are never older than the question: a withdrawn dataset is gone at once.

    `folder` is where the index keeps its file, None for nowhere. Methods may block.
    """

    def __init__(self, records: Records, folder: Path | None, lineage: Lineage) -> None:
        self._records = records
        self._live = Live(records, folder, lineage)
        self._facts: Mapping[str, DatasetFacts] = {}
        self._quality: Mapping[tuple[str, bool], tuple[int, QualityTold]] = {}
        self._lock = Lock()

    def view(self) -> View:
        """The index as the records are now: what belongs to one answer is asked of one view."""
        return self._live.view()

    def search(self, query: Query, scope: Scope) -> Page[DatasetFacts]:
        """Datasets that answer `query` within `scope`.

        Raises `InputError` for a limit or a key to go on from that are none.
        """
        return search_datasets(self._within(scope), query)

    def find(self, asked: Asked, scope: Scope) -> Found:
        """Images that answer, of the datasets that `scope` opens: one page, and counts of all.

        Raises `InputError` for a limit, a facet, or a key to go on from that are none.
        """
        return find(self.view(), asked, scope)

    def select(self, question: Question, scope: Scope) -> Selection:
        """Every image that answers, of the datasets that `scope` opens."""
        stretches: list[Stretch] = []
        for each in look(self.view(), question, scope):
            store = each.layer.store
            for number in np.flatnonzero(each.scanned.per_dataset).tolist():
                held = store.rows_of(number)
                rows = np.flatnonzero(each.scanned.found[held]) + held.start
                stretches.append(Stretch(store.datasets[number], store, rows))
        return Selection(stretches)

    def values(
        self, field: str, words: str, question: Question, scope: Scope, limit: int
    ) -> tuple[ValueCount, ...]:
        """Values of a facet, each of whose words begin so, with what each would count."""
        view = self.view()
        parts = question.parts if isinstance(question, And) else (question,)
        others = And(tuple(part for part in parts if own_field(part) != field))
        looked = look(view, others, scope, (field,))
        facets, _ = count_facets(view, looked, (field,), most=1 << 30)
        spoken = tokens(words)
        alike = (
            each
            for each in facets[field]
            if all(any(told.startswith(one) for told in tokens(each.term.label)) for one in spoken)
        )
        return tuple(value for value, _ in zip(alike, range(limit), strict=False))

    def dataset(self, accession: str) -> DatasetFacts:
        """One dataset; raises `UnknownError` when none of that accession is published."""
        facts = self._present([accession]).get(accession)
        if facts is None:
            raise UnknownError("there is no such dataset.", place=accession)
        return facts

    def quality(self, accession: str, *, is_open: bool) -> QualityTold:
        """How completely the images of a dataset are described, as it may be told.

        Counted once a version. Raises `UnknownError` when none of that accession is published.
        """
        view = self._live.view()
        if accession not in view.where:
            raise UnknownError("there is no such dataset.", place=accession)
        layer, number = view.where[accession]
        store, key = view.layers[layer].store, (accession, is_open)
        seq, told = self._quality.get(key, (-1, None))
        if told is None or seq != store.seqs[number]:
            told = tell_quality(read_quality(store, number), is_open=is_open)
            with self._lock:
                kept = {each: one for each, one in self._quality.items() if each[0] in view.where}
                self._quality = {**kept, key: (store.seqs[number], told)}
        return told

    def image(self, accession: str) -> ImageFacts:
        """One image; raises `UnknownError` when none of that accession is published.

        And `ErasedError` when it was, until its subject was erased.
        """
        with self._records.read() as connection:
            return read_image(connection, accession)

    def variables(self, scope: Scope) -> list[VariableFacts]:
        """The companion variables of the datasets that `scope` opens."""
        view = self.view()
        opened = [
            name
            for name, (layer, number) in view.where.items()
            if scope.opens(name) and view.layers[layer].store.companion.get(str(number))
        ]
        facts = self._present(opened)
        return [each for name in opened if name in facts for each in facts[name].variables]

    def count(self, scope: Scope) -> dict[str, int]:
        """How many datasets and images are published, of those that `scope` lists."""
        view = self.view()
        listed = [name for name in view.where if scope.lists(name)]
        images = 0
        for at, number in (view.where[name] for name in listed):
            held = view.layers[at].store.rows_of(number)
            images += held.stop - held.start
        return {"datasets": len(listed), "images": images}

    def prepare(self) -> None:
        """Make the index ready, so that the first question need not wait."""
        self.view()

    def settle(self) -> None:
        """Wait for what is made anew in the background."""
        self._live.settle()

    def _within(self, scope: Scope) -> Iterable[DatasetFacts]:
        view = self.view()
        return self._present([name for name in view.where if scope.lists(name)], view).values()

    def _present(
        self, accessions: Iterable[str], view: View | None = None
    ) -> dict[str, DatasetFacts]:
        """The facts of those that are published; read anew where a dataset has changed."""
        view = view or self.view()
        known = self._facts
        there = [(name, *view.where[name]) for name in accessions if name in view.where]
        new = [
            each
            for each in there
            if each[0] not in known
            or known[each[0]].row["seq"] != view.layers[each[1]].store.seqs[each[2]]
        ]
        if new:
            with self._records.read() as connection:
                read = {
                    name: facts
                    for name, layer, number in new
                    if (facts := read_dataset(connection, view.layers[layer].store, number))
                }
            with self._lock:
                kept = {name: each for name, each in self._facts.items() if name in view.where}
                self._facts = known = {**kept, **read}
        return {name: known[name] for name, *_ in there if name in known}
