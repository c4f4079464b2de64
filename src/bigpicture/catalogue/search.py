"""Search: answer a query from facts; every facet counts without its own filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from bigpicture.catalogue.facts import DatasetFacts, ImageFacts
from bigpicture.catalogue.page import FacetCount, Page
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import InputError
from bigpicture.model.query import FACETS, LONGEST_PAGE, Facet, Query, Target


class _Facts(Protocol):
    @property
    def words(self) -> str: ...
    def terms(self, facet: Facet) -> tuple[Term, ...]: ...


_F = TypeVar("_F", bound=_Facts)

SortKey = tuple[int | str, ...]


def search_datasets(datasets: Iterable[DatasetFacts], query: Query) -> Page[DatasetFacts]:
    """Datasets, the newest first; counts are datasets."""
    keyed = sorted((_dataset_key(each), each) for each in datasets)
    return _answer(keyed, query, Target.DATASETS)


def search_images(datasets: Iterable[DatasetFacts], query: Query) -> Page[ImageFacts]:
    """Images in the order of their datasets; counts are images."""
    ordered = sorted(datasets, key=lambda each: each.accession)
    keyed = [(_image_key(image), image) for each in ordered for image in each.images]
    return _answer(keyed, query, Target.IMAGES)


def _answer(keyed: Sequence[tuple[SortKey, _F]], query: Query, target: Target) -> Page[_F]:
    if not 1 <= query.limit <= LONGEST_PAGE:
        raise InputError("limit is out of range.", place="limit", rule=f"1 to {LONGEST_PAGE}")
    words = query.text.casefold().split()
    wanted = {
        facet: frozenset(value.casefold() for value in values)
        for facet, values in query.filters.items()
        if values and facet in FACETS[target]
    }
    counted: dict[Facet, Counter[Term]] = {facet: Counter() for facet in FACETS[target]}
    found: list[tuple[SortKey, _F]] = []
    for key, facts in keyed:
        if any(word not in facts.words for word in words):
            continue
        missed = [facet for facet, values in wanted.items() if not _has(facts, facet, values)]
        if not missed:
            found.append((key, facts))
        if len(missed) <= 1:
            # What misses one facet only still counts there: its own filter is left out.
            for facet in missed or counted:
                counted[facet].update(set(facts.terms(facet)))
    behind = _parse_key(query.after, target)
    rest = [entry for entry in found if behind is None or entry[0] > behind]
    items = rest[: query.limit]
    return Page(
        items=tuple(facts for _, facts in items),
        next=_write_key(items[-1][0]) if len(rest) > len(items) else None,
        total=len(found),
        facets={facet: _ranked(counts) for facet, counts in counted.items()},
    )


def _has(facts: _Facts, facet: Facet, values: frozenset[str]) -> bool:
    return any(
        term.key.casefold() in values or term.label.casefold() in values
        for term in facts.terms(facet)
    )


def _ranked(counts: Mapping[Term, int]) -> tuple[FacetCount, ...]:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0].label.casefold()))
    return tuple(FacetCount(term, count) for term, count in ordered)


def _dataset_key(facts: DatasetFacts) -> SortKey:
    return (-int(facts.row["seq"]), facts.accession)


def _image_key(facts: ImageFacts) -> SortKey:
    return (facts.dataset, facts.ordinal, facts.accession)


def _write_key(key: SortKey) -> str:
    return "~".join(map(str, key))


def _parse_key(text: str, target: Target) -> SortKey | None:
    if not text:
        return None
    parts = text.split("~")
    try:
        if target is Target.DATASETS:
            number, accession = parts
            return (int(number), accession)
        dataset, ordinal, accession = parts
        return (dataset, int(ordinal), accession)
    except ValueError as error:
        raise InputError(
            "this is no place to go on from.",
            place="after",
            remedy="Take it from `next` of the page before.",
        ) from error
