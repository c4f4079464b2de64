"""Scan: a plan carried out on a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index import kernel_numpy
from bigpicture.catalogue.index.compiled import compiled
from bigpicture.catalogue.index.kernel_numpy import AND, COLUMN, DATASETS, NOT, OR, ROWS
from bigpicture.catalogue.index.plan import (
    Coded,
    Filter,
    Joined,
    Negated,
    Part,
    Plan,
    Rows,
    Shared,
    possible,
)
from bigpicture.catalogue.index.side_by_side import parted, scan_together
from bigpicture.catalogue.index.store import Column, Store, stretches

_A = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scanned:
    """`found` is 1 for each row that answers; `counts` are of codes, by field."""

    store: Store
    total: int
    found: NDArray[np.uint8]
    counts: dict[str, NDArray[np.int64]]
    per_dataset: NDArray[np.int64]
    met: NDArray[np.uint8]

    def beings(self) -> int:
        """How many distinct beings the found images show."""
        arrays = self.store.arrays
        sets = np.flatnonzero(self.met)
        offsets = arrays["beings/offsets"]
        lengths = offsets[sets + 1] - offsets[sets]
        items = arrays["beings/items"]
        if (lengths == 1).all():  # nobody shares an image, and no set of one is there twice
            return len(sets)
        is_shown = np.zeros(len(arrays["beings/names"]), np.bool_)
        is_shown[items[stretches(offsets, sets)]] = True
        return int(np.count_nonzero(is_shown))

    def rows(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.found)


def scan(store: Store, plan: Plan, visible: NDArray[np.bool_], fields: Sequence[str]) -> Scanned:
    """Carry out a plan within datasets; count these fields (columns of the store)."""
    chosen = _choose(store, plan, visible, fields)
    args = _Arguments(store, plan)
    columns = [store.columns[name] for name in fields]
    counts_at = np.full(len(store.ordered), -1, np.int64)
    size = 0
    for column in columns:
        counts_at[column.number] = size
        size += column.size
    counted = np.array([each.number for each in columns], np.int64)
    found = np.zeros(len(store), np.uint8)
    met = np.zeros(len(store.arrays["beings/offsets"]) - 1, np.uint8)
    per_dataset = np.zeros(len(store.datasets), np.int64)
    of_store = (store.narrow, store.wide, args.places, args.slots, store.constant)
    of_plan = args.of_plan()
    run = (compiled() if len(store) > _FEW else None) or kernel_numpy

    def scan_part(part: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
        counts = np.zeros(size, np.int64)
        beings = store.arrays["beings/codes"]
        written = (counts, counts_at, beings, met, found, per_dataset)
        return int(run.scan(*of_store, part, *of_plan, counted, *written)), counts

    numbers = np.flatnonzero(chosen.looked_at)
    held = np.stack([store.starts[numbers], store.starts[numbers + 1], numbers], axis=1)
    scanned_parts = scan_together(scan_part, parted(held.astype(np.int64)))
    counts = sum((each for _, each in scanned_parts), np.zeros(size, np.int64))
    scanned = Scanned(
        store,
        sum(total for total, _ in scanned_parts),
        found,
        {column.name: counts[counts_at[column.number] :][: column.size] for column in columns},
        per_dataset,
        met,
    )
    for name, shut_out in chosen.shut_out.items():
        scanned.counts[name] += store.columns[name].counts_in(shut_out)
    return _with_whole(scanned, chosen.whole)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Datasets by what is to be done with them.

    Those of `whole` answer with all their images. Those of `shut_out`, by field, do without that
    field's own filter, and with none of them otherwise.
    """

    looked_at: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    shut_out: Mapping[str, NDArray[np.bool_]]


def _choose(store: Store, plan: Plan, visible: NDArray[np.bool_], fields: Sequence[str]) -> _Chosen:
    count = len(store.datasets)
    failing, partial = np.zeros(count, np.int64), np.zeros(count, np.int64)
    counts_alone = np.zeros(count, np.bool_)
    missed: dict[str, NDArray[np.bool_]] = {}
    for each in plan.filters:
        may, must = possible(each.part, store)
        failing += ~may
        partial += may & ~must
        if each.own.name in fields:
            missed[each.own.name] = ~may
            counts_alone |= ~may
    worth = visible & ((failing == 0) | ((failing == 1) & counts_alone))
    sure = worth & (partial == 0)
    if plan.rest is not None:
        may, must = possible(plan.rest, store)
        worth &= may
        sure &= must
    return _Chosen(
        worth & ~sure,
        sure & (failing == 0),
        {name: sure & shut_out for name, shut_out in missed.items()},
    )


