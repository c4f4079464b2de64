"""Found: an answer of the index: images as lists show them, with counts of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bigpicture.catalogue.index.store import Store
from bigpicture.catalogue.page import FacetCount
from bigpicture.catalogue.terms import Diagnosis, Term
from bigpicture.model.inheritance import Qualifier


@dataclass(frozen=True, slots=True)
class ImageFound:
    """One image; `columns`, `rows` in pixels and mpp in µm at level 0, `age` in years."""

    accession: str
    alias: str
    dataset: str
    dataset_title: str
    columns: int
    rows: int
    mpp_x: float
    mpp_y: float
    magnification: float | None
    age: float | None
    year: int
    is_pictured: bool
    stains: tuple[Term, ...]
    organs: tuple[Term, ...]
    species: tuple[Term, ...]
    sexes: tuple[Term, ...]
    scanners: tuple[Term, ...]
    diagnoses: tuple[Diagnosis, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """A word that nothing is known by, and those nearest to it that were looked for instead."""

    given: str
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueCount(FacetCount):
    """`parent` is the key under which it hangs; None at the top, and where nothing hangs."""

    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`next` is the `after` of the following page; `more` tells how many values were left out."""

    items: tuple[ImageFound, ...]
    next: str | None
    total: int
    beings: int
    datasets: int
    facets: Mapping[str, tuple[ValueCount, ...]]
    more: Mapping[str, int]
    companion: Mapping[str, tuple[FacetCount, ...]]
    understood: tuple[Understood, ...]


def images_found(store: Store, rows: Sequence[int]) -> Iterator[ImageFound]:
    """Rows as lists show them."""
    places = np.array(rows, np.intp)
    datasets = store.dataset_of(places).tolist()
    codes = {name: store.codes(store.columns[name], places).tolist() for name in _SHOWN}
    for at, (row, dataset) in enumerate(zip(rows, datasets, strict=True)):
        info = store.infos[dataset]
        terms = {name: store.columns[name].of_set(codes[name][at]) for name in _TERMS}
        confirmed = set(terms["confirmed"])
        yield ImageFound(
            accession=store.accession(row),
            alias=store.alias(row),
            dataset=store.datasets[dataset],
            dataset_title=str(info["title"]),
            columns=int(store.arrays["width"][row]),
            rows=int(store.arrays["height"][row]),
            mpp_x=float(store.arrays["mpp_x"][row]),
            mpp_y=float(store.arrays["mpp_y"][row]),
            magnification=_number(store, "magnification", codes["magnification"][at]),
            age=_number(store, "age", codes["age"][at]),
            year=int(info["year"]),
            is_pictured=bool(store.arrays["pictured"][row]),
            stains=terms["stain"],
            organs=terms["organ"],
            species=terms["species"],
            sexes=terms["sex"],
            scanners=terms["scanner"],
            diagnoses=tuple(_diagnosis(term, term in confirmed) for term in terms["diagnosis"]),
        )


_TERMS = ("stain", "organ", "species", "sex", "scanner", "diagnosis", "confirmed")
_SHOWN = (*_TERMS, "magnification", "age")


def _number(store: Store, name: str, code: int) -> float | None:
    values = store.columns[name].values
    assert values is not None
    value = float(values[code])
    return None if value != value else value


def _diagnosis(term: Term, is_confirmed: bool) -> Diagnosis:
    scheme, _, code = term.key.rpartition(":")
    sure = Qualifier.CONFIRMED if is_confirmed else Qualifier.CANDIDATE
    return Diagnosis(code, scheme, term.label, sure)
