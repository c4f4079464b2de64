"""Stored: all terms of a node, ordered once, then read from a file that all processes share."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from hashlib import blake2b
from pathlib import Path
from shutil import rmtree

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.terminologies.order import grouped, in_order
from bigpicture.catalogue.terminologies.terminology import Terminology, code_of

LAYOUT = 1
"""Raised when the columns below change."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """What is written, each a file of numbers; row n of a text or list lies between two starts."""

    key_starts: NDArray[np.int64]
    keys: NDArray[np.uint8]
    label_starts: NDArray[np.int64]
    labels: NDArray[np.uint8]
    above_starts: NDArray[np.int64]
    above: NDArray[np.int32]
    below_starts: NDArray[np.int64]
    below: NDArray[np.int32]
    label_hashes: NDArray[np.uint64]
    label_rows: NDArray[np.int32]
    code_hashes: NDArray[np.uint64]
    code_rows: NDArray[np.int32]


class Stored:
    """Terms in the order of their keys; rows are numbered from 0."""

    def __init__(self, columns: Columns) -> None:
        self._keys = _Texts(columns.key_starts, columns.keys)
        self._labels = _Texts(columns.label_starts, columns.labels)
        self._above = _Lists(columns.above_starts, columns.above)
        self._below = _Lists(columns.below_starts, columns.below)
        self._hashed = (
            (columns.label_hashes, columns.label_rows),
            (columns.code_hashes, columns.code_rows),
        )
        self.columns = columns

    def __len__(self) -> int:
        return len(self._keys)

    def row(self, key: str) -> int | None:
        """The row of a key; None where there is none."""
        wanted = key.encode()
        low, high = 0, len(self._keys)
        while low < high:
            middle = (low + high) // 2
            if self._keys.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        is_there = low < len(self._keys) and self._keys.raw(low) == wanted
        return low if is_there else None

    def key(self, row: int) -> str:
        return self._keys[row]

    def label(self, row: int) -> str:
        return self._labels[row]

    def parents(self, row: int) -> tuple[str, ...]:
        return tuple(self._keys[each] for each in self._above[row].tolist())

    def descendants(self, row: int) -> Iterator[str]:
        """The keys of all rows under this one, with itself."""
        seen = np.zeros(len(self), dtype=np.bool_)
        seen[row] = True
        front = np.array([row], dtype=np.int32)
        while len(front):
            below = np.unique(self._below.of(front))
            front = below[~seen[below]]
            seen[front] = True
        return (self._keys[each] for each in np.flatnonzero(seen).tolist())

    def named(self, words: str) -> tuple[str, ...]:
        """The keys whose label, code or whole key is exactly this, in any case."""
        wanted = words.casefold()
        (by_label, by_code) = self._hashed
        found = [*_rows(by_label, wanted), *_rows(by_code, wanted)]
        found += _rows(by_code, code_of(wanted))
        return tuple(
            key
            for key, label in ((self._keys[row], self._labels[row]) for row in dict.fromkeys(found))
            if wanted in (label.casefold(), code_of(key).casefold(), key.casefold())
        )


class Parents(Mapping[str, tuple[str, ...]]):
    """Key to the keys of its parents; what was asked is kept."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._known: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, key: str) -> tuple[str, ...]:
        if key not in self._known:
            self._known[key] = self._stored.parents(_found(self._stored, key))
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return map(self._stored.key, range(len(self._stored)))

    def __len__(self) -> int:
        return len(self._stored)


