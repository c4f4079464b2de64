"""The seal epoch: a number that moves whenever somebody may do less, or more, than before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from threading import Lock

from sqlalchemy import Connection, insert, select, update

from bigpicture.storage.records import Records
from bigpicture.storage.records.tables import epochs

FRESH_SECONDS = 0.25
"""How old a process's knowledge of the epochs may be: one tiny query per process in that time.

It is also the longest that a revocation needs to reach reads in another process.
"""


class Epoch(StrEnum):
    SEAL = "seal"
    """Grants, tiers, publications, the standing of datasets."""
    SESSION = "session"
    """Sessions, tokens and roles of people."""
    ERASURE = "erasure"
    """Subjects whose key was destroyed: no memory may hold what it sealed."""


def bump(connection: Connection, epoch: Epoch = Epoch.SEAL) -> None:
    """Move an epoch on, in the caller's write transaction."""
    moved = connection.execute(
        update(epochs).where(epochs.c.name == epoch).values(value=epochs.c.value + 1)
    )
    if moved.rowcount == 0:
        connection.execute(insert(epochs).values(name=str(epoch), value=1))


class Epochs:
    """The epochs as this process knows them, never older than `FRESH_SECONDS` when asked.

    Raises `StorageError` when they cannot be read: who cannot know of a revocation serves nothing.
    """

    def __init__(
        self,
        records: Records,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._values: Mapping[str, int] = {}
        self._read_at = float("-inf")
        self._lock = Lock()
        self._listening: list[tuple[Epoch, Callable[[], None]]] = []

    def listen(self, epoch: Epoch, act: Callable[[], None]) -> None:
        """Call `act`, which may not raise, whenever this process learns that an epoch moved.

        It has acted before anybody is told the new value.
        """
        self._listening.append((epoch, act))

    def last(self, epoch: Epoch) -> int:
        """An epoch as it was last read, however long ago."""
        return self._values.get(epoch, 0)

    def known(self) -> Mapping[str, int] | None:
        """The epochs without asking the records, or None when they are too old. Never blocks."""
        is_fresh = self._clock() - self._read_at < self._fresh_seconds
        return self._values if is_fresh else None

    def current(self) -> Mapping[str, int]:
        """The epochs, asked of the records where needed. Blocks: not for the event loop."""
        with self._lock:  # those who waited find the answer of the first
            return self.known() or self._read()

    async def awaited(self) -> Mapping[str, int]:
        """As `current`, for the event loop."""
        return self.known() or await asyncio.to_thread(self.current)

    def outdate(self) -> None:
        """An epoch was moved from here, and committed: who asks next asks the records. May block.

        A read under way may be older than that, so it is waited for.
        """
        with self._lock:
            self._read_at = float("-inf")

    def _read(self) -> Mapping[str, int]:
        began = self._clock()  # before the query: what it says may be as old as this
        with self._records.read() as connection:
            rows = connection.execute(select(epochs.c.name, epochs.c.value)).all()
        before = self._values
        values = {str(epoch): 0 for epoch in Epoch} | {row.name: row.value for row in rows}
        for epoch, act in self._listening:
            if before and before[epoch] != values[epoch]:
                act()
        self._values = values
        self._read_at = began
        return self._values
