"""Search: answer a query from facts; every facet counts without its own filter."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from bigpicture.catalogue.ask import asked, split
from bigpicture.catalogue.companions import VariableFacts
from bigpicture.catalogue.facts import DatasetFacts, ImageFacts
from bigpicture.catalogue.page import FacetCount, Page
from bigpicture.catalogue.ranges import count_ranges, is_in
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import InputError
from bigpicture.model.query import FACETS, LONGEST_PAGE, Facet, Query, Target
from bigpicture.model.question import EVERYTHING


class _Facts(Protocol):
    @property
    def words(self) -> str: ...
    def terms(self, facet: Facet) -> tuple[Term, ...]: ...


_F = TypeVar("_F", bound=_Facts)

SortKey = tuple[int | str, ...]


def search_datasets(datasets: Iterable[DatasetFacts], query: Query) -> Page[DatasetFacts]:
    """Datasets, the newest first; counts are datasets."""
    ordered = sorted(datasets, key=_dataset_key)
    return _answer(ordered, query, Target.DATASETS, _dataset_key)


def search_images(datasets: Iterable[DatasetFacts], query: Query) -> Page[ImageFacts]:
    """Images in the order of their datasets; counts are images.

    What `query.where` asks of one facet or variable counts there without itself, as filters do.
    """
    ordered = sorted(datasets, key=lambda each: each.accession)
    images = [image for each in ordered for image in each.images]
    facets, variables, rest = split(query.where, taken={*query.filters, *query.companion})
    query = replace(
        query,
        filters={**query.filters, **facets},
        companion={**query.companion, **variables},
        where=rest,
    )
    tallies = [
        _tally_variable(variable, query.companion.get(variable.name, ()))
        for variable in {each.name: each for facts in ordered for each in facts.variables}.values()
        if variable.is_counted
    ]
    unknown = query.companion.keys() - {each.name for each in tallies}
    if unknown:
        raise InputError(
            f"{min(unknown)} is no variable of a companion table that can be counted.",
            place="companion",
            remedy="The dataset's page names its variables.",
        )
    if rest != EVERYTHING:
        images = list(filter(asked(rest, ordered), images))
    return _answer(images, query, Target.IMAGES, _image_key, tallies)


def _tally_variable(variable: VariableFacts, values: Iterable[str]) -> _Tally[ImageFacts]:
    kind = _NumberTally[ImageFacts] if variable.is_measured else _Tally[ImageFacts]
    name = variable.name
    return kind(name, values, lambda image: image.companion.get(name, ()))


def _tally_facet(facet: Facet, values: Iterable[str]) -> _Tally[Any]:
    return _Tally[Any](facet, values, lambda facts: facts.terms(facet))


def _answer(
    ordered: Sequence[_F],
    query: Query,
    target: Target,
    key: Callable[[_F], SortKey],
    companion: Sequence[_Tally[_F]] = (),
) -> Page[_F]:
    if not 1 <= query.limit <= LONGEST_PAGE:
        raise InputError("limit is out of range.", place="limit", rule=f"1 to {LONGEST_PAGE}")
    behind = _parse_key(query.after, target)
    plain = {facet: _tally_facet(facet, query.filters.get(facet, ())) for facet in FACETS[target]}
    tallies: list[_Tally[_F]] = [*plain.values(), *companion]
    words = query.text.casefold().split()
    found: list[_F] = []
    for facts in ordered:
        if words and any(word not in facts.words for word in words):
            continue
        entries = [tally.entry(tally.read(facts)) for tally in tallies]
        missed = [entry for entry in entries if not entry.is_wanted]
        if not missed:
            found.append(facts)
        if len(missed) <= 1:
            # What misses one facet only still counts there: its own filter is left out.
            for entry in missed or entries:
                entry.count += 1
    start = 0 if behind is None else bisect_right(found, behind, key=key)
    items = found[start : start + query.limit]
    is_last = start + len(items) >= len(found)
    return Page(
        items=tuple(items),
        next=None if is_last else _write_key(key(items[-1])),
        total=len(found),
        facets={facet: tally.ranked() for facet, tally in plain.items()},
        companion={tally.name: tally.ranked() for tally in companion},
    )


@dataclass(slots=True)
class _Entry:
    """Equal terms of many items, counted together; holds the tuple whose identity is its key."""

    terms: tuple[Term, ...]
    is_wanted: bool
    count: int = 0


class _Tally(Generic[_F]):
    """The counts of one facet. Most items share few distinct tuples of terms: each is looked at
    once, and its items only counted.
    """

    def __init__(
        self, name: str, values: Iterable[str], read: Callable[[_F], tuple[Term, ...]]
    ) -> None:
        self.name = name
        self.read = read
        self._values = frozenset(value.casefold() for value in values)
        self._entries: dict[int, _Entry] = {}

    def entry(self, terms: tuple[Term, ...]) -> _Entry:
        entry = self._entries.get(id(terms))
        if entry is None:
            entry = self._entries[id(terms)] = _Entry(terms, self._wants(terms))
        return entry

    def ranked(self) -> tuple[FacetCount, ...]:
        """The terms that occur, the most frequent first."""
        found = ((term, count) for term, count in self._counts().items() if count)
        ordered = sorted(found, key=lambda each: (-each[1], each[0].label.casefold()))
        return tuple(FacetCount(term, count) for term, count in ordered)

    def _counts(self) -> Counter[Term]:
        counts: Counter[Term] = Counter()
        for entry in self._entries.values():
            for term in set(entry.terms):
                counts[term] += entry.count
        return counts

    def _wants(self, terms: tuple[Term, ...]) -> bool:
        return not self._values or any(
            term.key.casefold() in self._values or term.label.casefold() in self._values
            for term in terms
        )


class _NumberTally(_Tally[_F]):
    """Numbers are counted in ranges; the ranges stay the same whatever is filtered."""

    def ranked(self) -> tuple[FacetCount, ...]:
        """The ranges in which something lies, from the lowest."""
        joined: Counter[float] = Counter()
        for term, count in self._counts().items():
            joined[float(term.key)] += count
        return count_ranges(joined)

    def _wants(self, terms: tuple[Term, ...]) -> bool:
        return not self._values or any(
            is_in(float(term.key), value) for term in terms for value in self._values
        )


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
