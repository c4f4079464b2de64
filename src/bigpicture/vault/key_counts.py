"""How many keys there are of each kind, and how many headers are under none."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bigpicture.storage.records.tables import object_seals, objects
from bigpicture.storage.records.tables import subject_keys as table
from bigpicture.vault.subject import SubjectKind


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """`bare` headers are sealed under the node's key alone."""

    beings: int
    datasets: int
    arrivals: int
    destroyed: int
    bare: int


def count_keys(connection: Connection) -> KeyCounts:
    """Count them."""
    is_destroyed = table.c.destroyed.is_not(None)
    rows = connection.execute(
        select(table.c.kind, is_destroyed, func.count()).group_by(table.c.kind, is_destroyed)
    ).all()
    bare = connection.scalar(
        select(func.count())
        .select_from(objects)
        .where(objects.c.header.is_not(None), objects.c.key.not_in(select(object_seals.c.object)))
    )
    living = {kind: count for kind, is_gone, count in rows if not is_gone}
    return KeyCounts(
        beings=living.get(SubjectKind.BEING, 0),
        datasets=living.get(SubjectKind.DATASET, 0),
        arrivals=living.get(SubjectKind.ARRIVAL, 0),
        destroyed=sum(count for _, is_gone, count in rows if is_gone),
        bare=bare or 0,
    )
