"""The catalogue: facts about every published dataset, kept beside the records and asked."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock

from sqlalchemy import Connection, select

from bigpicture.catalogue.companions import VariableFacts
from bigpicture.catalogue.facts import DatasetFacts, ImageFacts, read_facts
from bigpicture.catalogue.page import Page
from bigpicture.catalogue.search import search_datasets, search_images
from bigpicture.catalogue.selection import Selection, select_images
from bigpicture.model.errors import ErasedError, UnknownError
from bigpicture.model.query import Query
from bigpicture.model.question import Question
from bigpicture.model.scope import Scope
from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import datasets, images


class Catalogue:
    """What is published, in this process's memory: about 1 kB an image.

    Each question looks first at which datasets are published in which version (one row a
    dataset) and reads anew only those that changed: a published version never does. So answers
    are never older than the question, and a withdrawn dataset is gone at once.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._facts: dict[str, DatasetFacts] = {}
        self._lock = Lock()

    def search(self, query: Query, scope: Scope) -> Page[DatasetFacts]:
        """Datasets that answer `query` within `scope`. May block.

        Raises `InputError` for a limit or a key to go on from that are none.
        """
        return search_datasets(self._within(scope), query)

    def search_images(self, query: Query, scope: Scope) -> Page[ImageFacts]:
        """Images that answer `query`, of the datasets that `scope` opens. May block."""
        asked = (
            facts
            for facts in self._within(scope)
            if scope.opens(facts.accession) and query.dataset in ("", facts.accession)
        )
        return search_images(asked, query)

    def dataset(self, accession: str) -> DatasetFacts:
        """One dataset; raises `UnknownError` when none of that accession is published."""
        facts = self._present().get(accession)
        if facts is None:
            raise UnknownError("there is no such dataset.", place=accession)
        return facts

    def image(self, accession: str) -> ImageFacts:
        """One image; raises `UnknownError` when none of that accession is published.

        And `ErasedError` when it was, until its subject was erased.
        """
        with self._records.read() as connection:
            question = select(images.c.dataset).where(images.c.accession == accession)
            dataset = connection.execute(question).scalar()
        if dataset is None:
            raise UnknownError("there is no such image.", place=accession)
        try:
            return self.dataset(dataset).image(accession)
        except UnknownError:
            raise ErasedError(
                "this image was erased: the key of its subject was destroyed."
            ) from None

    def accessions(self) -> list[str]:
        """Every published dataset."""
        return list(self._present())

    def images(self, scope: Scope) -> Iterator[ImageFacts]:
        """The images of the datasets that `scope` opens."""
        for facts in self._within(scope):
            if scope.opens(facts.accession):
                yield from facts.images

    def select(self, question: Question, scope: Scope) -> Selection:
        """Every image that answers, of the datasets that `scope` opens. May block."""
        within = [facts for facts in self._within(scope) if scope.opens(facts.accession)]
        with self._records.read() as connection:
            return select_images(connection, within, question)

    def variables(self, scope: Scope) -> Iterator[VariableFacts]:
        """The companion variables of the datasets that `scope` opens."""
        for facts in self._within(scope):
            if scope.opens(facts.accession):
                yield from facts.variables

    def count(self) -> dict[str, int]:
        """How many datasets and images are published."""
        present = self._present().values()
        return {"datasets": len(present), "images": sum(len(each.images) for each in present)}

    def _within(self, scope: Scope) -> list[DatasetFacts]:
        return [each for each in self._present().values() if scope.lists(each.accession)]

    def _present(self) -> dict[str, DatasetFacts]:
        with self._records.read() as connection:
            rows = connection.execute(select(datasets.c.accession, datasets.c.seq))
            published: dict[str, int] = {row.accession: row.seq for row in rows}
            known = self._facts
            if not _is_same(known, published):
                known = self._follow(connection, published)
        return {accession: known[accession] for accession in published}

    def _follow(self, connection: Connection, published: dict[str, int]) -> dict[str, DatasetFacts]:
        with self._lock:  # one reads, the others find it done
            facts = {
                accession: self._facts[accession]
                if _is_known(self._facts, accession, seq)
                else read_facts(connection, accession)
                for accession, seq in published.items()
            }
            self._facts = facts
            return facts


def _is_known(facts: dict[str, DatasetFacts], accession: str, seq: int) -> bool:
    return accession in facts and facts[accession].row["seq"] == seq


def _is_same(facts: dict[str, DatasetFacts], published: dict[str, int]) -> bool:
    return facts.keys() == published.keys() and all(
        facts[accession].row["seq"] == seq for accession, seq in published.items()
    )