class Labels(Mapping[str, str]):
    """Key to label."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def __getitem__(self, key: str) -> str:
        return self._stored.label(_found(self._stored, key))

    def __iter__(self) -> Iterator[str]:
        return map(self._stored.key, range(len(self._stored)))

    def __len__(self) -> int:
        return len(self._stored)


def compile_terms(terminologies: Sequence[Terminology], *, place: str) -> Stored:
    """Put terminologies together: the first that names a term says what it is called.

    Its parents come in the order of the terminologies. Raises `InputError` where there is a circle.
    """
    known: dict[str, int] = {}
    labels: list[str] = []
    below: list[NDArray[np.int32]] = []
    above: list[NDArray[np.int32]] = []
    parts: list[NDArray[np.bool_]] = []
    for terms in terminologies:
        ordered = in_order(terms)
        rows = np.empty(len(ordered.keys), dtype=np.int32)
        for number, (key, label) in enumerate(zip(ordered.keys, ordered.labels, strict=True)):
            row = known.setdefault(key, len(labels))
            if row == len(labels):
                labels.append(label)
            elif labels[row] == code_of(key):
                labels[row] = label
            rows[number] = row
        below.append(rows[ordered.below])
        above.append(rows[ordered.above])
        parts.append(ordered.is_part)
    joined = Terminology(
        place, list(known), labels, np.concatenate(below), np.concatenate(above),
        np.concatenate(parts),
    )  # fmt: skip
    if len(terminologies) > 1:
        joined = in_order(joined)
    return Stored(_columns(_distinct(joined)))


def write_stored(stored: Stored, folder: Path) -> None:
    """Write the folder at once or not at all, and remove those of earlier terms beside it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    written = folder.with_name(f".{secrets.token_hex(6)}")
    written.mkdir()
    try:
        for column in fields(Columns):
            np.save(written / f"{column.name}.npy", getattr(stored.columns, column.name))
        rmtree(folder, ignore_errors=True)  # not whole, or it would have been read
        with suppress(OSError):  # another process was faster
            written.rename(folder)
    finally:
        rmtree(written, ignore_errors=True)
    for other in folder.parent.iterdir():
        if other != folder and not other.name.startswith("."):
            rmtree(other, ignore_errors=True)  # who has one mapped keeps it


def read_stored(folder: Path) -> Stored | None:
    """Map a written folder into memory; None where it is not there or not whole."""
    try:
        return Stored(
            Columns(
                **{
                    column.name: np.load(folder / f"{column.name}.npy", mmap_mode="r")
                    for column in fields(Columns)
                }
            )
        )
    except (OSError, ValueError, EOFError):
        return None


class _Texts:
    """A column of texts in UTF-8."""

    def __init__(self, starts: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
        self._starts = starts.data
        self._data = data.data

    def __len__(self) -> int:
        return len(self._starts) - 1

    def raw(self, row: int) -> bytes:
        return self._data[self._starts[row] : self._starts[row + 1]].tobytes()

    def __getitem__(self, row: int) -> str:
        return self.raw(row).decode()


class _Lists:
    """A column of lists of rows."""

    def __init__(self, starts: NDArray[np.int64], values: NDArray[np.int32]) -> None:
        self._starts = starts
        self._values = values

    def __getitem__(self, row: int) -> NDArray[np.int32]:
        return self._values[self._starts[row] : self._starts[row + 1]]

    def of(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """The lists of many rows, one after the other."""
        starts = self._starts[rows]
        lengths = self._starts[rows + 1] - starts
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        return self._values[np.repeat(starts, lengths) + within]


def _rows(by_hash: tuple[NDArray[np.uint64], NDArray[np.int32]], text: str) -> list[int]:
    hashes, rows = by_hash
    hashed = _hash(text)
    first, last = np.searchsorted(hashes, [hashed, hashed + np.uint64(1)])
    return rows[first:last].tolist()


def _found(stored: Stored, key: str) -> int:
    row = stored.row(key)
    if row is None:
        raise KeyError(key)
    return row


def _distinct(terms: Terminology) -> Terminology:
    """Each relation once: where it came first."""
    pairs = terms.below.astype(np.int64) * len(terms.keys) + terms.above
    _, first = np.unique(pairs, return_index=True)
    first.sort()
    return Terminology(
        terms.name, terms.keys, terms.labels,
        terms.below[first], terms.above[first], terms.is_part[first],
    )  # fmt: skip


def _columns(terms: Terminology) -> Columns:
    count = len(terms.keys)
    order = sorted(range(count), key=lambda row: terms.keys[row].encode())
    place = np.empty(count, dtype=np.int32)
    place[order] = np.arange(count, dtype=np.int32)
    below, above = place[terms.below], place[terms.above]
    keys = [terms.keys[row] for row in order]
    labels = [terms.labels[row] for row in order]
    return Columns(
        *_texts(keys),
        *_texts(labels),
        *grouped(below, above, count),
        *grouped(above, below, count),
        *_hashed(labels),
        *_hashed(map(code_of, keys)),
    )


def _texts(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    encoded = [each.encode() for each in texts]
    starts = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(each) for each in encoded], out=starts[1:])
    return starts, np.frombuffer(b"".join(encoded), dtype=np.uint8)


def _hashed(texts: Iterable[str]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    hashes = np.array([_hash(each.casefold()) for each in texts], dtype=np.uint64)
    order = np.argsort(hashes, kind="stable")
    return hashes[order], order.astype(np.int32)


def _hash(folded: str) -> np.uint64:
    return np.uint64(
        int.from_bytes(blake2b(folded.encode(), digest_size=8).digest(), "little") >> 1
    )
