"""A selection: every image that answers a question, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.found import ImageFound, images_found
from bigpicture.catalogue.index.store import Store
from bigpicture.catalogue.terms import Term
from bigpicture.model.field import FIELDS, FieldKind


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one dataset, ascending."""

    dataset: str
    store: Store
    rows: NDArray[np.intp]


class Selection:
    """In the order of datasets, then of images in them."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = sorted(stretches, key=lambda each: each.dataset)

    def __len__(self) -> int:
        return sum(len(each.rows) for each in self._stretches)

    def __iter__(self) -> Iterator[ImageFound]:
        for each in self._stretches:
            yield from images_found(each.store, each.rows.tolist())

    @property
    def accessions(self) -> list[str]:
        return [
            name.decode()
            for each in self._stretches
            for name in each.store.arrays["accessions"][each.rows].tolist()
        ]

    @property
    def datasets(self) -> list[str]:
        """The dataset of each image."""
        return [each.dataset for each in self._stretches for _ in range(len(each.rows))]

    @property
    def beings(self) -> list[str]:
        """Who each image shows: opaque, the same for images of one being; several join by `;`.

        An image of nobody known stands for itself.
        """
        return [
            ";".join(each.store.beings_of(int(row))) or each.store.accession(int(row))
            for each in self._stretches
            for row in each.rows
        ]

    def terms(self, field: str) -> list[tuple[Term, ...]]:
        """The terms of each image in a field of terms."""
        found: list[tuple[Term, ...]] = []
        for each in self._stretches:
            column = each.store.columns[field]
            codes = each.store.codes(column, each.rows).tolist()
            known = {code: column.of_set(code) for code in set(codes)}
            found += [known[code] for code in codes]
        return found

    def column(self, field: str) -> list[tuple[str, ...]]:
        """The labels of each image in a field of terms."""
        return [tuple(term.label for term in terms) for terms in self.terms(field)]

    def numbers(self, field: str) -> list[float | None]:
        """The number of each image in a field of numbers."""
        assert FIELDS[field].kind is FieldKind.NUMBER
        found: list[float | None] = []
        for each in self._stretches:
            values = each.store.number(field)[each.rows].tolist()
            found += [None if value != value else value for value in values]
        return found
