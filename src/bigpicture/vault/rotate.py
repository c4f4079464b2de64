"""Rotate: every header is sealed for the node's next key; the bodies stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from bigpicture.sealing.header import open_any, opens, write_header
from bigpicture.sealing.keys import KeyPair
from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import object_seals as seals
from bigpicture.storage.records.tables import objects as table
from bigpicture.storage.records.tables import subject_keys
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.wrap import unwrap, wrap

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Rotation:
    """From one key pair of the node to the next. `key_store` opens keys sealed for either."""

    records: Records
    key_store: KeyStore
    present: KeyPair
    following: KeyPair

    def count(self) -> int:
        """How many headers and keys there are to look at."""
        with self.records.read() as connection:
            sealed = connection.scalar(
                select(func.count()).select_from(table).where(table.c.header.is_not(None))
            )
            keys = connection.scalar(
                select(func.count())
                .select_from(subject_keys)
                .where(subject_keys.c.destroyed.is_(None))
            )
        return int(sealed or 0) + int(keys or 0)

    def run(self, tick: Callable[[int], None] = lambda _: None) -> None:
        """Seal all headers, then all subjects' keys, for the next pair.

        What is sealed for it already stays, so a run that was cut off is continued by another.
        Raises `IntegrityError` for a header that neither pair opens; nothing is lost by that.
        """
        after = ""
        while batch := self._batch(after):
            self._reseal(batch)
            after = batch[-1].key
            tick(len(batch))
        with self.records.read() as connection:
            names = connection.scalars(
                select(subject_keys.c.id).where(subject_keys.c.destroyed.is_(None))
            ).all()
        for name in names:
            self.key_store.reseal(name)
            tick(1)

    def _batch(self, after: str) -> Sequence[Any]:
        with self.records.read() as connection:
            return connection.execute(
                select(table.c.key, table.c.header)
                .where(table.c.key > after, table.c.header.is_not(None))
                .order_by(table.c.key)
                .limit(_BATCH)
            ).all()

    def _reseal(self, batch: Sequence[Any]) -> None:
        with self.records.read() as connection:
            rows = connection.execute(
                select(seals.c.object, seals.c.key).where(
                    seals.c.object.in_([each.key for each in batch])
                )
            ).all()
        names: dict[str, list[str]] = {}
        for row in rows:
            names.setdefault(row.object, []).append(row.key)
        changed = {
            each.key: header
            for each in batch
            if (header := self._renewed(each.key, each.header, names.get(each.key, ())))
        }
        with self.records.write() as connection:
            for key, header in changed.items():
                connection.execute(
                    update(table)
                    .where(table.c.key == key, table.c.header.is_not(None))
                    .values(header=header)
                )

    def _renewed(self, key: str, header: bytes, names: Sequence[str]) -> bytes | None:
        """The header for the next pair, or None where it is that already."""
        keys = self.key_store.read_all(names)
        inner = unwrap(header, keys, name=key) if keys else header
        if opens(inner, self.following):
            return None
        inner = write_header(open_any(inner, (self.present,)), [self.following.public])
        return wrap(inner, keys, name=key) if keys else inner
