"""What is asked of the catalogue: query parameters as a query, facets as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self, TypeAlias

from fastapi import Query as Parameter
from pydantic import BaseModel, Field

from bigpicture.catalogue.index.found import ValueCount
from bigpicture.catalogue.page import FacetCount
from bigpicture.model.query import Facet

Text = Annotated[str, Parameter(max_length=400, description="words, each of which must occur")]
Values = Annotated[
    list[str] | None,
    Parameter(max_length=100, description="any of these; repeat the parameter for more"),
]

Filters: TypeAlias = Mapping[Facet, tuple[str, ...]]


class FacetShown(BaseModel):
    value: str
    label: str
    count: int


class ValueShown(FacetShown):
    parent: str | None = Field(
        default=None, description="the value under which it hangs, of those that are told"
    )

    @classmethod
    def of(cls, counted: ValueCount) -> Self:
        term = counted.term
        return cls(value=term.key, label=term.label, count=counted.count, parent=counted.parent)


def filters_of(**given: list[str] | None) -> dict[Facet, tuple[str, ...]]:
    """Filters from parameters named like facets; an empty value is none."""
    return {
        Facet(name): tuple(value for value in values if value)
        for name, values in given.items()
        if values
    }


def show_facets(facets: Mapping[Facet, tuple[FacetCount, ...]]) -> dict[Facet, list[FacetShown]]:
    """Facets as lists show them."""
    return {
        facet: [
            FacetShown(value=each.term.key, label=each.term.label, count=each.count)
            for each in counts
        ]
        for facet, counts in facets.items()
    }
