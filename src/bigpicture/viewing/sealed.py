"""A sealed source: a byte source that the event loop can read too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bigpicture.model.source import ByteSource


class SealedSource(ByteSource, Protocol):
    """What the vault opens. Reads are opened and checked segment by segment."""

    async def aread(self, offset: int, length: int) -> bytes:
        """As `read`, without blocking the event loop."""
        ...

    async def aread_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Several ranges (offset, length), in about the time of one."""
        ...

    async def fetch(self, ranges: Sequence[tuple[int, int]]) -> int:
        """Bring ranges nearer for those who will read them; returns how much was missing."""
        ...


OpenSealed = Callable[[str], SealedSource]
"""Opens the object of a key; raises `UnknownError` or `StorageError`."""
