"""A store: the images of many datasets in columns, in memory or mapped from a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.container import Arrays
from bigpicture.catalogue.index.merge import CODED, NARROW, SHARED
from bigpicture.catalogue.index.names import between, fold
from bigpicture.catalogue.index.tokens import tokens
from bigpicture.catalogue.terms import Term

_REMEMBERED = 10_000


class Column:
    """One field of a store; `values` where it holds numbers, else sets of terms."""

    def __init__(self, header: Mapping[str, Any], number: int, arrays: Arrays) -> None:
        self.name = str(header["name"])
        self.number = number
        self.place = int(header["place"])
        self.slot = int(header["slot"])
        self.size = int(header["size"])
        self.keys: list[str] = header.get("keys", [])
        self.labels: list[str] = header.get("labels", [])
        self.values = arrays.get(f"values/{self.name}")
        empty = np.empty(0, np.int64)
        self.offsets = arrays.get(f"sets/{self.name}/offsets", empty)
        self.items = arrays.get(f"sets/{self.name}/items", empty)
        self.present_offsets = arrays[f"present/{number}/offsets"]
        self.present = arrays[f"present/{number}/codes"]
        self.present_counts = arrays[f"present/{number}/counts"]
        self._sets: dict[int, tuple[Term, ...]] = {}

    @property
    def is_number(self) -> bool:
        return self.values is not None

    @cached_property
    def folded(self) -> list[tuple[str, str]]:
        """Keys and labels in lower case."""
        return [
            (key.casefold(), label.casefold())
            for key, label in zip(self.keys, self.labels, strict=True)
        ]

    @cached_property
    def by_name(self) -> Mapping[str, tuple[int, ...]]:
        """Keys and labels in lower case to the places of their terms."""
        found: dict[str, set[int]] = defaultdict(set)
        for place, names in enumerate(self.folded):
            for name in names:
                found[name].add(place)
        return {name: tuple(sorted(places)) for name, places in found.items()}

    def sets_with(self, terms: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which sets hold one of the terms."""
        found = np.zeros(self.size, np.bool_)
        found[self._set_of_item[terms[self.items]]] = True
        return found

    def terms_of(self, codes: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The places of all terms that one of these sets holds."""
        found = np.zeros(len(self.keys), np.bool_)
        found[self.items[codes[self._set_of_item]]] = True
        return np.flatnonzero(found)

    def present_in(self, datasets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The codes that an image of one of the datasets has."""
        found = np.zeros(self.size, np.bool_)
        found[self.present[np.repeat(datasets, np.diff(self.present_offsets))]] = True
        return found

    def in_datasets(self, codes: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For each dataset, whether an image of it, and whether all, have one of the codes."""
        lengths = np.diff(self.present_offsets)
        held = self._dataset_of_present[codes[self.present]]
        counts = np.bincount(held, minlength=len(lengths))
        return counts > 0, counts == lengths

    def counts_in(self, datasets: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many images of these datasets have each code."""
        there = np.repeat(datasets, np.diff(self.present_offsets))
        counted = np.bincount(
            self.present[there], weights=self.present_counts[there], minlength=self.size
        )
        return counted.astype(np.int64)

    @cached_property
    def _set_of_item(self) -> NDArray[np.int32]:
        return np.repeat(np.arange(self.size, dtype=np.int32), np.diff(self.offsets))

    @cached_property
    def _dataset_of_present(self) -> NDArray[np.int32]:
        lengths = np.diff(self.present_offsets)
        return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)

    def of_set(self, code: int) -> tuple[Term, ...]:
        """The terms of a set; those asked for lately are remembered."""
        found = self._sets.get(code)
        if found is None:
            if len(self._sets) >= _REMEMBERED:
                self._sets.clear()
            places = self.items[self.offsets[code] : self.offsets[code + 1]].tolist()
            found = tuple(Term(self.keys[each], self.labels[each]) for each in places)
            self._sets[code] = found
        return found


class Store:
    """Arrays of `merge`; rows are images, clustered by dataset in the order of accessions."""

    def __init__(self, header: Mapping[str, Any], arrays: Arrays) -> None:
        for array in arrays.values():
            array.flags.writeable = False  # as mapped ones are: the kernel is compiled for those
        self.arrays = arrays
        self.datasets: list[str] = [each["accession"] for each in header["datasets"]]
        self.seqs: list[int] = [each["seq"] for each in header["datasets"]]
        self.infos: list[Mapping[str, Any]] = [each["info"] for each in header["datasets"]]
        self.numbers = {name: at for at, name in enumerate(self.datasets)}
        self.starts = arrays["starts"]
        self.columns = {
            each["name"]: Column(each, at, arrays) for at, each in enumerate(header["columns"])
        }
        self.ordered = list(self.columns.values())
        self.constant = arrays["constant"]
        self.narrow, self.wide = arrays["narrow"], arrays["wide"]
        self.companion: Mapping[str, Mapping[str, tuple[list[str], list[str]]]] = header[
            "companion"
        ]

    def __len__(self) -> int:
        return int(self.starts[-1])

    def codes(self, column: Column, rows: NDArray[np.intp]) -> NDArray[np.int64]:
        """The codes of some rows."""
        if column.place == SHARED:
            return self.constant[self.dataset_of(rows), column.number]
        held = self.narrow if column.place == NARROW else self.wide
        return held[column.slot][rows].astype(np.int64)

    def dataset_of(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        return np.searchsorted(self.starts, rows, side="right") - 1

    def rows_of(self, dataset: int) -> slice:
        return slice(int(self.starts[dataset]), int(self.starts[dataset + 1]))

    def accession(self, row: int) -> str:
        return bytes(self.arrays["accessions"][row]).decode()

    def alias(self, row: int) -> str:
        offsets = self.arrays["aliases/offsets"]
        return self.arrays["aliases/bytes"][offsets[row] : offsets[row + 1]].tobytes().decode()

    def named(self, accession: str) -> int | None:
        """The row of an image; None where it is not here."""
        names, order = self.arrays["accessions"], self.arrays["accessions/order"]
        wanted = accession.strip().casefold().encode()
        if not 0 < len(wanted) <= names.dtype.itemsize:
            return None
        for row in between(names, order, wanted):
            if names[row] == wanted:
                return int(row)
        return None

    def begin_with(self, alias: str) -> NDArray[np.uint32]:
        """The rows whose alias begins so, in any case."""
        keys, order = self.arrays["aliases/keys"], self.arrays["aliases/order"]
        rows = between(keys, order, fold(alias))
        if len(alias.casefold().encode()) <= keys.dtype.itemsize:
            return rows
        folded = alias.casefold()
        alike = [row for row in rows if self.alias(int(row)).casefold().startswith(folded)]
        return np.array(alike, np.uint32)

    def beings_of(self, row: int) -> tuple[str, ...]:
        """Accessions."""
        code = self.arrays["beings/codes"][row]
        offsets, items = self.arrays["beings/offsets"], self.arrays["beings/items"]
        names = self.arrays["beings/names"]
        return tuple(
            bytes(names[each]).decode() for each in items[offsets[code] : offsets[code + 1]]
        )

    def number(self, name: str) -> NDArray[np.float64]:
        """A number of every image, NaN where there is none."""
        if name in ("width", "height"):
            return self.arrays[name].astype(np.float64)
        if name == "size":
            return self.arrays["width"].astype(np.float64) * self.arrays["height"] / 1e6
        column = self.columns[name]
        assert column.values is not None
        if column.place == SHARED:
            each = column.values[self.constant[:, column.number]]
            return np.repeat(each, np.diff(self.starts))
        held = self.narrow if column.place == NARROW else self.wide
        return column.values[held[column.slot]]

    @cached_property
    def vocabulary(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """Words to the terms that have them (field, place), datasets under the field ``""``."""
        found: dict[str, dict[tuple[str, int], None]] = defaultdict(dict)
        for column in self.ordered:
            for place, (key, label) in enumerate(zip(column.keys, column.labels, strict=True)):
                for word in (*tokens(label), *tokens(key.partition(":")[2])):
                    found[word][column.name, place] = None
        for number, info in enumerate(self.infos):
            for word in tokens(info["words"]):
                found[word]["", number] = None
        return {word: tuple(found[word]) for word in sorted(found)}

    @cached_property
    def words(self) -> list[str]:
        """The vocabulary in order."""
        return list(self.vocabulary)


def stretches(offsets: NDArray[np.int64], chosen: NDArray[Any]) -> NDArray[np.int64]:
    """Where the members of the chosen stretches lie, one stretch after another."""
    lengths = offsets[chosen + 1] - offsets[chosen]
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.repeat(offsets[chosen], lengths) + within


def any_of(held: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether any is true within each stretch; a stretch may be empty."""
    counts = np.concatenate(([0], np.cumsum(held, dtype=np.int64)))
    return counts[offsets[1:]] > counts[offsets[:-1]]


CODED_FIELDS = frozenset({*CODED, "year"})
"""Number fields whose values are all told apart by their codes."""
