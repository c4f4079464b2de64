"""Wrap bare headers: those that lie in the records under the node's key alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import object_seals as seals
from bigpicture.storage.records.tables import objects as table
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.subject import Subject
from bigpicture.vault.subject_keys import key_names
from bigpicture.vault.wrap import wrap

_BATCH = 500


def bare_objects(connection: Connection, owner: str) -> list[str]:
    """The keys of an owner's objects whose headers no subject's key closes."""
    return list(
        connection.scalars(
            select(table.c.key)
            .where(
                table.c.owner == owner,
                table.c.header.is_not(None),
                table.c.key.not_in(select(seals.c.object)),
            )
            .order_by(table.c.key)
        )
    )


def wrap_bare(
    records: Records,
    key_store: KeyStore,
    objects: Sequence[str],
    *,
    owner: str,
    subjects: Sequence[Subject],
) -> None:
    """Wrap the headers of bare objects under the subjects' keys; a kill leaves each old or new."""
    names = key_names(records, key_store, owner, subjects)
    keys = key_store.read_all(names)
    for start in range(0, len(objects), _BATCH):
        with records.write() as connection:
            rows = connection.execute(
                select(table.c.key, table.c.header).where(
                    table.c.key.in_(objects[start : start + _BATCH]),
                    table.c.header.is_not(None),
                    table.c.key.not_in(select(seals.c.object)),
                )
            ).all()
            for row in rows:
                connection.execute(
                    update(table)
                    .where(table.c.key == row.key)
                    .values(header=wrap(row.header, keys, name=row.key))
                )
                connection.execute(
                    insert(seals), [{"object": row.key, "key": name} for name in names]
                )
