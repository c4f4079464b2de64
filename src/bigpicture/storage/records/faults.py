"""Faults of the database, told as ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import exc

from bigpicture.model.errors import StorageError, StorageFullError

_SQLITE_FULL = sqlite3.SQLITE_FULL
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_POSTGRESQL_FULL = "53100"
_POSTGRESQL_BUSY = frozenset({"55P03", "40001", "40P01"})


@contextmanager
def told_as_ours(place: str) -> Generator[None]:
    """Turn operational faults of the database into `StorageError`.

    Broken constraints (`sqlalchemy.exc.IntegrityError`) and programming errors pass unchanged:
    the caller knows what they mean. `place` names the database without its password.
    """
    try:
        yield
    except exc.TimeoutError as error:  # the pool's
        raise _busy(place) from error
    except exc.DBAPIError as error:
        ours = _translate(error, place)
        if ours is None:
            raise
        raise ours from error


def _translate(error: exc.DBAPIError, place: str) -> StorageError | None:
    if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError):
        return None
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    state = getattr(error.orig, "sqlstate", None) or ""
    # An extended SQLite result code carries the primary one in its low byte.
    primary = sqlite_code & 0xFF if isinstance(sqlite_code, int) else None
    if primary == _SQLITE_FULL or state == _POSTGRESQL_FULL:
        return StorageFullError(
            "the records' disk is full; nothing was changed.",
            place=place,
            remedy="Free some room, then try again.",
        )
    if primary in _SQLITE_BUSY or state in _POSTGRESQL_BUSY:
        return _busy(place)
    if isinstance(error, exc.OperationalError | exc.InternalError | exc.InterfaceError):
        return StorageError(f"the records cannot be used: {error.orig}", place=place)
    if isinstance(error.orig, sqlite3.DatabaseError):  # torn or foreign file
        return StorageError(f"the records are damaged: {error.orig}", place=place)
    return None


def _busy(place: str) -> StorageError:
    return StorageError(
        "the records were busy for too long; nothing was changed.",
        place=place,
        remedy="Try again; if it goes on, look for a transaction that never ends.",
    )
