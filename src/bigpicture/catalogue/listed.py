"""Listed: every landing page of the node, with the moment of its last change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from bigpicture.model.standing import Standing
from bigpicture.storage.records import tables as t


def read_listed(connection: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """Accessions of the released datasets in their order, each with its last change."""
    changed = func.coalesce(func.max(t.changes.c.time), t.datasets.c.published)
    asked = (
        select(t.datasets.c.accession, changed)
        .outerjoin(t.changes, t.changes.c.dataset == t.datasets.c.accession)
        .where(
            t.datasets.c.standing != Standing.WITHDRAWN,
            or_(t.datasets.c.embargo_until.is_(None), t.datasets.c.embargo_until <= now),
        )
        .group_by(t.datasets.c.accession, t.datasets.c.published)
        .order_by(t.datasets.c.accession)
    )
    return [(row[0], row[1]) for row in connection.execute(asked)]