def _with_whole(scanned: Scanned, datasets: NDArray[np.bool_]) -> Scanned:
    """With datasets all of whose images answer: what is counted of them is known."""
    store, arrays = scanned.store, scanned.store.arrays
    chosen = np.flatnonzero(datasets)
    if not len(chosen):
        return scanned
    for name in scanned.counts:
        scanned.counts[name] += store.columns[name].counts_in(datasets)
    lengths = np.diff(store.starts)
    scanned.per_dataset[datasets] = lengths[datasets]
    beings = arrays["beings/starts"]
    for each in chosen.tolist():
        scanned.found[store.rows_of(each)] = 1
        scanned.met[beings[each] : beings[each + 1]] = 1
    if arrays["beings/with_none"][datasets].any():
        scanned.met[arrays["beings/none"]] = 1
    return replace(scanned, total=scanned.total + int(lengths[datasets].sum()))


_FEW = 20_000
"""Rows up to which starting the compiled kernel is not worth its while."""


class _Arguments:
    """What the kernel is given of a plan: the rest of it as a program, backwards for a stack."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store = store
        self.places = np.array([each.place for each in store.ordered], np.int64)
        self.slots = np.array([each.slot for each in store.ordered], np.int64)
        self.program: list[tuple[int, int, int]] = []
        self.luts: list[NDArray[np.uint8]] = []
        self.masks: list[NDArray[np.uint8]] = []
        self.of_datasets: list[NDArray[np.uint8]] = []
        self.depth = 0
        self._size = 0
        self._filters: list[tuple[int, int, int]] = []
        self._filter_luts: list[NDArray[np.uint32]] = []
        self._filter_at: list[int] = []
        for number, each in enumerate(plan.filters):
            self._add(each, number)
        if plan.rest is not None:
            self.write(plan.rest)

    def of_plan(self) -> tuple[_A, _A, _A, _A, _A, _A, _A, int]:
        """From `filters` to `depth`, in the order of `kernel.scan`."""
        return (
            np.array(self._filters, np.int64).reshape(-1, 3),
            _flat(self._filter_luts, np.uint32),
            np.array(self._filter_at, np.int64),
            np.array(self.program, np.int64).reshape(-1, 3),
            _flat(self.luts, np.uint8),
            _stacked(self.masks, len(self._store)),
            _stacked(self.of_datasets, len(self._store.datasets)),
            self.depth,
        )

    def _add(self, each: Filter, number: int) -> None:
        self._filter_at.append(sum(map(len, self._filter_luts)))
        if isinstance(each.part, Coded):
            bits = np.where(each.part.codes, 0, 1 << number).astype(np.uint32)
            self._filters.append((0, each.part.column.number, each.own.number))
            self._filter_luts.append(bits)
        else:
            self._filters.append((1, self.mask(each.part.rows), each.own.number))

    def mask(self, rows: NDArray[np.uint8]) -> int:
        self.masks.append(rows)
        return len(self.masks) - 1

    def write(self, part: Part, height: int = 1) -> None:
        """Append what leaves `part` on a stack, at this height."""
        self.depth = max(self.depth, height)
        match part:
            case Coded(column, codes):
                self._write_column(column, codes)
            case Rows(rows):
                self.program.append((ROWS, self.mask(rows), 0))
            case Shared(datasets):
                self.of_datasets.append(datasets.astype(np.uint8))
                self.program.append((DATASETS, len(self.of_datasets) - 1, 0))
            case Negated(inner):
                self.write(inner, height)
                self.program.append((NOT, 0, 0))
            case Joined(is_all, parts):
                self.write(parts[0], height)
                for each in parts[1:]:
                    self.write(each, height + 1)
                    self.program.append((AND if is_all else OR, 0, 0))

    def _write_column(self, column: Column, codes: NDArray[np.bool_]) -> None:
        self.program.append((COLUMN, column.number, self._size))
        self.luts.append(codes.astype(np.uint8))
        self._size += len(codes)


def _flat(parts: Iterable[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype), *parts])


def _stacked(rows: list[NDArray[np.uint8]], width: int) -> NDArray[np.uint8]:
    return np.stack(rows) if rows else np.empty((0, width), np.uint8)
