"""Plan: what a store is looked through for, and what of it a dataset can answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.store import Column, Store

Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """Images whose code in a column is one of those."""

    column: Column
    codes: Bools


@dataclass(frozen=True, slots=True)
class Rows:
    """These images."""

    rows: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shared:
    """The images of these datasets."""

    datasets: Bools


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


def joined(is_all: bool, parts: Iterable[Part]) -> Part:
    """Parts under one head; those of one column, of datasets, of rows become one each."""
    coded: dict[str, Coded] = {}
    shared: list[Bools] = []
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


def possible(part: Part, store: Store) -> tuple[Bools, Bools]:
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
