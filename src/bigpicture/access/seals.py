"""Seals: what is sealed, as this process knows it, never older than a quarter of a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import Connection, Row, select

from bigpicture.access.epoch import FRESH_SECONDS
from bigpicture.access.seal_files import SealFiles
from bigpicture.model.errors import StorageError
from bigpicture.model.seal import NODE, NOTHING, Seal, Sealed, SealScope
from bigpicture.storage.records import Records
from bigpicture.storage.records.grant_tables import seals


class Seals:
    """The seals in the files, which hold also when the records are gone, empty or of last week.

    What the records know beside is laid down as a file by each machine (`mirror`). Where the files
    cannot be read, everything is sealed.
    """

    def __init__(
        self,
        files: SealFiles,
        records: Records | None = None,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.files = files
        self._records = records
        self._fresh_seconds = fresh_seconds
        self._clock = clock
        self._names: frozenset[str] = frozenset()
        self._sealed = NOTHING
        self._read_at = float("-inf")
        self._is_behind = False
        self._lock = Lock()

    def current(self) -> Sealed:
        """What is sealed now.

        A list of a small folder, at most every quarter of a second: cheap enough for the event
        loop, which a thread would cost more.
        """
        if self._clock() - self._read_at < self._fresh_seconds:
            return self._sealed
        with self._lock:  # those who waited find the answer of the first
            if self._clock() - self._read_at >= self._fresh_seconds:
                began = self._clock()
                self._look()
                self._read_at = began
            return self._sealed

    def is_issuer_sealed(self, issuer: str) -> bool:
        """Whether nothing that this issuer vouches for counts."""
        return self.current().over_issuer(issuer) is not None

    def outdate(self) -> None:
        """A seal was laid down or opened here: who asks next looks."""
        with self._lock:
            self._read_at = float("-inf")

    def mirror(self) -> None:
        """Bring the files up to what the records say; for `Epochs.listen`, so it never raises.

        A file whose row was opened by two people goes; a seal that only the records know gets its
        file. A file that the records do not know stays. What fails is tried again.
        """
        if self._records is None:
            return
        try:
            with self._records.read() as connection:
                _mirror(connection, self.files)
            self._is_behind = False
        except StorageError:
            self._is_behind = True
        self.outdate()

    def _look(self) -> None:
        if self._is_behind and self._records is not None:
            try:
                with self._records.read() as connection:
                    _mirror(connection, self.files)
                self._is_behind = False
            except StorageError:
                pass  # the epochs cannot be read either: nothing is served meanwhile
        try:
            names = self.files.names()
            if names != self._names:
                self._sealed = Sealed(filter(None, map(self.files.read, sorted(names))))
                self._names = names
        except StorageError as error:
            self._names = frozenset({""})  # never equal to what is there: it is read again
            self._sealed = Sealed([_unread(error)])


def _mirror(connection: Connection, files: SealFiles) -> None:
    here = files.names()
    for row in _rows(connection, here):
        if row.opened is not None:
            files.remove(row.id)
        elif row.id not in here:
            files.write(seal_of(row))


def _rows(connection: Connection, names: frozenset[str]) -> Iterator[Row[tuple[object, ...]]]:
    """Rows of seals that are not opened, and of those that have a file."""
    yield from connection.execute(select(seals).where(seals.c.opened.is_(None)))
    if names:
        opened = seals.c.opened.is_not(None)
        yield from connection.execute(select(seals).where(opened, seals.c.id.in_(names)))


def seal_of(row: Row[tuple[object, ...]]) -> Seal:
    """A row of `seals` as the noun."""
    return Seal(row.id, SealScope(row.scope), row.of, row.reason, row.since, row.by)


def _unread(error: StorageError) -> Seal:
    return Seal("unread", SealScope.NODE, "", error.what, datetime.now(UTC), NODE)
