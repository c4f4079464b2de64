"""SQLite as we use it: write-ahead log, durable commits, one writer at a time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED, OperationalError
from sqlite3 import Connection as Driver

from sqlalchemy import Connection, Engine, event

from bigpicture.model.errors import StorageError

WAIT_MILLISECONDS = 30_000
_CUT_MILLISECONDS = 100
_BETWEEN_CUTS_SECONDS = 0.4
_TAKEN = frozenset({SQLITE_BUSY, SQLITE_LOCKED})

# synchronous=FULL: in WAL mode the log is synced at every commit, so that what was promised
# survives a power cut; NORMAL would keep the file whole but lose the last commits.
_PRAGMAS = (
    f"PRAGMA busy_timeout={WAIT_MILLISECONDS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # the header of an erased object must not linger in free pages
)


def prepare_sqlite(engine: Engine) -> None:
    """Set up every connection that `engine` will open, and how its transactions begin."""
    _make_file(engine.url.database)
    event.listen(engine, "connect", _connect)
    event.listen(engine, "begin", _begin)


def _make_file(database: str | None) -> None:
    """The records hold password digests and sealed keys: the file is for its owner alone."""
    assert database, "open_records lets no other through"
    path = Path(database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(f"cannot be written: {error.strerror}.", place=database) from error


def _connect(driver: Driver, _record: object) -> None:
    driver.isolation_level = None  # BEGIN is ours: the driver would begin late and deferred
    for pragma in _PRAGMAS:
        driver.execute(pragma)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    is_write = options.get("is_write", False)
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA query_only={'OFF' if is_write else 'ON'}")
    driver.execute(f"PRAGMA foreign_keys={'OFF' if options.get('is_migration') else 'ON'}")
    # A deferred transaction that turns to writing fails at once when another wrote meanwhile;
    # an immediate one waits its turn.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def cut_log(driver: Driver) -> None:
    """Write the log back and cut it to nothing; gives up where readers do not end in time.

    SQLite waits for them as the one writer. A reader that waits in turn for its turn to write
    would never end, so each try is short, and whoever wants to write gets in between.
    """
    deadline = time.monotonic() + WAIT_MILLISECONDS / 1000
    driver.execute(f"PRAGMA busy_timeout={_CUT_MILLISECONDS}")
    try:
        while not _is_cut(driver) and time.monotonic() < deadline:
            time.sleep(_BETWEEN_CUTS_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout={WAIT_MILLISECONDS}")


def _is_cut(driver: Driver) -> bool:
    try:
        is_busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except OperationalError as error:
        if error.sqlite_errorcode not in _TAKEN:
            raise
        return False  # another writes, or cuts it
    return not is_busy
