"""A page: one stretch of an answer, with the counts of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bigpicture.catalogue.terms import Term
from bigpicture.model.query import Facet

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many items have a term, were its own facet not filtered."""

    term: Term
    count: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`next` is the `after` of the following page, None at the end; `total` counts all pages."""

    items: tuple[Item, ...]
    next: str | None
    total: int
    facets: Mapping[Facet, tuple[FacetCount, ...]]
