"""Erase a subject: its key is destroyed, and with it all that was sealed under it, everywhere.

Copies of the records and of the bodies, replicas and backups of any age, hold nothing that opens
any more. What was delivered to people is recalled by other means: no key of ours reaches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bigpicture.access.epoch import Epoch, bump
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, UnknownError
from bigpicture.storage.records.changed import tell_changed
from bigpicture.storage.records.tables import (
    beings,
    images,
    levels,
    subject_keys,
)
from bigpicture.submission.forget_rows import forget, prepare_forgetting
from bigpicture.submission.state import NODE
from bigpicture.submission.stores import Stores
from bigpicture.vault.subject import SubjectKind
from bigpicture.vault.subject_keys import NamedKey, keys_of, mark_destroyed

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """How many sealed objects closed."""

    being: str
    dataset: str
    objects: int


def erase_subject(stores: Stores, being: str, *, actor: str = NODE, reason: str = "") -> Erased:
    """Erase a published BiologicalBeing by its accession, for good; doing so again is harmless.

    A slide that holds tissue of several beings closes with the first of them. Raises
    `UnknownError` where no such being is published, `ConflictError` where it has no key.
    """
    with stores.records.read() as connection:
        row = connection.execute(
            select(beings.c.dataset, beings.c.alias).where(beings.c.accession == being)
        ).first()
        if row is None:
            raise UnknownError("there is no such BiologicalBeing.", place=being)
        keys = [
            key
            for key in keys_of(connection, row.dataset, [SubjectKind.BEING])
            if key.subject.alias == row.alias
        ]
    if not keys:
        raise ConflictError(
            "this being has no key of its own: its slides are sealed under the node's key alone.",
            place=being,
            remedy="Run `bigpicture keys wrap`, then destroy the key.",
        )
    closed = sum(
        _close(stores, key, subject=being, actor=actor, details={"reason": reason}) for key in keys
    )
    return Erased(being, row.dataset, closed)


def end_keys(stores: Stores, owner: str, kinds: Sequence[SubjectKind] = tuple(SubjectKind)) -> None:
    """Destroy the keys of a submission that is over, or its arrival's: backups of it close too.

    A key under which something still counts stays.
    """
    with stores.records.read() as connection:
        over = [
            key
            for key in keys_of(connection, owner, kinds)
            if not key.is_destroyed and not stores.vault.is_sealing(connection, key.id)
        ]
    for key in over:
        stores.vault.key_store.destroy(key.id)
        with stores.records.write() as connection:
            mark_destroyed(connection, key.id, frees=True)


def finish_erasures(stores: Stores) -> int:
    """Close again what was erased: after a kill in the middle, or after a backup was put back.

    The key store knows what was destroyed, whatever the records say. Returns how many keys.
    """
    with stores.records.read() as connection:
        table = subject_keys
        rows = connection.execute(select(table).where(table.c.destroyed.is_(None))).all()
    destroyed = set(stores.vault.key_store.destroyed()) if rows else set[str]()
    found = [row for row in rows if row.id in destroyed]
    for row in found:
        stores.vault.key_store.destroy(row.id)  # the mark may be all that was done
        key = next(each for each in _keys(stores, row.owner) if each.id == row.id)
        _close(stores, key, subject=row.owner, actor=NODE, details={"again": True})
    return len(found)


def _keys(stores: Stores, owner: str) -> list[NamedKey]:
    with stores.records.read() as connection:
        return keys_of(connection, owner)


def _forget_names(connection: Connection, closed: Sequence[str]) -> None:
    """What DICOM headers said of the images goes from the records too: no search finds them."""
    for start in range(0, len(closed), _CHUNK):
        some = closed[start : start + _CHUNK]
        found = select(levels.c.image).where(levels.c.object.in_(some))
        connection.execute(
            update(images)
            .where(images.c.accession.in_(found))
            .values(study_uid="", series_uid="", searched=None)
        )
        connection.execute(update(levels).where(levels.c.object.in_(some)).values(searched=None))


def _close(
    stores: Stores, key: NamedKey, *, subject: str, actor: str, details: dict[str, object]
) -> int:
    """Destroy one key and close what it sealed. The order makes a kill harmless: the key first."""
    stores.vault.key_store.destroy(key.id)
    is_being = key.subject.kind is SubjectKind.BEING
    alias = key.subject.alias if is_being else ""
    forgetting = prepare_forgetting(stores, key.owner, alias)
    with stores.records.write() as connection:
        closed = stores.vault.close(connection, key.id)
        doomed = forget(connection, stores, forgetting)
        _forget_names(connection, closed)
        is_new = mark_destroyed(connection, key.id, frees=key.subject.kind is SubjectKind.ARRIVAL)
        if is_new:
            bump(connection, Epoch.ERASURE)
            if is_being:
                tell_changed(connection, key.owner, "erased")
            record(
                connection,
                actor=actor,
                action="subject:erase",
                subject=subject,
                details={**details, "key": key.id, "objects": len(closed)},
            )
    stores.vault.erase([*closed, *doomed])
    stores.records.forget()
    return len(closed)
