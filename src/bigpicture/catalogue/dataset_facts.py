"""Dataset facts: what the catalogue knows of a dataset as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.catalogue.companions import VariableFacts, read_variables
from bigpicture.catalogue.index.store import Store
from bigpicture.catalogue.terms import Term
from bigpicture.model.policy import DatasetType
from bigpicture.model.query import Facet
from bigpicture.storage.records import tables as t

_OF_IMAGES = (Facet.ORGAN, Facet.STAIN, Facet.SPECIES, Facet.DIAGNOSIS)
_OF_DATASET = (Facet.TYPE, Facet.TIER)


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """One published dataset: its row, and what can be said of its images together."""

    row: Mapping[str, Any]
    counts: Mapping[str, int]
    """images, beings, cases, observations, annotations."""
    facets: Mapping[Facet, tuple[Term, ...]]
    thumbnails: int
    words: str
    resolutions: tuple[float, ...]
    """Distinct µm per pixel of finest levels, ascending."""
    size_bytes: int
    """Of the images as a reader gets them."""
    variables: tuple[VariableFacts, ...] = ()
    """Of its companion tables."""

    @property
    def accession(self) -> str:
        return str(self.row["accession"])

    @property
    def is_clinical(self) -> bool:
        return DatasetType.read(str(self.row["dataset_type"])).is_clinical

    def terms(self, facet: Facet) -> tuple[Term, ...]:
        return self.facets[facet]


def read_dataset(connection: Connection, store: Store, number: int) -> DatasetFacts | None:
    """The facts of the dataset that has this number in a store; None where it is gone by now."""
    accession, info = store.datasets[number], store.infos[number]
    found = connection.execute(select(t.datasets).where(t.datasets.c.accession == accession))
    row = found.mappings().first()
    if row is None:
        return None
    variables = read_variables(connection, accession)
    facets = {facet: _present(store, number, facet) for facet in (*_OF_IMAGES, *_OF_DATASET)}
    facets[Facet.COMPANION] = tuple(dict.fromkeys(each.term for each in variables))
    shown = (term.label for terms in facets.values() for term in terms)
    labels = (each.label for each in variables)
    mpp = store.columns["mpp"]
    assert mpp.values is not None
    resolutions = mpp.values[_codes(store, number, "mpp")]
    return DatasetFacts(
        row=dict(row),
        counts=info["counts"],
        facets=facets,
        thumbnails=info["thumbnails"],
        words="\n".join((info["words"], *shown, *labels)).casefold(),
        resolutions=tuple(sorted({round(float(each), 4) for each in resolutions})),
        size_bytes=info["bytes"],
        variables=variables,
    )


def _codes(store: Store, number: int, name: str) -> list[int]:
    column = store.columns[name]
    start, end = column.present_offsets[number : number + 2]
    return column.present[start:end].tolist()


def _present(store: Store, number: int, name: str) -> tuple[Term, ...]:
    column = store.columns[name]
    codes = _codes(store, number, name)
    return tuple(dict.fromkeys(term for code in codes for term in column.of_set(code)))
