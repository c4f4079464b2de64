"""Arrive: take DICOM instances that nobody announced, each into the submission of its study."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import anyio.to_thread
from sqlalchemy import Connection, func, insert, select

from bigpicture.dicom.names import InstanceNames, read_names
from bigpicture.dicom.read import WHOLE_SLIDE
from bigpicture.model.errors import ConflictError, LimitError, SlideError
from bigpicture.model.person import Person
from bigpicture.model.submission import FileRole, FileState, SubmissionState
from bigpicture.storage.records.tables import submission_files, upload_parts
from bigpicture.submission.receive import join_submission
from bigpicture.submission.state import state_of
from bigpicture.submission.stores import Stores
from bigpicture.vault.kept import Kept


class Reason(IntEnum):
    """Why an instance was not taken (PS3.18 table I.2-2, PS3.7 annex C)."""

    PROCESSING = 0x0110
    DUPLICATE = 0x0111
    SOP_CLASS = 0x0122
    RESOURCES = 0xA700
    UNREADABLE = 0xC000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one instance; `names` are None where it does not tell them."""

    names: InstanceNames | None
    reason: Reason | None = None


@dataclass(slots=True)
class _Taken:
    """What is kept of one file so far."""

    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    parts: list[Kept] = field(default_factory=list[Kept])


class Arrival:
    """One person's instances. They wait, received, until the submission's metadata are there.

    `alias` names the submission; without it each study is one of its own, `study {UID}`. `study`
    is the only one that is taken, if one is told.
    """

    def __init__(
        self, stores: Stores, person: Person, *, alias: str | None, study: str | None
    ) -> None:
        self._stores = stores
        self._person = person
        self._alias = alias
        self._study = study
        self._joined: dict[str, str] = {}

    async def take(self, pieces: AsyncIterator[bytes]) -> Outcome:
        """Take one file; it is durable and counted when this returns without a reason.

        What is refused is read to its end all the same, so that the next can follow. Raises what
        `pieces` raises, `ForbiddenError`, `StorageError`; then nothing of it is kept.
        """
        parts = _cut(pieces, self._stores.settings.upload_chunk_bytes)
        head = await anext(parts, b"")
        try:
            names = read_names(head)
        except SlideError:
            await _drain(parts)
            return Outcome(None, Reason.UNREADABLE)
        reason = self._refuse(names)
        if reason is None:
            try:
                return await self._keep(names, head, parts)
            except (ConflictError, LimitError) as error:
                is_large = isinstance(error, LimitError)
                reason = Reason.RESOURCES if is_large else Reason.PROCESSING
        await _drain(parts)
        return Outcome(names, reason)

    def _refuse(self, names: InstanceNames) -> Reason | None:
        if names.sop_class != WHOLE_SLIDE:
            return Reason.SOP_CLASS
        return Reason.PROCESSING if self._study not in (None, names.study) else None

    async def _keep(
        self, names: InstanceNames, head: bytes, parts: AsyncIterator[bytes]
    ) -> Outcome:
        accession = await anyio.to_thread.run_sync(self._join, names)
        taken = _Taken()
        try:
            await self._add(taken, accession, head)
            async for part in parts:
                await self._add(taken, accession, part)
            counts, reason = await anyio.to_thread.run_sync(self._count, accession, names, taken)
        except BaseException:
            await anyio.to_thread.run_sync(self._discard, taken)
            raise
        if not counts:
            await anyio.to_thread.run_sync(self._discard, taken)
        return Outcome(names, reason)

    def _join(self, names: InstanceNames) -> str:
        alias = self._alias or f"study {names.study}"
        if alias not in self._joined:
            self._joined[alias] = join_submission(self._stores, self._person, alias=alias)
        return self._joined[alias]

    async def _add(self, taken: _Taken, accession: str, part: bytes) -> None:
        if taken.size + len(part) > self._stores.settings.max_file_bytes:
            raise LimitError("an instance is larger than this node takes.")

        def keep() -> Kept:
            taken.digest.update(part)
            return self._stores.vault.keep([part], owner=accession)

        taken.parts.append(await anyio.to_thread.run_sync(keep))
        taken.size += len(part)

    def _discard(self, taken: _Taken) -> None:
        self._stores.vault.discard([kept.key for kept in taken.parts])

    def _count(
        self, accession: str, names: InstanceNames, taken: _Taken
    ) -> tuple[bool, Reason | None]:
        """Let a file count, all its parts in one transaction; whether it does, else why not.

        What is there already, byte for byte, is stored all the same: no reason, and no second one.
        """
        path = f"IMAGES/IMAGE_{names.series}/{names.instance}.dcm"
        digest = taken.digest.hexdigest()
        with self._stores.records.write() as connection:
            if state_of(connection, accession) is not SubmissionState.RECEIVING:
                return False, Reason.PROCESSING
            table = submission_files
            of_path = (table.c.submission == accession) & (table.c.path == path)
            present = connection.execute(select(table).where(of_path)).first()
            if present is not None:
                is_same = (present.sha256, present.received) == (digest, taken.size)
                return False, None if is_same else Reason.DUPLICATE
            if self._is_full(connection, accession, taken.size):
                return False, Reason.RESOURCES
            file = secrets.token_hex(16)
            connection.execute(insert(table).values(_row(accession, file, path, taken, digest)))
            self._settle(connection, file, taken)
        return True, None

    def _is_full(self, connection: Connection, accession: str, size: int) -> bool:
        table, settings = submission_files, self._stores.settings
        files, held = connection.execute(
            select(func.count(), func.coalesce(func.sum(table.c.size), 0)).where(
                table.c.submission == accession
            )
        ).one()
        too_many = files >= settings.max_submission_files
        return too_many or int(held) + size > settings.max_submission_bytes

    def _settle(self, connection: Connection, file: str, taken: _Taken) -> None:
        offset = 0
        for kept in taken.parts:
            self._stores.vault.settle(connection, kept)
            connection.execute(
                insert(upload_parts).values(
                    file=file, offset=offset, length=kept.size, object=kept.key
                )
            )
            offset += kept.size


def _row(accession: str, file: str, path: str, taken: _Taken, digest: str) -> dict[str, object]:
    return {
        "id": file,
        "submission": accession,
        "path": path,
        "role": FileRole.IMAGE,
        "size": taken.size,
        "sha256": digest,
        "received": taken.size,
        "state": FileState.RECEIVED,
        "changed": datetime.now(UTC),
    }


async def _cut(pieces: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    part = bytearray()
    async for piece in pieces:
        part += piece
        while len(part) >= size:
            yield bytes(part[:size])
            del part[:size]
    if part:
        yield bytes(part)


async def _drain(parts: AsyncIterator[bytes]) -> None:
    async for _ in parts:
        pass
