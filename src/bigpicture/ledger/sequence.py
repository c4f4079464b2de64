"""Sequence: events enter the Merkle tree in batches, and each batch ends in a signed checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from bigpicture.ledger.checkpoint import Checkpoint, open_checkpoint, read_checkpoint
from bigpicture.ledger.entry import PARTS, Leaf, Part, commit, make_salts, write_time
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.tile import Place, grow
from bigpicture.ledger.tree import Head, Tiles, find_head, write_tiles
from bigpicture.model.errors import EarlierStateError, IntegrityError
from bigpicture.model.merkle import leaf_hash
from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import events, ledger_checkpoints, ledger_entries

BATCH = 5_000
"""Events that enter the tree in one transaction: it must be short, others wait to write."""


@dataclass(frozen=True, slots=True)
class _Batch:
    head: Head
    edge: dict[Place, bytes]
    entries: list[dict[str, object]]
    leaves: list[bytes]


@dataclass(frozen=True, slots=True, repr=False)
class Sequencer:
    """Grows the tree of `records`. Any number of them may run, anywhere: one adds at a time.

    A batch is hashed outside, and added in one transaction if the tree is still what it was, so
    that a kill leaves the tree before or after it. `kept` is this machine's memory of what it
    signed.
    """

    records: Records
    signer: Signer
    kept: KeptCheckpoint

    def run(self) -> int:
        """Add all events that are waiting; returns how many this call added.

        Raises `IntegrityError` where the tree was altered, `EarlierStateError` where it went back
        in time: nothing is signed then, and events go on waiting.
        """
        added = 0
        while (count := self.step()) is not None:
            added += count
        return added

    def check(self) -> None:
        """Raise what `run` raises, and add nothing."""
        self._read(0)

    def step(self, limit: int = BATCH) -> int | None:
        """Add up to `limit` events; None when none waits, 0 where another was faster."""
        batch = self._read(limit)
        if batch is None:
            return None
        tiles = grow(batch.head.size, batch.edge, batch.leaves)
        size = batch.head.size + len(batch.leaves)
        with self.records.write() as connection:
            if find_head(connection) != batch.head:
                return 0
            write_tiles(connection, tiles, batch.edge)
            connection.execute(insert(ledger_entries), batch.entries)
            checkpoint = Checkpoint(self.signer.name, size, Tiles(connection).root(size))
            note = checkpoint.sign(self.signer)
            connection.execute(
                insert(ledger_checkpoints).values(
                    size=size, event=batch.entries[-1]["event"], time=datetime.now(UTC), note=note
                )
            )
        self.kept.write(note)
        return len(batch.leaves)

    def _read(self, limit: int) -> _Batch | None:
        kept = self.kept.read()  # before the records, which then cannot be older than it
        with self.records.read() as connection:
            head = find_head(connection)
            rows = connection.execute(
                select(events).where(events.c.seq > head.event).order_by(events.c.seq).limit(limit)
            ).all()
            tiles = Tiles(connection)
            edge = tiles.edge(head.size)
            self._check(head, tiles, kept)
        if not rows:
            return None
        entries, leaves = _entries(rows, head.size)
        return _Batch(head, edge, entries, leaves)

    def _check(self, head: Head, tiles: Tiles, note: str) -> None:
        """Go on from nothing but the tree that was signed last, here and in the records."""
        if tiles.root(head.size) != head.read().root:
            raise IntegrityError(
                "the tiles are not those of the newest checkpoint in the records.",
                place=f"checkpoint of {head.size} entries",
                rule="the tree is what was signed",
                remedy="Run `bigpicture ledger verify`, and put the records back from a backup.",
            )
        if not note or read_checkpoint(note).origin != self.signer.name:
            return
        kept = open_checkpoint(note, [self.signer.verifier])
        if kept.size > head.size or tiles.root(kept.size) != kept.root:
            raise EarlierStateError(
                f"this node has signed {kept.size} entries, and the records hold "
                f"{'fewer' if kept.size > head.size else 'others'}: they were put back to an "
                "earlier state, or rewritten.",
                place=str(self.kept.path),
                rule="a log signs no checkpoint that contradicts an earlier one",
                remedy="Put newer records back. Where there are none, begin a log under another "
                "name: `bigpicture ledger sequence --origin NAME --reason …`.",
            )


def count_waiting(connection: Connection) -> int:
    """How many events are not in the tree yet."""
    waiting = select(func.count()).select_from(events)
    return connection.scalar(waiting.where(events.c.seq > find_head(connection).event)) or 0


def _entries(rows: Sequence[Row[Any]], size: int) -> tuple[list[dict[str, object]], list[bytes]]:
    """Rows of `ledger_entries` and leaf hashes of events, from index `size` on."""
    entries: list[dict[str, object]] = []
    leaves: list[bytes] = []
    salts = make_salts(len(rows) * len(PARTS))
    for index, row in enumerate(rows, size):
        entry: dict[str, object] = {"leaf": index, "event": row.seq}
        digests: dict[Part, bytes] = {}
        for part, salt in zip(PARTS, salts, strict=False):  # takes three, and no fourth
            entry[f"{part}_salt"] = salt
            entry[f"{part}_digest"] = digests[part] = commit(salt, getattr(row, part))
        leaf = Leaf(row.seq, row.id, write_time(row.time), row.action, digests)
        leaves.append(leaf_hash(leaf.to_bytes()))
        entries.append(entry)
    return entries, leaves
