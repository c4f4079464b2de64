"""Search: find datasets from facts; every facet counts without its own filter."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping

from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.page import FacetCount, Page
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import InputError
from bigpicture.model.query import LONGEST_PAGE, Facet, Query


def search_datasets(datasets: Iterable[DatasetFacts], query: Query) -> Page[DatasetFacts]:
    """Datasets, the newest first; counts are datasets."""
    if not 1 <= query.limit <= LONGEST_PAGE:
        raise InputError("limit is out of range.", place="limit", rule=f"1 to {LONGEST_PAGE}")
    behind = _parse_key(query.after)
    words = query.text.casefold().split()
    wanted = {
        facet: frozenset(value.casefold() for value in values)
        for facet, values in query.filters.items()
        if values
    }
    counts: dict[Facet, Counter[Term]] = {facet: Counter() for facet in Facet}
    found: list[DatasetFacts] = []
    for facts in sorted(datasets, key=_key):
        if any(word not in facts.words for word in words):
            continue
        missed = [facet for facet in wanted if not _holds(facts.terms(facet), wanted[facet])]
        if not missed:
            found.append(facts)
        if len(missed) <= 1:
            # What misses one facet only still counts there: its own filter is left out.
            for facet in missed or Facet:
                counts[facet].update(facts.terms(facet))
    start = 0 if behind is None else bisect_right(found, behind, key=_key)
    items = found[start : start + query.limit]
    is_last = start + len(items) >= len(found)
    return Page(
        items=tuple(items),
        next=None if is_last else "~".join(map(str, _key(items[-1]))),
        total=len(found),
        facets={facet: _ranked(counts[facet]) for facet in Facet},
    )


def _holds(terms: Iterable[Term], wanted: frozenset[str]) -> bool:
    return any(term.key.casefold() in wanted or term.label.casefold() in wanted for term in terms)


def _ranked(counts: Mapping[Term, int]) -> tuple[FacetCount, ...]:
    """The terms that occur, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0].label.casefold()))
    return tuple(FacetCount(term, count) for term, count in ordered)


def _key(facts: DatasetFacts) -> tuple[int, str]:
    return (-int(facts.row["seq"]), facts.accession)


def _parse_key(text: str) -> tuple[int, str] | None:
    if not text:
        return None
    try:
        number, accession = text.split("~")
        return (int(number), accession)
    except ValueError as error:
        raise InputError(
            "this is no place to go on from.",
            place="after",
            remedy="Take it from `next` of the page before.",
        ) from error
