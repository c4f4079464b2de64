"""Merge: segments of many datasets as one store, rows clustered by dataset.

Segments come one at a time; what they tell of images goes to spools, and from there into the store
column by column. Only what grows with the number of different values, or of datasets, is in memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bigpicture.catalogue.index.columns import Beings, Coded, Companions, Sets, Values, encoded
from bigpicture.catalogue.index.container import Arrays, Pieces
from bigpicture.catalogue.index.names import KEY_BYTES, alias_keys, order_of
from bigpicture.catalogue.index.ordering import ordered, ranks
from bigpicture.catalogue.index.read import COLUMNS, OF_DATASET
from bigpicture.catalogue.index.segment import Segment
from bigpicture.catalogue.index.spool import Spools

NARROW, WIDE, SHARED = 0, 1, 2
"""Where a column lies: 16 bits an image, 32 bits an image, one value a dataset."""

CODED = ("age", "mpp", "magnification")
SIZE_BANDS = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
"""Megapixels: sizes are counted in these, the last without end."""

_MOST_NARROW = 1 << 16


def merge(segments: Iterable[Segment]) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of a store of these segments, which come in the order of datasets."""
    with merged(segments, None) as (header, arrays):
        return header, {name: array.whole() for name, array in arrays.items()}


@contextlib.contextmanager
def merged(
    segments: Iterable[Segment], folder: Path | None
) -> Generator[tuple[dict[str, Any], dict[str, Pieces]]]:
    """As `merge`, in pieces that can be had within the context, out of spools in a folder."""
    with Spools(folder) as spools:
        held = _Held(spools)
        for segment in segments:
            held.take(segment)
        yield held.joined()


class _Held:
    def __init__(self, spools: Spools) -> None:
        self._spools = spools
        self._datasets: list[dict[str, Any]] = []
        self._starts = [0]
        self._sets = {name: Sets(spools) for name in (*COLUMNS, *OF_DATASET)}
        self._values = {name: Values(spools) for name in CODED}
        self._sizes = Coded(spools)
        self._beings = Beings(spools)
        self._companions = Companions(spools)
        self._rows = _Rows(spools)

    def take(self, segment: Segment) -> None:
        info = dict(segment.info)
        for name in COLUMNS:
            self._sets[name].take(segment.terms[name])
        for name in OF_DATASET:
            terms = ((key, label) for key, label in info["terms"][name])
            self._sets[name].take_one(terms, len(segment))
        for name in CODED:
            self._values[name].take(segment.numbers[name])
        size = _megapixels(segment)
        bands = (np.searchsorted(SIZE_BANDS, size, side="right") - 1).astype(np.uint32)
        self._sizes.append(*np.unique(bands, return_counts=True), bands)
        self._beings.take(segment.beings)
        for name, column in segment.companion.items():
            self._companions.take(len(self._datasets), name, column)
        self._rows.take(segment)
        self._datasets.append({"accession": segment.dataset, "seq": segment.seq, "info": info})
        self._starts.append(self._starts[-1] + len(segment))

    def joined(self) -> tuple[dict[str, Any], dict[str, Pieces]]:
        arrays = {"starts": Pieces.of(np.array(self._starts, np.int64))}
        columns = _Columns()
        for name, one in self._sets.items():
            arrays[f"sets/{name}/offsets"], arrays[f"sets/{name}/items"] = one.laid()
            words = {
                "keys": [key for key, _ in one.terms],
                "labels": [said for _, said in one.terms],
            }
            columns.lay(name, len(one), one.coded, is_shared=name in OF_DATASET, **words)
        for name, one in self._values.items():
            values, coded = one.coded(self._spools)
            arrays[f"values/{name}"] = Pieces.of(values)
            columns.lay(name, len(values), coded)
        arrays["values/size"] = Pieces.of(np.array(SIZE_BANDS, np.float64))
        columns.lay("size", len(SIZE_BANDS), self._sizes)
        years, coded = self._years()
        arrays["values/year"] = Pieces.of(years)
        columns.lay("year", len(years), coded, is_shared=True)
        arrays |= columns.laid(self._starts[-1], len(self._datasets))
        arrays |= self._rows.laid(self._beings)
        companion = self._companions
        header = {"datasets": self._datasets, "columns": columns.told, "companion": companion.told}
        return header, arrays | companion.laid()

    def _years(self) -> tuple[NDArray[np.float64], Coded]:
        of_datasets = np.array([each["info"]["year"] for each in self._datasets], np.float64)
        years, codes = np.unique(of_datasets, return_inverse=True)
        coded = Coded(self._spools)
        for code, rows in zip(codes.tolist(), np.diff(self._starts).tolist(), strict=True):
            coded.append_shared(code, rows)
        return years, coded


