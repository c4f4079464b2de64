"""A sealed source: a byte source that the event loop can read too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bigpicture.model.source import ByteSource


class SealedSource(ByteSource, Protocol):
    """What the vault opens. Reads are opened and checked segment by segment."""

    async def aread(self, offset: int, length: int) -> bytes:
        """As `read`, without blocking the event loop."""
        ...


OpenSealed = Callable[[str], SealedSource]
"""Opens the object of a key; raises `UnknownError` or `StorageError`."""
