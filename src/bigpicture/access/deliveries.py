"""Deliveries: which file went to whom, and how much of it; on record before its first byte."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bigpicture.ledger.record import record
from bigpicture.storage.records import Records

NOBODY = "anyone"
"""The actor where an open dataset is taken away by somebody who is not signed in."""


class Deliveries:
    """Records files that leave. Raises `StorageError` when an event cannot be written.

    Every request for bytes gives two events: `file:deliver` before the first of them goes out,
    `file:delivered` with how many did. A crash loses only the second.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    async def begin(self, actor: str, dataset: str, details: Mapping[str, object]) -> None:
        """Returns once the event is durable."""
        await asyncio.to_thread(self._record, "file:deliver", actor, dataset, details)

    async def end(self, actor: str, dataset: str, details: Mapping[str, object]) -> None:
        await asyncio.to_thread(self._record, "file:delivered", actor, dataset, details)

    def _record(self, action: str, actor: str, dataset: str, details: Mapping[str, object]) -> None:
        with self._records.write() as connection:
            record(connection, actor=actor, action=action, subject=dataset, details=details)
