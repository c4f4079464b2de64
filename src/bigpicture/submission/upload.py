"""Upload: take the bytes of one file, part by part, each durable and sealed before it counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
from sqlalchemy import Connection, insert, select, update

from bigpicture.model.errors import ConflictError, LimitError, UnknownError
from bigpicture.model.person import Person
from bigpicture.model.submission import FileState, SubmissionState
from bigpicture.storage.records.tables import submission_files, submissions, upload_parts
from bigpicture.submission.parts import Part
from bigpicture.submission.read import owned
from bigpicture.submission.stores import Stores


def find_upload(connection: Connection, person: Person, file: str) -> Any:  # noqa: ANN401 - a row
    """The file row of an upload, if this person may write to it; raises `UnknownError`."""
    row = connection.execute(
        select(submission_files, submissions.c.state.label("submission_state"))
        .join(submissions, submissions.c.accession == submission_files.c.submission)
        .where(submission_files.c.id == file)
    ).first()
    if row is None:
        raise UnknownError("there is no such upload, or it is not yours.")
    owned(connection, person, row.submission, to_write=True)
    return row


async def append(
    stores: Stores, person: Person, file: str, *, offset: int, body: AsyncIterator[bytes]
) -> int:
    """Append a request's body at `offset` (bytes); returns the durable length.

    The body is cut into parts of the node's chunk size. What arrived before the connection broke
    is kept. Raises `ConflictError` when `offset` is not the durable length.
    """

    def begin() -> Any:  # noqa: ANN401 - a row
        with stores.records.read() as connection:
            return find_upload(connection, person, file)

    row = await anyio.to_thread.run_sync(begin)
    _check_open(row, offset)
    length = offset
    async for part in _cut(body, stores.settings.upload_chunk_bytes):
        if length + len(part) > row.size:
            raise LimitError(
                "more bytes arrive than were announced.",
                place=f"byte {row.size}",
                remedy="Open the submission again with the file's true size and digest.",
            )
        length = await anyio.to_thread.run_sync(_keep, stores, row, length, part)
    return length


async def _cut(body: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """A body in parts of `size` bytes; what arrived before it broke off is a part too.

    Else a connection that breaks before each whole part would never get anywhere.
    """
    part = bytearray()
    try:
        async for piece in body:
            part += piece
            while len(part) >= size:
                yield bytes(part[:size])
                del part[:size]
    except Exception:
        if part:
            yield bytes(part)
        raise
    if part:
        yield bytes(part)


def _check_open(row: Any, offset: int) -> None:  # noqa: ANN401 - a row
    if row.submission_state != SubmissionState.RECEIVING:
        raise ConflictError(
            "this submission takes no more bytes at present.",
            place=row.submission,
            remedy="Open it again, then continue.",
        )
    if offset != row.received:
        raise ConflictError(
            f"the upload stands at byte {row.received}, not {offset}.",
            rule="tus 1.0.0, Upload-Offset",
            remedy="Ask for the offset with HEAD and continue there.",
        )


def _keep(stores: Stores, row: Any, offset: int, data: bytes) -> int:  # noqa: ANN401 - a row
    """Seal and keep one part, then let it count; returns the new durable length."""
    kept = stores.vault.keep([data], owner=row.submission)
    length = offset + len(data)
    try:
        with stores.records.write() as connection:
            _check_still(connection, row.id, offset)
            stores.vault.settle(connection, kept)
            _count(connection, row, Part(offset, len(data), kept.key))
    except BaseException:
        stores.vault.discard([kept.key])
        raise
    return length


def _check_still(connection: Connection, file: str, offset: int) -> None:
    present = connection.execute(
        select(submission_files.c.received, submissions.c.state)
        .join(submissions, submissions.c.accession == submission_files.c.submission)
        .where(submission_files.c.id == file)
        .with_for_update()
    ).first()
    if present is None or tuple(present) != (offset, SubmissionState.RECEIVING):
        raise ConflictError("another request wrote to this upload.", remedy="Ask with HEAD.")


def _count(connection: Connection, row: Any, part: Part) -> None:  # noqa: ANN401 - a row
    received = part.offset + part.length
    connection.execute(
        insert(upload_parts).values(
            file=row.id, offset=part.offset, length=part.length, object=part.key
        )
    )
    connection.execute(
        update(submission_files)
        .where(submission_files.c.id == row.id)
        .values(
            received=received,
            state=FileState.RECEIVED if received == row.size else FileState.RECEIVING,
            changed=datetime.now(UTC),
        )
    )
