"""Use told: who uses a dataset, and what they read and took of it, from the events themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bigpicture.access.grant_rows import list_grants
from bigpicture.model.grant import Grant
from bigpicture.storage.records.application_tables import applications
from bigpicture.storage.records.tables import events, submissions

MOST_GRANTS = 50
"""On one page: each of their events is counted."""


@dataclass(frozen=True, slots=True)
class UseTold:
    """`images_read` are different images, `files_delivered` each time that a file began to go."""

    grant: Grant
    last_read: datetime | None
    images_read: int
    files_delivered: int


def tell_uses(
    connection: Connection, dataset: str, *, after: str = "", limit: int = MOST_GRANTS
) -> list[UseTold]:
    """What was done under each grant to a dataset, in the order of their ids.

    One pass over the index of the events that rest on these grants, whatever else is on record.
    """
    found = list_grants(connection, dataset=dataset, after=after, limit=limit)
    read = _counted(connection, found, "image:read")
    taken = _counted(connection, found, "file:deliver")
    return [
        UseTold(
            grant=each,
            last_read=max(
                (last for told in (read, taken) if (last := told.get(each.id, _NONE)[2])),
                default=None,
            ),
            images_read=read.get(each.id, _NONE)[0],
            files_delivered=taken.get(each.id, _NONE)[1],
        )
        for each in found
    ]


def is_contributor(connection: Connection, person: str, dataset: str) -> bool:
    """Whether a person submitted a dataset."""
    mine = select(submissions.c.accession).where(
        submissions.c.accession == dataset, submissions.c.person == person
    )
    return connection.execute(mine).first() is not None


def title_applications(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Titles of applications by id."""
    wanted = select(applications.c.id, applications.c.title)
    rows = connection.execute(wanted.where(applications.c.id.in_(set(ids))))
    return {row.id: row.title for row in rows}


_Counts = tuple[int, int, datetime | None]
"""Different subjects, events, the last of them."""
_NONE: _Counts = (0, 0, None)


def _counted(connection: Connection, found: Sequence[Grant], action: str) -> dict[str, _Counts]:
    each = events.c
    rows = connection.execute(
        select(
            each.by_grant,
            func.count(each.subject.distinct()).label("subjects"),
            func.count().label("events"),
            func.max(each.time).label("last"),
        )
        .where(each.by_grant.in_([grant.id for grant in found]), each.action == action)
        .group_by(each.by_grant)
    )
    return {row.by_grant: (row.subjects, row.events, row.last) for row in rows}
