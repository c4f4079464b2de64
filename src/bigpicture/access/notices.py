"""Notices: what a person is told in the portal; nothing is sent elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from bigpicture.storage.records.application_tables import notices


@dataclass(frozen=True, slots=True)
class Notice:
    """`link` is a path of the portal."""

    id: str
    at: datetime
    kind: str
    subject: str
    text: str
    link: str
    is_read: bool


def notify(
    connection: Connection,
    people: Iterable[str],
    *,
    kind: str,
    subject: str,
    text: str,
    link: str,
    key: str = "",
) -> None:
    """Tell people, each once; those who were told of the same `key` before are left alone.

    `text` holds no personal data but display names.
    """
    wanted = sorted(set(people))
    if key and wanted:
        told = connection.scalars(
            select(notices.c.person).where(notices.c.person.in_(wanted), notices.c.key == key)
        )
        wanted = sorted(set(wanted) - set(told))
    if not wanted:
        return
    now = datetime.now(UTC)
    same = {"at": now, "kind": kind, "subject": subject, "text": text, "link": link}
    connection.execute(
        insert(notices), [{"person": each, "key": key or None, **same} for each in wanted]
    )


def list_notices(
    connection: Connection, person: str, *, after: str = "", limit: int = 50
) -> list[Notice]:
    """The person's notices, the newest first; `after` is the id of the last one seen."""
    asked = (
        select(notices)
        .where(notices.c.person == person)
        .order_by(notices.c.seq.desc())
        .limit(limit)
    )
    if after.isdecimal():
        asked = asked.where(notices.c.seq < int(after))
    return [
        Notice(
            id=str(row["seq"]),
            at=row["at"],
            kind=row["kind"],
            subject=row["subject"],
            text=row["text"],
            link=row["link"],
            is_read=row["read"] is not None,
        )
        for row in connection.execute(asked).mappings()
    ]


def count_unread(connection: Connection, person: str) -> int:
    """How many the person has not read."""
    asked = select(func.count()).select_from(notices)
    return connection.execute(
        asked.where(notices.c.person == person, notices.c.read.is_(None))
    ).scalar_one()


def mark_read(connection: Connection, person: str, ids: Collection[str] | None) -> None:
    """Mark those of the person's notices as read, or all."""
    done = update(notices).where(notices.c.person == person, notices.c.read.is_(None))
    if ids is not None:
        done = done.where(notices.c.seq.in_([int(each) for each in ids if each.isdecimal()]))
    connection.execute(done.values(read=datetime.now(UTC)))
