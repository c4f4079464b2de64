"""The vault: keeps bytes sealed, opens them, and forgets them for good."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from bigpicture.model.errors import ErasedError, IntegrityError, StorageError
from bigpicture.sealing.keys import KeyPair
from bigpicture.sealing.memory import SegmentMemory
from bigpicture.sealing.open import RangeOpener, open_header
from bigpicture.sealing.reseal import readdress
from bigpicture.sealing.seal import Sealer
from bigpicture.sealing.sealed_file import SealedFile
from bigpicture.storage.objects import Objects
from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import object_seals as seals
from bigpicture.storage.records.tables import objects as table
from bigpicture.vault.kept import Kept
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.subject import ARRIVAL, Subject
from bigpicture.vault.subject_keys import key_names
from bigpicture.vault.wrap import unwrap, wrap

WRITING, DURABLE, DOOMED = "writing", "durable", "doomed"
CLOSED, ERASED = "closed", "erased"
"""Its subject was erased: its body goes, then is gone. Rows may point at it, so its own stays."""
_LEFT_BEHIND = timedelta(hours=24)
_CHUNK = 500
_MEMORY_BYTES = 4 << 20
"""Unless said: enough for who reads one object after another."""


class Vault:
    """Sealed objects. Threads may share one.

    The order is what makes a kill harmless: a row `writing` before the first byte, then the sealed
    body, then the header in the transaction that makes the object mean something. Without that
    transaction the body is noise that nobody can open, and a sweep removes it. Erasing goes the
    other way: the header first, in the caller's transaction, then the body.
    """

    def __init__(
        self,
        records: Records,
        objects: Objects,
        keys: KeyPair,
        key_store: KeyStore,
        *,
        memory_bytes: int = _MEMORY_BYTES,
    ) -> None:
        self._records = records
        self._objects = objects
        self._keys = keys
        self.key_store = key_store
        self.memory = SegmentMemory(memory_bytes)

    @property
    def public_key(self) -> bytes:
        """The node's, that every header is sealed for."""
        return self._keys.public

    @property
    def is_near(self) -> bool:
        """Whether the bodies lie on this machine."""
        return self._objects.is_near

    def keep(
        self,
        chunks: Iterable[bytes],
        *,
        owner: str,
        subjects: Sequence[Subject] = (ARRIVAL,),
    ) -> Kept:
        """Seal and store a stream of bytes for `owner` (an accession), in flat memory.

        It takes the keys of all `subjects` to open it. The object does not count until `settle`.
        Raises `ErasedError` where a subject was erased, `StorageError` or `StorageFullError`, and
        whatever the stream raises; then nothing is left.
        """
        names = key_names(self._records, self.key_store, owner, subjects)
        keys = self.key_store.read_all(names)
        key = _new_key()
        with self._records.write() as connection:
            connection.execute(
                insert(table).values(key=key, state=WRITING, owner=owner, created=datetime.now(UTC))
            )
        sealer = Sealer([self._keys.public])
        try:
            self._objects.put(key, sealer.seal(chunks))
        except BaseException:
            with suppress(StorageError):  # it must not hide why; a sweep removes what is left
                self.discard([key])
            raise
        return Kept(
            key=key,
            size=sealer.size,
            sha256=sealer.sha256,
            body_sha256=sealer.body_sha256,
            header=wrap(sealer.header, keys, name=key),
            seals=tuple(names),
        )

    def settle(self, connection: Connection, kept: Kept) -> None:
        """Make a kept object count, in the caller's transaction."""
        changed = connection.execute(
            update(table)
            .where(table.c.key == kept.key, table.c.state == WRITING)
            .values(
                state=DURABLE,
                header=kept.header,
                size=kept.size,
                sha256=kept.sha256,
                body_sha256=kept.body_sha256,
            )
        )
        if changed.rowcount != 1:
            raise StorageError("an object was swept before it was settled.", place=kept.key)
        connection.execute(
            insert(seals), [{"object": kept.key, "key": name} for name in kept.seals]
        )

    def open(self, key: str, *, memory: SegmentMemory | None = None) -> RangeOpener:
        """Open an object that counts; opened segments are kept in `self.memory`, which all share.

        Who reads it once from end to end gives a small `memory` of its own. Raises
        `IntegrityError` where the object was erased or its body is damaged.
        """
        data_key, size = self._data_key(key)
        return RangeOpener(
            self._objects.source(key), data_key, size, memory=memory or self.memory, name=key
        )

    def open_for(self, key: str, recipient: bytes) -> SealedFile:
        """An object as a Crypt4GH file that `recipient` (a public key) opens.

        The body is the one that lies in the store. The header is the same each time under one key
        of the node, so that a file can be taken in parts. Raises as `open`.
        """
        data_key, _ = self._data_key(key)
        return SealedFile(readdress(data_key, self._keys, recipient), self._objects.source(key))

    def _data_key(self, key: str) -> tuple[bytes, int]:
        """The key of an object's body, and the size of its plaintext."""
        with self._records.read() as connection:
            row = connection.execute(
                select(table.c.header, table.c.size, table.c.state).where(table.c.key == key)
            ).first()
            names = connection.scalars(select(seals.c.key).where(seals.c.object == key)).all()
        if row is not None and row.state in (CLOSED, ERASED):
            raise ErasedError("this was erased: the key of its subject was destroyed.")
        if row is None or row.state != DURABLE:
            raise IntegrityError("there is no such object, or it was erased.", place=key)
        header = row.header
        if names:
            header = unwrap(header, self.key_store.read_all(names), name=key)
        return open_header(header, self._keys), row.size

    def forget(self) -> None:
        """Let go of opened segments and of subjects' keys."""
        self.memory.forget()
        self.key_store.forget()

    def read(self, key: str) -> bytes:
        """A whole small object."""
        source = self.open(key)
        return source.read(0, source.size)

    def check(self) -> None:
        """Ask the store for anything at all; raises `StorageError` when it does not answer."""
        self._objects.exists("probe")

    def doom(self, connection: Connection, keys: Sequence[str]) -> list[str]:
        """Take the headers of objects away, in the caller's transaction: nobody opens them again.

        Returns the keys to `erase` after the commit.
        """
        for start in range(0, len(keys), _CHUNK):
            connection.execute(
                update(table)
                .where(table.c.key.in_(keys[start : start + _CHUNK]))
                .values(state=DOOMED, header=None)
            )
        return list(keys)

    def close(self, connection: Connection, name: str) -> list[str]:
        """Take the headers of all objects that are sealed under a key, in the caller's transaction.

        Returns the keys of the objects to `erase` after the commit.
        """
        sealed = select(seals.c.object).where(seals.c.key == name)
        held = list(
            connection.scalars(
                select(table.c.key).where(
                    table.c.key.in_(sealed), table.c.state.in_((DURABLE, CLOSED))
                )
            )
        )
        for start in range(0, len(held), _CHUNK):
            connection.execute(
                update(table)
                .where(table.c.key.in_(held[start : start + _CHUNK]))
                .values(state=CLOSED, header=None)
            )
        return held

    def is_sealing(self, connection: Connection, name: str) -> bool:
        """Whether an object that counts is sealed under a key."""
        sealed = select(seals.c.object).where(seals.c.key == name)
        found = connection.scalar(
            select(table.c.key).where(table.c.key.in_(sealed), table.c.state == DURABLE).limit(1)
        )
        return found is not None

    def erase(self, keys: Iterable[str]) -> None:
        """Remove the bodies of doomed and closed objects, and the rows of the doomed.

        What a kill leaves, `sweep` finishes.
        """
        gone = list(keys)
        for key in gone:
            self._objects.delete(key)
        if gone:
            with self._records.write() as connection:
                for start in range(0, len(gone), _CHUNK):
                    _forget_rows(connection, gone[start : start + _CHUNK])

    def discard(self, keys: Sequence[str]) -> None:
        """Doom and erase at once what was kept but not settled.

        What is settled after all stays: a commit may have happened though its answer was lost.
        """
        with self._records.write() as connection:
            unsettled = list(
                connection.scalars(
                    select(table.c.key).where(table.c.key.in_(keys), table.c.state == WRITING)
                )
            )
            self.doom(connection, unsettled)
        self.erase(unsettled)

    def owned_by(self, connection: Connection, owner: str) -> dict[str, str]:
        """Key to state of everything kept for an owner."""
        rows = connection.execute(
            select(table.c.key, table.c.state).where(table.c.owner == owner)
        ).all()
        return {row.key: row.state for row in rows}

    def sweep(self, *, older_than: timedelta = _LEFT_BEHIND) -> int:
        """Finish erasing, and erase what was written long ago and never settled.

        Returns how many objects went. Safe while others work: what is being written is young, and
        a draft in the store is removed only once its writer is dead.
        """
        self._objects.sweep()
        before = datetime.now(UTC) - older_than
        with self._records.write() as connection:
            left = list(
                connection.scalars(
                    select(table.c.key).where(table.c.state == WRITING, table.c.created < before)
                )
            )
            self.doom(connection, left)
            doomed = list(
                connection.scalars(select(table.c.key).where(table.c.state.in_((DOOMED, CLOSED))))
            )
        self.erase(doomed)
        return len(doomed)


def _forget_rows(connection: Connection, keys: Sequence[str]) -> None:
    doomed = select(table.c.key).where(table.c.key.in_(keys), table.c.state == DOOMED)
    connection.execute(delete(seals).where(seals.c.object.in_(doomed)))
    connection.execute(delete(table).where(table.c.key.in_(keys), table.c.state == DOOMED))
    connection.execute(
        update(table).where(table.c.key.in_(keys), table.c.state == CLOSED).values(state=ERASED)
    )


def _new_key() -> str:
    """Random, spread over 256 folders, and telling nothing."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"
