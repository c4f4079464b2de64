"""Prove: that an event is in the record, and that the record of today holds the one of then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.ledger.entry import Leaf, Part
from bigpicture.ledger.openings import Opening
from bigpicture.ledger.proof import prove_consistency, prove_inclusion, verify_inclusion
from bigpicture.ledger.rows import EntryRow, find_entry
from bigpicture.ledger.tile import path_of
from bigpicture.ledger.tree import Tiles, find_head, find_index
from bigpicture.model.errors import ConflictError, InputError, IntegrityError, UnknownError
from bigpicture.model.merkle import leaf_hash
from bigpicture.storage.records.tables import events


@dataclass(frozen=True, slots=True)
class EventProof:
    """An entry's `leaf` as JSON, the hashes from it to the root of the `checkpoint`.

    `openings` are the values and salts that its commitments open with.
    """

    index: int
    size: int
    leaf: Mapping[str, object]
    hashed: bytes
    proof: list[bytes]
    checkpoint: str
    openings: Mapping[Part, Opening]


def prove_event(connection: Connection, seq: int) -> EventProof:
    """Prove that event `seq` is in the tree of the newest checkpoint.

    Raises `UnknownError` where there is no such event, `ConflictError` while it is not in the
    tree, `IntegrityError` where its row is not what was recorded.
    """
    head = find_head(connection)
    index = find_index(connection, seq)
    if index is None or index >= head.size:
        raise _waiting_or_unknown(connection, seq)
    row = find_entry(connection, index)
    if row is None:
        raise _altered(f"event {seq}")
    leaf = provable(row)
    proof = prove_leaf(connection, index, head.size)
    hashed = leaf_hash(leaf.to_bytes())
    try:
        verify_inclusion(hashed, index=index, size=head.size, root=head.read().root, proof=proof)
    except IntegrityError as error:
        raise _altered(row.place) from error
    return EventProof(index, head.size, leaf.told(), hashed, proof, head.note, row.openings)


def prove_leaf(connection: Connection, index: int, size: int) -> list[bytes]:
    """The hashes from leaf `index` to the root of the tree of `size`; reads its tiles at once."""
    tiles = Tiles(connection)
    tiles.load(path_of(index, size))
    return prove_inclusion(index, size, tiles.node)


def prove_growth(
    connection: Connection, earlier: int, later: int | None
) -> tuple[int, list[bytes]]:
    """Prove that the tree of `later` entries (None: of all) begins with that of `earlier`.

    Returns how many there are later, and the proof. Raises `InputError` for sizes that the record
    has not, or had not.
    """
    size = find_head(connection).size
    later = size if later is None else later
    if not 0 < earlier <= later <= size:
        raise InputError(
            f"there is no proof from {earlier} to {later} entries.",
            rule="0 < from <= to <= entries",
            remedy=f"The record has {size} entries.",
        )
    tiles = Tiles(connection)
    tiles.load(path_of(earlier - 1, later))
    return later, prove_consistency(earlier, later, tiles.node)


def _waiting_or_unknown(connection: Connection, seq: int) -> ConflictError | UnknownError:
    if connection.scalar(select(events.c.seq).where(events.c.seq == seq)) is None:
        return UnknownError("there is no event of this number.", place=f"event {seq}")
    return ConflictError(
        "this event is not in the tree yet.",
        place=f"event {seq}",
        remedy="Ask again in some seconds.",
    )


def provable(row: EntryRow) -> Leaf:
    """The leaf of an entry; raises `IntegrityError` where its event's row is gone, or is none."""
    if row.leaf is None:
        raise _altered(row.place)
    try:
        row.leaf.to_bytes()
    except ValueError as error:
        raise _altered(row.place) from error
    return row.leaf


def _altered(place: str) -> IntegrityError:
    return IntegrityError(
        "the row of this event is not what was recorded.",
        place=place,
        rule="the leaf of an event is the one in the tree",
        remedy="Run `bigpicture ledger verify`.",
    )
