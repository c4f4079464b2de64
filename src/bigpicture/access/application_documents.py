"""Documents of applications: sealed as they come, opened for whoever may see the application."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from bigpicture.access.applications import Around, act_on, see_application
from bigpicture.ledger.record import record
from bigpicture.model.application import Application, DocumentKind, State
from bigpicture.model.application_parts import NODE
from bigpicture.model.application_table import Command
from bigpicture.model.errors import InputError, LimitError, UnknownError
from bigpicture.model.person import Person
from bigpicture.storage.records import Records
from bigpicture.storage.records.application_tables import application_documents, applications
from bigpicture.vault.kept import Kept
from bigpicture.vault.vault import Vault

MOST_BYTES = 20 << 20
MOST_DOCUMENTS = 50
_AT_A_TIME = 200
_MAGIC: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Given:
    """A document as somebody gives it."""

    name: str
    title: str
    kind: DocumentKind
    body: bytes


def attach(
    records: Records,
    vault: Vault,
    person: Person,
    application: str,
    given: Given,
    *,
    around: Around,
) -> Application:
    """Seal a document and attach it; one of the same name gives way. May block.

    Raises `InputError` for bytes that are neither PDF, PNG, JPEG nor text, `LimitError`.
    """
    with records.read() as connection:  # before anything is sealed
        before = see_application(connection, person, application)
    media_type = media_type_of(given.body)
    if len(before.documents) >= MOST_DOCUMENTS:
        raise LimitError("there are too many documents.", rule=f"at most {MOST_DOCUMENTS}")
    kept = vault.keep([given.body], owner=application)
    try:
        with records.write() as connection:
            vault.settle(connection, kept)
            doomed = _let_go(connection, vault, before, given.name)
            _insert(connection, application, given, kept, media_type, around)
            said = {
                "name": given.name,
                "title": given.title,
                "kind": given.kind.value,
                "size": kept.size,
                "sha256": kept.sha256,
            }
            after = act_on(connection, person, application, Command.ATTACH, said, around=around)
    except BaseException:
        vault.discard([kept.key])
        raise
    vault.erase(doomed)
    return after


def detach(
    records: Records,
    vault: Vault,
    person: Person,
    application: str,
    name: str,
    *,
    around: Around,
) -> Application:
    """Take a document out; its bytes go unless somebody may have decided by them. May block."""
    with records.write() as connection:
        before = see_application(connection, person, application)
        document = before.document(name)
        if document is None:
            raise UnknownError("there is no such document.", place=name)
        said = {"name": name, "sha256": document.sha256}
        after = act_on(connection, person, application, Command.DETACH, said, around=around)
        doomed = _let_go(connection, vault, before, name)
    vault.erase(doomed)
    return after


def find_document(connection: Connection, application: Application, name: str) -> tuple[str, str]:
    """The object and media type of a document as it is attached now; raises `UnknownError`."""
    document = application.document(name)
    table = application_documents
    row = (
        document
        and connection.execute(
            select(table.c.object, table.c.media_type)
            .where(
                table.c.application == application.id,
                table.c.name == name,
                table.c.sha256 == document.sha256,
            )
            .order_by(table.c.since.desc())
        ).first()
    )
    if not row:
        raise UnknownError("there is no such document.", place=name)
    return row.object, row.media_type


def forget_expired(connection: Connection, vault: Vault) -> int:
    """Erase the documents of drafts that expired; returns of how many applications.

    Nobody was shown them. Their keys go in the caller's transaction, which closes them at once;
    `Vault.sweep` takes their bytes away. Event in the caller's transaction.
    """
    table = application_documents
    rows = connection.execute(
        select(table.c.application, table.c.object)
        .join(applications, applications.c.id == table.c.application)
        .where(applications.c.state == State.EXPIRED, applications.c.submitted.is_(None))
        .order_by(table.c.application)
        .limit(_AT_A_TIME)
    ).all()
    by_application: dict[str, list[str]] = {}
    for row in rows:
        by_application.setdefault(row.application, []).append(row.object)
    for application, keys in by_application.items():
        connection.execute(delete(table).where(table.c.object.in_(keys)))
        vault.doom(connection, keys)
        record(
            connection,
            actor=NODE,
            action="application:forget-documents",
            subject=application,
            details={"documents": len(keys)},
        )
    return len(by_application)


def media_type_of(body: bytes) -> str:
    """What the bytes are, whatever they are called; raises `InputError`, `LimitError`."""
    if len(body) > MOST_BYTES:
        raise LimitError("the document is too long.", rule=f"at most {MOST_BYTES >> 20} MiB")
    for magic, media_type in _MAGIC.items():
        if body.startswith(magic):
            return media_type
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if text.strip() and all(each.isprintable() or each in "\r\n\t\f\ufeff" for each in text):
        return _TEXT
    raise InputError(
        "this is no document that is taken here.", place="body", rule="PDF, PNG, JPEG, UTF-8 text"
    )


def _insert(
    connection: Connection,
    application: str,
    given: Given,
    kept: Kept,
    media_type: str,
    around: Around,
) -> None:
    assert kept.sha256 == hashlib.sha256(given.body).hexdigest()
    connection.execute(
        insert(application_documents).values(
            object=kept.key,
            application=application,
            name=given.name,
            sha256=kept.sha256,
            media_type=media_type,
            since=around.now,
        )
    )


def _let_go(connection: Connection, vault: Vault, application: Application, name: str) -> list[str]:
    """Doom what no one was shown yet; what was submitted stays, for who asks what was decided."""
    if application.submitted is not None:
        return []
    table = application_documents
    gone = (table.c.application == application.id, table.c.name == name)
    keys = list(connection.scalars(select(table.c.object).where(*gone)))
    connection.execute(delete(table).where(*gone))
    return vault.doom(connection, keys)
