"""The files a contributor is about to send, compared with what is here already."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from bigpicture.model.errors import BigpictureError, InputError, LimitError
from bigpicture.model.submission import FileRole, FileState
from bigpicture.settings import Intake, Settings
from bigpicture.storage.records.tables import submission_files
from bigpicture.submission.destroy import destroy_source
from bigpicture.submission.files import SubmittedFile, as_file
from bigpicture.submission.image_report import drop_report
from bigpicture.submission.layout import is_dicom, role
from bigpicture.submission.parts import release_parts
from bigpicture.submission.stores import Stores


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that the contributor is about to send; `path` is inside `DATASET_x`."""

    path: str
    size: int
    sha256: str


def check_announced(files: Sequence[Announced], settings: Settings) -> None:
    """Refuse what could never be taken, before a byte is sent."""
    if not files:
        raise InputError("no file was announced.", remedy="Name at least the METADATA files.")
    if len(files) > settings.max_submission_files:
        raise LimitError(
            f"{len(files)} files are more than this node takes in one submission.",
            rule=f"at most {settings.max_submission_files}",
        )
    total = sum(file.size for file in files)
    if total > settings.max_submission_bytes:
        raise LimitError(
            f"{total} bytes are more than this node takes in one submission.",
            rule=f"at most {settings.max_submission_bytes} bytes",
        )
    seen: set[str] = set()
    for ordinal, file in enumerate(files, start=1):
        place = f"file {ordinal} of {len(files)}"
        try:
            _check_file(file, settings)
        except BigpictureError as error:
            raise type(error)(
                error.what, place=place, rule=error.rule, remedy=error.remedy
            ) from error
        if file.path.casefold() in seen:
            raise InputError(
                "this path was announced before (upper and lower case count as the same).",
                place=place,
                remedy="Rename one of the two files.",
            )
        seen.add(file.path.casefold())


def _check_file(file: Announced, settings: Settings) -> None:
    what = role(file.path)
    if not 0 <= file.size <= settings.max_file_bytes:
        raise LimitError(
            f"{file.size} bytes are more than this node takes in one file.",
            rule=f"at most {settings.max_file_bytes} bytes",
        )
    if len(file.sha256) != 64 or set(file.sha256) - set("0123456789abcdef"):
        raise InputError("the digest is not a SHA-256.", rule="64 characters 0-9a-f")
    identified = what is FileRole.IMAGE and not is_dicom(file.path)
    if identified and settings.intake is not Intake.IDENTIFIED:
        raise InputError(
            "this node takes only de-identified DICOM images, not a scanner's own files.",
            rule="intake = deidentified",
            remedy="Use `bigpicture submit`, which converts them on your machine.",
        )


def announce(
    connection: Connection,
    stores: Stores,
    accession: str,
    files: Sequence[Announced],
    *,
    actor: str,
) -> list[str]:
    """Write the file rows of a submission; returns object keys to erase after the commit.

    A file announced with the path, size and digest it had before keeps what was received. So does
    DICOM that is announced under another path: what was stored over DICOMweb bears its UIDs for a
    name until the metadata give it one.
    """
    table = submission_files
    present = _moved(
        connection,
        connection.execute(select(table).where(table.c.submission == accession)).all(),
        files,
    )
    wanted = {file.path: file for file in files}
    kept = [row for row in present if _is_same(wanted.get(row.path), row)]
    kept_ids = {row.id for row in kept}
    doomed = [
        key
        for row in present
        if row.id not in kept_ids
        for key in forget_file(connection, stores, as_file(row), actor=actor)
    ]
    _begin_again(connection, kept)
    staying = {row.path for row in kept}
    fresh = [_row(accession, file) for file in files if file.path not in staying]
    if fresh:
        connection.execute(insert(table), fresh)
    return doomed


def _moved(
    connection: Connection, present: Sequence[Any], files: Sequence[Announced]
) -> Sequence[Any]:
    """The rows as they are once DICOM that is announced elsewhere has moved there."""
    wanted = {file.path: file for file in files}
    taken = {row.path for row in present}
    homeless = {
        (row.size, row.sha256): row
        for row in present
        if row.path not in wanted and row.received == row.size and is_dicom(row.path)
    }
    moved: dict[str, str] = {}
    for file in files:
        row = homeless.get((file.size, file.sha256))
        is_home = role(file.path) is FileRole.IMAGE and is_dicom(file.path)
        if row is not None and is_home and file.path not in taken and row.id not in moved:
            moved[row.id] = file.path
    table = submission_files
    for identity, path in moved.items():
        connection.execute(update(table).where(table.c.id == identity).values(path=path))
    if not moved:
        return present
    return connection.execute(
        select(table).where(table.c.submission == present[0].submission)
    ).all()


def _is_same(file: Announced | None, row: Any) -> bool:  # noqa: ANN401 - a row of any select
    return file is not None and (file.size, file.sha256) == (row.size, row.sha256)


def _begin_again(connection: Connection, rows: Sequence[Any]) -> None:
    for row in rows:
        whole = row.received == row.size
        connection.execute(
            update(submission_files)
            .where(submission_files.c.id == row.id)
            .values(
                state=FileState.RECEIVED if whole else FileState.RECEIVING,
                problem=None,
                report=None,
                changed=datetime.now(UTC),
            )
        )


def _row(accession: str, file: Announced) -> dict[str, object]:
    return {
        "id": secrets.token_hex(16),
        "submission": accession,
        "path": file.path,
        "role": role(file.path),
        "size": file.size,
        "sha256": file.sha256,
        "received": 0,
        "state": FileState.RECEIVED if file.size == 0 else FileState.EXPECTED,
        "changed": datetime.now(UTC),
    }


def forget_file(
    connection: Connection, stores: Stores, file: SubmittedFile, *, actor: str
) -> list[str]:
    """Drop a file and its parts from the records; returns object keys to erase after commit."""
    is_source = file.role is FileRole.IMAGE and file.is_identified
    doomed: list[str] = []
    if is_source:
        doomed += destroy_source(connection, stores, file, actor=actor)
        doomed += drop_report(connection, stores.vault, file.submission, file.image)
    doomed += release_parts(connection, stores.vault, file.id)
    connection.execute(delete(submission_files).where(submission_files.c.id == file.id))
    return doomed
