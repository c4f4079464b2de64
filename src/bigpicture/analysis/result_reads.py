"""Who reads a result: an event for the first time that a person reads one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from bigpicture.analysis.result_store import ResultRow
from bigpicture.ledger.record import record
from bigpicture.storage.records.run_tables import result_reads


def record_result_read(
    connection: Connection, person: str, row: ResultRow, *, grant: str | None, now: datetime
) -> None:
    """Record it, in the caller's transaction, unless this person has read this result before."""
    if is_read_recorded(connection, person, row):
        return
    mine = {"person": person, "key": row.key, "image": row.image}
    connection.execute(insert(result_reads).values(**mine, time=now))
    details = {"key": row.key, "algorithm": row.algorithm, "version": row.version, "grant": grant}
    record(connection, actor=person, action="result:read", subject=row.image, details=details)


def is_read_recorded(connection: Connection, person: str, row: ResultRow) -> bool:
    """Whether this person has read this result before."""
    mine = {"person": person, "key": row.key, "image": row.image}
    known = select(result_reads.c.time).where(
        *(result_reads.c[name] == value for name, value in mine.items())
    )
    return connection.execute(known).first() is not None
