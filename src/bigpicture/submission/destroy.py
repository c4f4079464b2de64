"""Destroy: a scanner's own file goes for good, its name included, and an event says so."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from bigpicture.ledger.record import record
from bigpicture.model.submission import FileRole, FileState
from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.files import REMOVED, SubmittedFile, as_file
from bigpicture.submission.parts import release_parts
from bigpicture.submission.state import NODE
from bigpicture.submission.stores import Stores

_LISTING = "METADATA/image.xml"
"""The document that lists the files of images, by their names."""


def destroy_source(
    connection: Connection, stores: Stores, file: SubmittedFile, *, actor: str = NODE
) -> list[str]:
    """Take an identified file's bytes and name away; returns object keys to erase after commit.

    Its row stays under another path: what a contributor called it may identify someone. Where the
    records keep a log of old pages, call `Records.forget` after the commit.
    """
    if file.is_destroyed:
        return []
    doomed = release_parts(connection, stores.vault, file.id)
    connection.execute(
        update(submission_files)
        .where(submission_files.c.id == file.id)
        .values(path=f"IMAGES/IMAGE_{file.image}/{REMOVED}-{file.id}")
    )
    record(
        connection,
        actor=actor,
        action="source:destroy",
        subject=file.submission,
        details={"file": file.id},
    )
    return doomed


def destroy_sources(connection: Connection, stores: Stores, accession: str) -> list[str]:
    """Destroy every identified file of a submission; returns keys to erase after the commit.

    So goes the document that lists them by name. A resubmission sends all of it again.
    """
    table = submission_files
    rows = connection.execute(select(table).where(table.c.submission == accession)).all()
    files = [as_file(row) for row in rows]
    sources = [file for file in files if file.role is FileRole.IMAGE and file.is_identified]
    doomed = [key for file in sources for key in destroy_source(connection, stores, file)]
    if sources:
        for file in files:
            if file.path == _LISTING:
                doomed += _take_back(connection, stores, file)
    return doomed


def _take_back(connection: Connection, stores: Stores, file: SubmittedFile) -> list[str]:
    """As if it had never arrived."""
    doomed = release_parts(connection, stores.vault, file.id)
    if file.object:
        doomed += stores.vault.doom(connection, [file.object])
    connection.execute(
        update(submission_files)
        .where(submission_files.c.id == file.id)
        .values(received=0, object=None, state=FileState.EXPECTED)
    )
    return doomed
