"""The names of subjects' keys: which key of the store is whose. The keys are not in the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from bigpicture.model.errors import ErasedError
from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import subject_keys as table
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key as the records know it: its name in the store, and whose it is."""

    id: str
    owner: str
    subject: Subject
    is_destroyed: bool


def key_names(
    records: Records, store: KeyStore, owner: str, subjects: Sequence[Subject]
) -> list[str]:
    """The names of the subjects' keys, made where there were none.

    A key is durable in the store before its name is in the records. Raises `ErasedError` where one
    of them was destroyed: nothing new is sealed for a subject that was erased.
    """
    return [_name(records, store, owner, subject) for subject in dict.fromkeys(subjects)]


def keys_of(
    connection: Connection, owner: str, kinds: Sequence[SubjectKind] = tuple(SubjectKind)
) -> list[NamedKey]:
    """The keys of an owner's subjects, of these kinds."""
    rows = connection.execute(
        select(table).where(table.c.owner == owner, table.c.kind.in_(kinds)).order_by(table.c.id)
    ).all()
    return [
        NamedKey(
            row.id,
            row.owner,
            Subject(SubjectKind(row.kind), row.alias),
            is_destroyed=row.destroyed is not None,
        )
        for row in rows
    ]


def mark_destroyed(connection: Connection, name: str, *, frees: bool = False) -> bool:
    """Note that a key was destroyed, in the caller's transaction; False where it was noted.

    With `frees` its subject may get another key: what was closed was the submission, not a person.
    """
    told: dict[str, object] = {"destroyed": datetime.now(UTC)}
    if frees:
        told["alias"] = table.c.alias + f"/{name}"
    changed = connection.execute(
        update(table).where(table.c.id == name, table.c.destroyed.is_(None)).values(told)
    )
    return changed.rowcount == 1


def _name(records: Records, store: KeyStore, owner: str, subject: Subject) -> str:
    with records.read() as connection:
        name = _find(connection, owner, subject)
    if name is not None:
        return name
    made = store.make()
    with records.write() as connection:
        name = _find(connection, owner, subject)
        if name is None:
            _insert(connection, made, owner, subject)
    if name is not None:  # another was faster; the key that nothing names goes
        store.destroy(made)
    return name or made


def _insert(connection: Connection, name: str, owner: str, subject: Subject) -> None:
    connection.execute(
        insert(table).values(
            id=name,
            owner=owner,
            kind=subject.kind,
            alias=subject.alias,
            created=datetime.now(UTC),
        )
    )


def _find(connection: Connection, owner: str, subject: Subject) -> str | None:
    row = connection.execute(
        select(table.c.id, table.c.destroyed).where(
            table.c.owner == owner, table.c.kind == subject.kind, table.c.alias == subject.alias
        )
    ).first()
    if row is None:
        return None
    if row.destroyed is not None:
        raise ErasedError(
            "the subject of these bytes was erased; nothing is kept for it any more.",
            place=owner,
            remedy="Leave the subject out of what you submit.",
        )
    return row.id