class _Columns:
    """Columns as they are laid side by side."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._coded: list[Coded] = []
        self._laid: dict[int, list[Coded]] = {NARROW: [], WIDE: [], SHARED: []}

    def lay(
        self, name: str, size: int, coded: Coded, *, is_shared: bool = False, **more: object
    ) -> None:
        place = SHARED if is_shared else NARROW if size < _MOST_NARROW else WIDE
        slot = 0 if is_shared else len(self._laid[place])
        self.told.append({"name": name, "place": place, "slot": slot, "size": size, **more})
        self._laid[place].append(coded)
        self._coded.append(coded)

    def laid(self, rows: int, datasets: int) -> dict[str, Pieces]:
        arrays = {
            "narrow": _stacked(self._laid[NARROW], rows, np.uint16),
            "wide": _stacked(self._laid[WIDE], rows, np.uint32),
        }
        constant = np.full((datasets, len(self._coded)), -1, np.int64)
        for at, coded in enumerate(self._coded):
            arrays |= {f"present/{at}/{part}": each for part, each in coded.laid().items()}
            constant[:, at] = coded.constant
        return arrays | {"constant": Pieces.of(constant)}


class _Rows:
    """What images have each for itself."""

    def __init__(self, spools: Spools) -> None:
        self._spools = spools
        self._plain = {
            "width": spools.new(np.uint32),
            "height": spools.new(np.uint32),
            "mpp_x": spools.new(np.float64),
            "mpp_y": spools.new(np.float64),
        }
        self._shrinking = spools.new(np.float64)
        self._pictured = spools.new(np.uint8)
        self._accessions = spools.new("S1")
        self._alias_offsets = spools.new(np.int64)
        self._alias_offsets.append(np.zeros(1, np.int64))
        self._alias_bytes = spools.new(np.uint8)
        self._alias_keys = spools.new(f"S{KEY_BYTES}")

    def take(self, segment: Segment) -> None:
        for name, spool in self._plain.items():
            spool.append(segment.raw[name])
        self._shrinking.append(-_megapixels(segment))
        self._pictured.append(segment.pictured)
        self._accessions.append(encoded(segment.accessions))
        aliases = [each.encode() for each in segment.aliases]
        ends = np.cumsum([len(each) for each in aliases], dtype=np.int64)
        self._alias_offsets.append(ends + len(self._alias_bytes))
        self._alias_bytes.append(np.frombuffer(b"".join(aliases), np.uint8))
        self._alias_keys.append(alias_keys(segment.aliases))

    def laid(self, beings: Beings) -> dict[str, Pieces]:
        largest = ordered(self._shrinking, _order_of_numbers, self._spools)
        finest = ordered(self._plain["mpp_x"], _order_of_numbers, self._spools)
        return {
            **{name: spool.laid() for name, spool in self._plain.items()},
            "order/largest": largest.laid(),
            "rank/largest": ranks(largest),
            "order/finest": finest.laid(),
            "rank/finest": ranks(finest),
            **beings.laid(),
            "pictured": self._pictured.laid(),
            "accessions": self._accessions.laid(),
            "accessions/order": ordered(self._accessions, order_of, self._spools).laid(),
            "aliases/offsets": self._alias_offsets.laid(),
            "aliases/bytes": self._alias_bytes.laid(),
            "aliases/keys": self._alias_keys.laid(),
            "aliases/order": ordered(self._alias_keys, order_of, self._spools).laid(),
        }


def _stacked(columns: list[Coded], rows: int, dtype: DTypeLike) -> Pieces:
    held = np.dtype(dtype)

    def made() -> Iterator[NDArray[Any]]:
        for column in columns:
            for piece in column.codes.pieces():
                yield piece.astype(held)

    return Pieces(held, (len(columns), rows), made)


def _megapixels(segment: Segment) -> NDArray[np.float64]:
    return segment.raw["width"] * segment.raw["height"] / 1e6


def _order_of_numbers(numbers: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(numbers, kind="stable")
