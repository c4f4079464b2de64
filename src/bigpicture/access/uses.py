"""The public register: which uses were approved, of what, by whom, in words for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select

from bigpicture.access.application_rows import find_application
from bigpicture.model.application import Application
from bigpicture.storage.records.application_tables import applications
from bigpicture.storage.records.tables import datasets, grants


class UseState(StrEnum):
    CURRENT = "current"
    ENDED = "ended"
    ENDED_EARLY = "ended-early"
    """Closed or revoked before its day."""


@dataclass(frozen=True, slots=True)
class ApprovedUse:
    """`datasets` are accession and title; no person is named, only their organisation."""

    id: str
    title: str
    lay_summary: str
    organisation: str
    datasets: tuple[tuple[str, str], ...]
    start: datetime
    end: datetime
    state: UseState


def list_uses(
    connection: Connection, *, now: datetime, after: str = "", limit: int = 50
) -> list[ApprovedUse]:
    """Approved uses by the ids of their applications: those that ever had a grant."""
    rows = connection.execute(
        select(grants.c.application)
        .where(grants.c.application.in_(select(applications.c.id)), grants.c.application > after)
        .group_by(grants.c.application)
        .order_by(grants.c.application)
        .limit(limit)
    ).all()
    return [_use(connection, find_application(connection, row.application), now) for row in rows]


def _use(connection: Connection, application: Application, now: datetime) -> ApprovedUse:
    mine = grants.c.application == application.id
    start, end, revoked, running = connection.execute(
        select(
            func.min(grants.c.start),
            func.max(grants.c.end),
            func.max(grants.c.revoked),
            func.count().filter(grants.c.revoked.is_(None)),
        ).where(mine)
    ).one()
    held = connection.execute(
        select(datasets.c.accession, datasets.c.title)
        .where(datasets.c.accession.in_(select(grants.c.dataset).where(mine)))
        .order_by(datasets.c.accession)
    ).all()
    if not running:
        end, state = min(end, revoked), UseState.ENDED_EARLY
    else:
        state = UseState.CURRENT if now < end else UseState.ENDED
    return ApprovedUse(
        id=application.id,
        title=application.title,
        lay_summary=str(application.answers.get("lay_summary") or ""),
        organisation=application.applicant.organisation,
        datasets=tuple((row.accession, row.title) for row in held),
        start=start,
        end=end,
        state=state,
    )
