"""The tree in the records: its tiles, its newest checkpoint, the place of an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, insert, or_, select, update

from bigpicture.ledger.checkpoint import Checkpoint, read_checkpoint
from bigpicture.ledger.entry import octets
from bigpicture.ledger.proof import tree_root
from bigpicture.ledger.tile import Place, edge_of, slice_of
from bigpicture.model.errors import IntegrityError
from bigpicture.model.merkle import DIGEST_BYTES, EMPTY_ROOT, perfect_root
from bigpicture.storage.records.tables import ledger_checkpoints, ledger_entries, ledger_tiles


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint: the tree's size, the last event in it, and the signed note."""

    size: int
    event: int
    note: str

    def read(self) -> Checkpoint:
        """What the note says, whoever signed it; of the empty tree, its root without an origin."""
        return read_checkpoint(self.note) if self.note else Checkpoint("", 0, EMPTY_ROOT)


def find_head(connection: Connection) -> Head:
    """The head of the tree; an empty one where nothing was sequenced yet."""
    row = connection.execute(
        select(ledger_checkpoints.c.size, ledger_checkpoints.c.event, ledger_checkpoints.c.note)
        .order_by(ledger_checkpoints.c.size.desc())
        .limit(1)
    ).first()
    return Head(*row) if row else Head(0, 0, "")


def find_index(connection: Connection, event: int) -> int | None:
    """The index of an event's leaf; None while it is not in the tree."""
    return connection.scalar(select(ledger_entries.c.leaf).where(ledger_entries.c.event == event))


class Tiles:
    """Reads tiles, each once. One connection's, for one question."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[Place, bytes] = {}

    def node(self, height: int, index: int) -> bytes:
        """The root of a perfect subtree (see `proof.NodeAt`).

        Raises `IntegrityError` where a tile is gone or cut.
        """
        place, part = slice_of(height, index)
        hashes = self.tile(place)[part]
        if len(hashes) != part.stop - part.start:
            raise damaged(place)
        return perfect_root(hashes)

    def root(self, size: int) -> bytes:
        return tree_root(size, self.node)

    def tile(self, place: Place) -> bytes:
        """The hashes of a tile, joined; none where it is not there."""
        if place not in self._read:
            self.load([place])
        return self._read[place]

    def load(self, places: Iterable[Place]) -> None:
        """Read several tiles at once."""
        wanted = [place for place in places if place not in self._read]
        if not wanted:
            return
        numbers: dict[int, list[int]] = {}
        for place in wanted:
            numbers.setdefault(place.level, []).append(place.number)
        # SQLite finds pairs, `(level, number) IN …`, only by reading every row
        each = [
            and_(ledger_tiles.c.level == level, ledger_tiles.c.number.in_(those))
            for level, those in numbers.items()
        ]
        rows = self._connection.execute(
            select(ledger_tiles.c.level, ledger_tiles.c.number, ledger_tiles.c.hashes).where(
                or_(*each)
            )
        )
        found = {Place(row.level, row.number): octets(row.hashes) for row in rows}
        self._read.update({place: found.get(place, b"") for place in wanted})

    def edge(self, size: int) -> dict[Place, bytes]:
        """The partial tiles of the tree of `size`; raises `IntegrityError` where one is cut."""
        edge = edge_of(size)
        self.load(edge)
        held = {place: self._read[place][: width * DIGEST_BYTES] for place, width in edge.items()}
        for place, width in edge.items():
            if len(held[place]) != width * DIGEST_BYTES:
                raise damaged(place)
        return held


def write_tiles(
    connection: Connection, tiles: Mapping[Place, bytes], edge: Mapping[Place, bytes]
) -> None:
    """Keep tiles; those of the `edge` are there already, and grow."""
    fresh = [
        {"level": place.level, "number": place.number, "hashes": hashes}
        for place, hashes in tiles.items()
        if place not in edge
    ]
    for place in tiles.keys() & edge.keys():
        connection.execute(
            update(ledger_tiles)
            .where(ledger_tiles.c.level == place.level, ledger_tiles.c.number == place.number)
            .values(hashes=tiles[place])
        )
    if fresh:
        connection.execute(insert(ledger_tiles), fresh)


def damaged(place: Place) -> IntegrityError:
    return IntegrityError(
        "a tile of the record's Merkle tree is gone or cut.",
        place=f"tile {place.level}/{place.number}",
        rule="C2SP tlog-tiles",
        remedy="Run `bigpicture ledger verify` to see what else was changed.",
    )
