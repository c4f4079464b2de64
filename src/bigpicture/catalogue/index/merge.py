"""Merge: segments of many datasets as one store, rows clustered by dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.container import Arrays
from bigpicture.catalogue.index.names import alias_keys, order_of
from bigpicture.catalogue.index.read import COLUMNS, OF_DATASET
from bigpicture.catalogue.index.segment import Numbers, Segment, Terms

NARROW, WIDE, SHARED = 0, 1, 2
"""Where a column lies: 16 bits an image, 32 bits an image, one value a dataset."""

CODED = ("age", "mpp", "magnification")
SIZE_BANDS = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""Megapixels: sizes are counted in these, the last without end."""

_MOST_NARROW = 1 << 16


def merge(segments: Iterable[Segment]) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of a store of these segments, which come in the order of datasets."""
    held = _Held()
    for segment in segments:
        held.take(segment)
    return held.joined()


class _Sets:
    """A column of sets under way: terms and sets of all datasets get codes of their own."""

    def __init__(self) -> None:
        self.terms: dict[tuple[str, str], int] = {}
        self.sets: dict[tuple[int, ...], int] = {}
        self.codes: list[NDArray[np.uint32]] = []
        self.present: list[NDArray[np.uint32]] = []

    def take(self, column: Terms) -> None:
        """Append a dataset's rows."""
        terms, sets = self.terms, self.sets
        places = [
            terms.setdefault(pair, len(terms))
            for pair in zip(column.keys, column.labels, strict=True)
        ]
        items = [places[each] for each in column.items.tolist()]
        offsets = column.offsets.tolist()
        codes = np.array(
            [
                sets.setdefault(tuple(items[start:end]), len(sets))
                for start, end in pairwise(offsets)
            ],
            np.uint32,
        )
        self.present.append(codes)
        self.codes.append(codes[column.codes] if len(codes) else np.empty(0, np.uint32))

    def take_one(self, terms: Iterable[tuple[str, str]]) -> None:
        """Append a dataset whose rows share one value."""
        places = tuple(self.terms.setdefault(each, len(self.terms)) for each in terms)
        code = np.array([self.sets.setdefault(places, len(self.sets))], np.uint32)
        self.present.append(code)
        self.codes.append(code)

    def sizes(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        lengths = np.fromiter(map(len, self.sets), np.int64, len(self.sets))
        items = np.fromiter((each for one in self.sets for each in one), np.int32)
        return np.concatenate(([0], np.cumsum(lengths))).astype(np.int64), items


class _Held:
    def __init__(self) -> None:
        self.datasets: list[dict[str, Any]] = []
        self.counts: list[int] = []
        self.sets = {name: _Sets() for name in (*COLUMNS, *OF_DATASET)}
        self.beings = _Sets()
        self.numbers: dict[str, list[Numbers]] = {name: [] for name in CODED}
        self.raw: dict[str, list[NDArray[np.float64]]] = {}
        self.accessions: list[str] = []
        self.aliases: list[str] = []
        self.pictured: list[NDArray[np.uint8]] = []
        self.companion: list[Mapping[str, Terms]] = []

    def take(self, segment: Segment) -> None:
        info = dict(segment.info)
        self.datasets.append({"accession": segment.dataset, "seq": segment.seq, "info": info})
        self.counts.append(len(segment))
        for name in COLUMNS:
            self.sets[name].take(segment.terms[name])
        for name in OF_DATASET:
            self.sets[name].take_one((key, label) for key, label in info["terms"][name])
        self.beings.take(segment.beings)
        for name in CODED:
            self.numbers[name].append(segment.numbers[name])
        for name, values in segment.raw.items():
            self.raw.setdefault(name, []).append(values)
        self.accessions += segment.accessions
        self.aliases += segment.aliases
        self.pictured.append(segment.pictured)
        self.companion.append(segment.companion)

    def joined(self) -> tuple[dict[str, Any], Arrays]:
        starts = np.concatenate(([0], np.cumsum(self.counts, dtype=np.int64))).astype(np.int64)
        arrays: Arrays = {"starts": starts}
        columns: list[dict[str, Any]] = []
        narrow: list[NDArray[np.uint16]] = []
        wide: list[NDArray[np.uint32]] = []
        present: list[list[NDArray[np.uint32]]] = []

        def lay(
            name: str,
            size: int,
            parts: list[NDArray[np.uint32]],
            there: list[NDArray[np.uint32]],
            **more: object,
        ) -> None:
            codes = np.concatenate([np.empty(0, np.uint32), *parts])
            if size < _MOST_NARROW:
                place, slot = NARROW, len(narrow)
                narrow.append(codes.astype(np.uint16))
            else:
                place, slot = WIDE, len(wide)
                wide.append(codes)
            columns.append({"name": name, "place": place, "slot": slot, "size": size, **more})
            present.append(there)

        def lay_shared(
            name: str, size: int, there: list[NDArray[np.uint32]], **more: object
        ) -> None:
            columns.append({"name": name, "place": SHARED, "slot": 0, "size": size, **more})
            present.append(there)

        for name in (*COLUMNS, *OF_DATASET):
            one = self.sets[name]
            arrays[f"sets/{name}/offsets"], arrays[f"sets/{name}/items"] = one.sizes()
            words = {
                "keys": [key for key, _ in one.terms],
                "labels": [said for _, said in one.terms],
            }
            if name in OF_DATASET:
                lay_shared(name, len(one.sets), one.present, **words)
            else:
                lay(name, len(one.sets), one.codes, one.present, **words)
            one.codes = []
        for name in CODED:
            values, parts = _joined_numbers(self.numbers[name])
            arrays[f"values/{name}"] = values
            lay(name, len(values), parts, [np.unique(each) for each in parts])
        raw = {name: np.concatenate([np.empty(0), *parts]) for name, parts in self.raw.items()}
        size = raw.get("width", np.empty(0)) * raw.get("height", np.empty(0)) / 1e6
        bands = (np.searchsorted(SIZE_BANDS, size, side="right") - 1).astype(np.uint32)
        arrays["values/size"] = np.array(SIZE_BANDS, np.float64)
        parts = [bands[start:end] for start, end in pairwise(starts.tolist())]
        lay("size", len(SIZE_BANDS), parts, [np.unique(each) for each in parts])
        years = np.array([each["info"]["year"] for each in self.datasets], np.float64)
        arrays["values/year"], of_years = np.unique(years, return_inverse=True)
        lay_shared("year", len(arrays["values/year"]), [np.array([c], np.uint32) for c in of_years])
        rows = int(starts[-1])
        arrays["narrow"] = np.stack(narrow) if narrow else np.empty((0, rows), np.uint16)
        arrays["wide"] = np.stack(wide) if wide else np.empty((0, rows), np.uint32)
        self._lay_presence(arrays, present)
        self._lay_rows(arrays, raw, size)
        return {
            "datasets": self.datasets,
            "columns": columns,
            "companion": self._lay_companion(arrays),
        }, arrays

    def _lay_presence(self, arrays: Arrays, present: list[list[NDArray[np.uint32]]]) -> None:
        """Which codes each dataset has in each column: what cannot answer is not looked at."""
        constant = np.full((len(self.datasets), len(present)), -1, np.int64)
        for at, there in enumerate(present):
            lengths = [len(each) for each in there]
            arrays[f"present/{at}/offsets"] = np.concatenate(
                ([0], np.cumsum(lengths, dtype=np.int64))
            )
            arrays[f"present/{at}/codes"] = np.concatenate([np.empty(0, np.uint32), *there])
            for dataset, codes in enumerate(there):
                if len(codes) == 1:
                    constant[dataset, at] = codes[0]
        arrays["constant"] = constant

    def _lay_rows(
        self, arrays: Arrays, raw: Mapping[str, NDArray[np.float64]], size: NDArray[np.float64]
    ) -> None:
        arrays["width"] = raw.get("width", np.empty(0)).astype(np.uint32)
        arrays["height"] = raw.get("height", np.empty(0)).astype(np.uint32)
        for name in ("mpp_x", "mpp_y"):
            arrays[name] = raw.get(name, np.empty(0))
        for name, order in (
            ("largest", np.argsort(-size, kind="stable")),
            ("finest", np.argsort(arrays["mpp_x"], kind="stable")),
        ):
            arrays[f"order/{name}"] = order.astype(np.uint32)
            rank = np.empty(len(order), np.uint32)
            rank[order] = np.arange(len(order), dtype=np.uint32)
            arrays[f"rank/{name}"] = rank
        offsets, items = self.beings.sizes()
        arrays["beings/offsets"], arrays["beings/items"] = offsets, items
        arrays["beings/codes"] = np.concatenate([np.empty(0, np.uint32), *self.beings.codes])
        arrays["beings/names"] = np.array([key.encode() for key, _ in self.beings.terms], "S")
        arrays["pictured"] = np.concatenate([np.empty(0, np.uint8), *self.pictured])
        arrays["accessions"] = np.array([each.encode() for each in self.accessions], "S")
        arrays["accessions/order"] = order_of(arrays["accessions"])
        encoded = [each.encode() for each in self.aliases]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        arrays["aliases/offsets"] = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        arrays["aliases/bytes"] = np.frombuffer(b"".join(encoded), np.uint8)
        arrays["aliases/keys"] = alias_keys(self.aliases)
        arrays["aliases/order"] = order_of(arrays["aliases/keys"])

    def _lay_companion(self, arrays: Arrays) -> dict[str, dict[str, Any]]:
        """By dataset's number and variable: columns that only this dataset has."""
        told: dict[str, dict[str, Any]] = {}
        for dataset, columns in enumerate(self.companion):
            for name, column in columns.items():
                at = f"companion/{dataset}/{name}"
                arrays[f"{at}/codes"] = column.codes
                arrays[f"{at}/offsets"] = column.offsets
                arrays[f"{at}/items"] = column.items
                told.setdefault(str(dataset), {})[name] = [column.keys, column.labels]
        return told


def _joined_numbers(
    columns: list[Numbers],
) -> tuple[NDArray[np.float64], list[NDArray[np.uint32]]]:
    values = np.unique(np.concatenate([np.empty(0), *(each.values for each in columns)]))
    parts = [
        np.searchsorted(values, each.values).astype(np.uint32)[each.codes]
        if len(each.values)
        else np.empty(0, np.uint32)
        for each in columns
    ]
    return values, parts
