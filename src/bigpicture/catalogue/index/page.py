"""Page: the rows that answer, in an order, from a key on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index import kernel_numpy
from bigpicture.catalogue.index.compiled import compiled
from bigpicture.catalogue.index.scan import Scanned
from bigpicture.model.errors import InputError
from bigpicture.model.query import Sort

Key: TypeAlias = tuple[float | int | str, ...]
"""Where an image stands: what is sorted by, then dataset, then place within it."""

_SORTED_AT_ONCE = 50_000
"""Rows up to which picking out and sorting is faster than walking along the order."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a store, with its key."""

    key: Key
    scanned: Scanned
    row: int


def page(scanned: Scanned, sort: Sort, after: Key | None, limit: int) -> list[Row]:
    """The first rows behind `after`."""
    keyed = _keys(scanned, sort)
    if sort in (Sort.DATASET, Sort.NEWEST):
        rows = _by_dataset(scanned, sort, after, limit, keyed)
    else:
        rows = _by_rank(scanned, sort, after, limit, keyed)
    return [Row(keyed(row), scanned, row) for row in rows]


def _keys(scanned: Scanned, sort: Sort) -> Callable[[int], Key]:
    store = scanned.store

    def key(row: int) -> Key:
        dataset = int(store.dataset_of(np.array([row]))[0])
        place: Key = (store.datasets[dataset], row - int(store.starts[dataset]))
        if sort is Sort.NEWEST:
            return (_Descending(str(store.infos[dataset]["published"])), *place)
        if sort is Sort.LARGEST:
            width, height = store.arrays["width"][row], store.arrays["height"][row]
            return (-int(width) * int(height), *place)
        if sort is Sort.FINEST:
            return (float(store.arrays["mpp_x"][row]), *place)
        return place

    return key


class _Descending(str):
    """A text that comes before those that follow it in the alphabet."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)

    def __le__(self, other: str) -> bool:
        return str.__ge__(self, other)

    def __ge__(self, other: str) -> bool:
        return str.__le__(self, other)


def write_key(key: Key) -> str:
    """As an address carries it."""
    return "~".join(map(str, key))


def read_key(text: str, sort: Sort) -> Key | None:
    """None for nothing; raises `InputError` where it is no key of this order."""
    if not text:
        return None
    kinds = {Sort.NEWEST: _Descending, Sort.LARGEST: int, Sort.FINEST: float}
    try:
        if sort in kinds:
            by, dataset, place = text.split("~")
            return (kinds[sort](by), dataset, int(place))
        dataset, place = text.split("~")
        return (dataset, int(place))
    except ValueError as error:
        raise InputError(
            "this is no place to go on from.",
            place="after",
            remedy="Take it from `next` of the page before, with the same order.",
        ) from error


def _by_dataset(
    scanned: Scanned, sort: Sort, after: Key | None, limit: int, keyed: Callable[[int], Key]
) -> list[int]:
    store = scanned.store
    there = np.flatnonzero(scanned.per_dataset)
    if sort is Sort.NEWEST:
        told = {int(each): str(store.infos[each]["published"]) for each in there}
        there = sorted(told, key=lambda each: (_Descending(told[each]), store.datasets[each]))
    rows: list[int] = []
    for dataset in there:
        held = store.rows_of(int(dataset))
        begin = held.start
        if after is not None:
            here = keyed(held.start)
            if here[:-1] == after[:-1]:
                begin += int(after[-1]) + 1
            elif here < after:
                continue
        found = np.flatnonzero(scanned.found[begin : held.stop]) + begin
        rows += map(int, found[: limit - len(rows)])
        if len(rows) == limit:
            break
    return rows


def _by_rank(
    scanned: Scanned, sort: Sort, after: Key | None, limit: int, keyed: Callable[[int], Key]
) -> list[int]:
    store = scanned.store
    order, rank = store.arrays[f"order/{sort}"], store.arrays[f"rank/{sort}"]
    start = 0 if after is None else _behind(order, after, keyed)
    if scanned.total <= _SORTED_AT_ONCE:
        rows = scanned.rows()
        ranks = rank[rows]
        ranks = ranks[ranks >= start]
        if len(ranks) > limit:
            ranks = np.partition(ranks, limit)[:limit]
        return [int(each) for each in order[np.sort(ranks)]]
    out = np.empty(limit, np.int64)
    run = compiled() or kernel_numpy
    return [int(each) for each in out[: run.first(order, scanned.found, start, out)]]


def _behind(order: NDArray[np.uint32], after: Key, keyed: Callable[[int], Key]) -> int:
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if keyed(int(order[middle])) <= after:
            low = middle + 1
        else:
            high = middle
    return low
