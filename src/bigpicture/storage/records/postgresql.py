"""PostgreSQL as we use it: read-only snapshots, one writer at a time, bounded waits."""

from __future__ import annotations

from sqlalchemy import Connection

WAIT_MILLISECONDS = 30_000
WRITER_LOCK = 0x62_69_67_70_69_63  # "bigpic": any number that no one else locks on

SNAPSHOT: dict[str, object] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Options of a connection that reads: one snapshot for the transaction, as SQLite gives."""


def begin_write(connection: Connection) -> None:
    """Wait for the writers' lock, freed at commit or rollback.

    Rows numbered by a sequence then become visible in the order of their numbers, so that
    whoever follows `events` or `changes` by number misses none; and there is no serialization
    failure to retry. See docs/decisions/0050.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT_MILLISECONDS}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
