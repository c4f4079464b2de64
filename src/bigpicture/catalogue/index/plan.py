"""Plan: a question as what a store is looked through for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.store import CODED_FIELDS, Column, Store, any_of
from bigpicture.catalogue.index.tokens import tokens
from bigpicture.catalogue.index.view import Layer
from bigpicture.catalogue.ranges import is_in
from bigpicture.model.errors import InputError
from bigpicture.model.field import COMPANION, FIELDS, FieldKind
from bigpicture.model.question import (
    And,
    AnyOf,
    Between,
    Not,
    Or,
    Question,
    Words,
    conditions,
)

_Bools: TypeAlias = NDArray[np.bool_]

MOST_MASKS = 64
"""Conditions that no code answers: each costs a byte an image."""
_LEAST_ALIAS = 3
"""Letters by which an alias is found: fewer begin too many."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Images whose code in a column is one of those."""

    column: Column
    codes: _Bools


@dataclass(frozen=True, slots=True)
class Rows:
    """These images."""

    rows: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shared:
    """The images of these datasets."""

    datasets: _Bools


@dataclass(frozen=True, slots=True)
class Joined:
    is_all: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    part: Part


Part: TypeAlias = "Coded | Rows | Shared | Joined | Negated"


@dataclass(frozen=True, slots=True)
class Filter:
    """What filters one field by itself, and is left out of that field's counts."""

    part: Coded | Rows
    own: Column


@dataclass(frozen=True, slots=True)
class Plan:
    """`rest` is None where there is nothing but filters."""

    filters: tuple[Filter, ...]
    rest: Part | None


def own_field(part: Question) -> str | None:
    """The one facet that a condition at the top of a question speaks of; None where of more."""
    if not isinstance(part, AnyOf | Between | Or):
        return None
    parts = part.parts if isinstance(part, Or) else (part,)
    if not parts or not all(isinstance(each, AnyOf | Between) for each in parts):
        return None
    names = {each.field for each in parts if isinstance(each, AnyOf | Between)}
    name = names.pop()
    return name if not names and name in FIELDS and FIELDS[name].is_facet else None


def words_of(question: Question) -> Iterator[str]:
    """Every word or phrase that a question asks for, once."""
    found = (each for each in conditions(question) if isinstance(each, Words))
    yield from dict.fromkeys(word for each in found for word in each.words)


