"""A place: what a folder and a bucket both can do with bytes under a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bigpicture.model.errors import ConflictError, IntegrityError, StorageError, StorageFullError

Range = tuple[int, int]
"""Offset and length in bytes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as a listing shows it: `size` in bytes, `modified` in UTC."""

    key: str
    size: int
    modified: datetime


class Place(Protocol):
    """One kind of store. Keys are valid and ranges lie within reason when they arrive here."""

    def put(self, key: str, chunks: Iterable[bytes], *, if_absent: bool) -> int: ...
    def get(self, key: str) -> bytes: ...
    def get_ranges(self, key: str, ranges: Sequence[Range]) -> list[bytes]: ...
    def stream(self, key: str) -> Iterator[bytes]: ...
    def size(self, key: str) -> int | None: ...
    def delete(self, key: str) -> None: ...
    def list(self, prefix: str) -> Iterator[Stored]: ...
    def sweep(self) -> int: ...
    async def get_async(self, key: str) -> bytes: ...
    async def get_ranges_async(self, key: str, ranges: Sequence[Range]) -> list[bytes]: ...


def missing(key: str) -> StorageError:
    """Not `UnknownError`: whoever asks by key was told that the object is there."""
    return StorageError("this object is not in the store.", place=key)


def taken(key: str) -> ConflictError:
    return ConflictError("an object of this key exists already.", place=key)


def short(key: str) -> IntegrityError:
    return IntegrityError("this object is shorter than what was asked of it.", place=key)


def full(key: str) -> StorageFullError:
    return StorageFullError(
        "the object store is full; nothing was kept of this object.",
        place=key,
        remedy="Free some room, then try again.",
    )
