"""A byte source: something of known length that can be read anywhere."""

from __future__ import annotations

from typing import Protocol


class ByteSource(Protocol):
    """Bytes at rest: a file, an object in a store, or a sealed object being opened.

    Readers never learn which. Reads may come from several threads.
    """

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`; raises `IntegrityError` past the end."""
        ...
