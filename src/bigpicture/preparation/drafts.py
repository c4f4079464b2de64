"""Drafts: sheets under way that a node keeps for the person who fills them in, for nobody else."""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from bigpicture.model.errors import ConflictError, LimitError, UnknownError
from bigpicture.model.person import Person
from bigpicture.storage.records.tables import preparation_drafts as drafts

MOST_BYTES = 16 << 20
"""Of a draft as it comes; it is kept compressed."""
MOST_DRAFTS = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """`etag` changes with every saving; `body` is empty in a list."""

    id: str
    title: str
    changed: datetime
    etag: str
    body: bytes = b""


def list_drafts(connection: Connection, person: Person) -> list[Draft]:
    """The person's drafts, the last changed first."""
    rows = connection.execute(
        select(drafts.c.id, drafts.c.title, drafts.c.changed, drafts.c.etag)
        .where(drafts.c.person == person.id)
        .order_by(drafts.c.changed.desc(), drafts.c.id)
    )
    return [Draft(row.id, row.title, row.changed, row.etag) for row in rows]


def find_draft(connection: Connection, person: Person, draft: str) -> Draft:
    """A draft with what it holds; raises `UnknownError`, for another person's too."""
    row = connection.execute(select(drafts).where(*_is(person, draft))).first()
    if row is None:
        raise _unknown()
    return Draft(row.id, row.title, row.changed, row.etag, zlib.decompress(row.body))


def save_draft(
    connection: Connection,
    person: Person,
    draft: str,
    body: bytes,
    *,
    title: str,
    known: str,
) -> Draft:
    """Keep a draft; `known` is the tag of the version that was changed, empty for a new one.

    Raises `ConflictError` where another version is kept meanwhile, `UnknownError` where it was
    deleted, `LimitError` where it is too large or there are too many.
    """
    if len(body) > MOST_BYTES:
        raise LimitError("the draft is too large.", rule=f"at most {MOST_BYTES >> 20} MB")
    saved = Draft(draft, title, datetime.now(UTC), secrets.token_hex(8), body)
    values = {
        "title": title,
        "changed": saved.changed,
        "etag": saved.etag,
        "body": zlib.compress(body),
    }
    if known:
        changed = connection.execute(
            update(drafts).where(*_is(person, draft), drafts.c.etag == known).values(values)
        )
        if changed.rowcount:
            return saved
    there = connection.execute(select(drafts.c.etag).where(*_is(person, draft))).scalar()
    if there is not None:
        raise ConflictError(
            "the draft was changed elsewhere meanwhile.",
            rule="If-Match is the ETag of the version that was changed",
            remedy="Open the version that is kept, or save yours as another draft.",
        )
    if known:
        raise _unknown()
    _check_room(connection, person)
    connection.execute(insert(drafts).values(id=draft, person=person.id, **values))
    return saved


def delete_draft(connection: Connection, person: Person, draft: str) -> None:
    """Forget a draft; raises `UnknownError` where the person has no such one."""
    if not connection.execute(delete(drafts).where(*_is(person, draft))).rowcount:
        raise _unknown()


def _check_room(connection: Connection, person: Person) -> None:
    count = select(func.count()).select_from(drafts).where(drafts.c.person == person.id)
    if connection.execute(count).scalar_one() >= MOST_DRAFTS:
        raise LimitError(
            "there are too many drafts.",
            rule=f"at most {MOST_DRAFTS} for each person",
            remedy="Delete one that is not needed any more.",
        )


def _is(person: Person, draft: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return drafts.c.person == person.id, drafts.c.id == draft


def _unknown() -> UnknownError:
    return UnknownError("you have no such draft.")