class Planner:
    """Makes plans for one layer.

    `taken` are words of the vocabulary in the place of those that were mistyped.
    """

    def __init__(self, layer: Layer, taken: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._layer = layer
        self._store = layer.store
        self._taken = taken or {}
        self._masks = 0

    def plan(self, question: Question) -> Plan:
        filters: dict[str, Filter] = {}
        rest: list[Part] = []
        for each in question.parts if isinstance(question, And) else (question,):
            name = own_field(each)
            part = self.part(each)
            if name and name not in filters and isinstance(part, Coded | Rows):
                filters[name] = Filter(part, self._store.columns[name])
            else:
                rest.append(part)
        return Plan(tuple(filters.values()), joined(True, rest) if rest else None)

    def part(self, question: Question) -> Part:
        match question:
            case And(parts) | Or(parts):
                is_all = isinstance(question, And)
                if not parts:
                    return Shared(np.full(len(self._store.datasets), is_all))
                return joined(is_all, (self.part(each) for each in parts))
            case Not(part):
                return negated(self.part(part))
            case Words(words):
                return joined(True, (self.word(each) for each in words))
            case AnyOf(field, values):
                return self._any_of(field, values)
            case Between():
                return self._between(question)

    def _any_of(self, field: str, values: tuple[str, ...]) -> Part:
        if field.startswith(COMPANION):
            wanted = frozenset(value.casefold() for value in values)
            return self._companion(
                field,
                lambda key, label: (
                    key.casefold() in wanted
                    or label.casefold() in wanted
                    or any(_is_number_in(key, value) for value in values)
                ),
            )
        if field == "image":
            rows = self._mask()
            found = (self._store.named(value) for value in values)
            rows[[row for row in found if row is not None]] = 1
            return Rows(rows)
        if FIELDS[field].kind is FieldKind.NUMBER:
            numbers = np.array([float(value) for value in values])
            return self._numbers(field, lambda held: np.isin(held, numbers))
        column = self._store.columns[field]
        terms = np.zeros(len(column.keys), np.bool_)
        for value in values:
            terms[self._layer.named(field, value)] = True
        return Coded(column, column.sets_with(terms))

    def _between(self, wanted: Between) -> Part:
        def fits(held: NDArray[np.float64]) -> _Bools:
            low, high = wanted.low, wanted.high
            is_in = ~np.isnan(held)
            if low is not None:
                is_in &= held >= low if wanted.with_low else held > low
            if high is not None:
                is_in &= held <= high if wanted.with_high else held < high
            return is_in

        if wanted.field.startswith(COMPANION):
            return self._companion(
                wanted.field, lambda key, _: bool(fits(np.array([_number(key)]))[0])
            )
        return self._numbers(wanted.field, fits)

    def _numbers(self, field: str, judge: Any) -> Part:  # noqa: ANN401 - array to array
        if field in CODED_FIELDS:
            column = self._store.columns[field]
            return Coded(column, judge(column.values))
        rows = self._mask()
        rows[:] = judge(self._store.number(field))
        return Rows(rows)

    def _mask(self) -> NDArray[np.uint8]:
        """A byte an image; a question may hold so many of them."""
        self._masks += 1
        if self._masks > MOST_MASKS:
            raise InputError(
                "it asks too often for widths, heights, sizes, aliases or companion variables.",
                place="question",
                rule=f"at most {MOST_MASKS} such conditions",
                remedy="Ask in two questions.",
            )
        return np.zeros(len(self._store), np.uint8)

    def _companion(self, field: str, judge: Any) -> Part:  # noqa: ANN401 - key, label to bool
        name = field.removeprefix(COMPANION)
        store, rows = self._store, self._mask()
        for dataset, columns in store.companion.items():
            if name in columns:
                keys, labels = columns[name]
                at = f"companion/{dataset}/{name}"
                terms = np.array(
                    [judge(*each) for each in zip(keys, labels, strict=True)], np.bool_
                )
                sets = any_of(terms[store.arrays[f"{at}/items"]], store.arrays[f"{at}/offsets"])
                rows[store.rows_of(int(dataset))] = sets[store.arrays[f"{at}/codes"]]
        return Rows(rows)

    def word(self, word: str) -> Part:
        """The images of which a word is known: from its beginning, and several in their order."""
        parts = [self._told(spoken) for spoken in self._taken.get(word, (word,))]
        rows = self._store.begin_with(word) if len(word) >= _LEAST_ALIAS else ()
        named = self._store.named(word)
        if len(rows) or named is not None:
            mask = self._mask()
            mask[rows] = 1
            if named is not None:
                mask[named] = 1
            parts.append(Rows(mask))
        return joined(False, parts)

    def _told(self, word: str) -> Part:
        spoken = tokens(word)
        if not spoken:
            return Shared(np.zeros(len(self._store.datasets), np.bool_))
        found: dict[str, list[int]] = {}
        for token in beginning(self._store.words, spoken[0], is_whole=len(spoken) > 1):
            for name, place in self._store.vocabulary[token]:
                if len(spoken) == 1 or _follow(spoken, self._text(name, place)):
                    found.setdefault(name, []).append(place)
        datasets = np.zeros(len(self._store.datasets), np.bool_)
        datasets[found.pop("", [])] = True
        parts: list[Part] = [Shared(datasets)]
        for name, places in found.items():
            column = self._store.columns[name]
            terms = np.zeros(len(column.keys), np.bool_)
            terms[places] = True
            parts.append(Coded(column, column.sets_with(terms)))
        return joined(False, parts)

    def _text(self, name: str, place: int) -> tuple[str, ...]:
        if not name:
            return tokens(self._store.infos[place]["words"])
        return tokens(self._store.columns[name].labels[place])


def beginning(words: list[str], start: str, *, is_whole: bool = False) -> Iterator[str]:
    """The words of an ordered list that begin so; a single letter is a word by itself."""
    at = bisect_left(words, start)
    while at < len(words) and words[at].startswith(start):
        if words[at] == start or not (is_whole or len(start) == 1):
            yield words[at]
        elif is_whole:
            return
        at += 1


def joined(is_all: bool, parts: Iterable[Part]) -> Part:
    """Parts under one head; those of one column, of datasets, of rows become one each."""
    coded: dict[str, Coded] = {}
    shared: list[_Bools] = []
    others: list[Part] = []
    rows: NDArray[np.uint8] | None = None
    bits = np.logical_and if is_all else np.logical_or
    for part in parts:
        for each in part.parts if isinstance(part, Joined) and part.is_all is is_all else (part,):
            if isinstance(each, Coded):
                before = coded.get(each.column.name)
                codes = bits(before.codes, each.codes) if before else each.codes
                coded[each.column.name] = Coded(each.column, codes)
            elif isinstance(each, Shared):
                shared.append(each.datasets)
            elif isinstance(each, Rows):
                rows = bits(rows, each.rows).astype(np.uint8) if rows is not None else each.rows
            else:
                others.append(each)
    others += [] if rows is None else [Rows(rows)]
    some = [Shared(reduce(bits, shared))] if shared else []
    if len(coded) + len(others) and some and _says_nothing(some[0], is_all):
        some = []
    flat = (*some, *coded.values(), *others)
    return flat[0] if len(flat) == 1 else Joined(is_all, flat)


def negated(part: Part) -> Part:
    if isinstance(part, Coded):
        return Coded(part.column, ~part.codes)
    if isinstance(part, Shared):
        return Shared(~part.datasets)
    if isinstance(part, Rows):
        return Rows(1 - part.rows)
    return part.part if isinstance(part, Negated) else Negated(part)


def possible(part: Part, store: Store) -> tuple[_Bools, _Bools]:
    """For each dataset: whether an image of it may be meant, and whether all are."""
    count = len(store.datasets)
    match part:
        case Coded(column, codes):
            return column.in_datasets(codes)
        case Rows(rows):
            counts = _per_dataset(rows, store)
            return counts > 0, counts == np.diff(store.starts)
        case Shared(datasets):
            return datasets, datasets
        case Negated(inner):
            may, must = possible(inner, store)
            return ~must, ~may
        case Joined(is_all, parts):
            bits = np.logical_and if is_all else np.logical_or
            both = [possible(each, store) for each in parts]
            start = np.full(count, is_all)
            return (
                reduce(bits, (may for may, _ in both), start),
                reduce(bits, (must for _, must in both), start),
            )


def _per_dataset(rows: NDArray[np.uint8], store: Store) -> NDArray[np.int64]:
    """How many rows of each dataset are meant."""
    counts = np.zeros(len(store.datasets), np.int64)
    some = np.flatnonzero(np.diff(store.starts))  # an empty stretch would count its neighbour's
    if len(some):
        counts[some] = np.add.reduceat(rows, store.starts[some], dtype=np.int64)
    return counts


def _says_nothing(part: Shared, is_all: bool) -> bool:
    return bool(part.datasets.all() if is_all else not part.datasets.any())


def _follow(spoken: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Whether a phrase occurs, its last word from the beginning."""
    *before, last = spoken
    size = len(before)
    return any(
        text[at : at + size] == tuple(before) and text[at + size].startswith(last)
        for at in range(len(text) - size)
    )


def _number(key: str) -> float:
    try:
        return float(key)
    except ValueError:
        return float("nan")


def _is_number_in(key: str, value: str) -> bool:
    number = _number(key)
    return number == number and is_in(number, value)
