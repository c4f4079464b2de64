"""Verify: every row, tile and checkpoint of the records against each other and what one trusts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, select

from bigpicture.ledger.checkpoint import Checkpoint, open_checkpoint
from bigpicture.ledger.entry import Leaf, Part
from bigpicture.ledger.erase import ERASE
from bigpicture.ledger.note import VerifierKey
from bigpicture.ledger.openings import check_openings
from bigpicture.ledger.rows import EntryRow, find_erased, read_entries
from bigpicture.ledger.sequence import count_waiting
from bigpicture.ledger.tampering import Kind, Verdict
from bigpicture.ledger.tile import TILE_WIDTH, Place, edge_of, grow
from bigpicture.ledger.tree import Head, Tiles, find_head
from bigpicture.model.errors import IntegrityError
from bigpicture.model.merkle import DIGEST_BYTES, GrowingRoot, leaf_hash, split_digests
from bigpicture.storage.records.engine import Records
from bigpicture.storage.records.tables import events, ledger_checkpoints, ledger_entries

_WINDOW = 16 * TILE_WIDTH
_MOST_PAIRED = 64


def verify_records(
    records: Records,
    *,
    keys: Sequence[VerifierKey],
    trusted: Iterable[Checkpoint] = (),
    begin: Callable[[int], None] = lambda _: None,
    tick: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Recompute the whole tree from the rows; compare it with what was signed by one of `keys`.

    `trusted` are checkpoints that the asker kept, from elsewhere: only by one of those do records
    show that were put back to an earlier state, or rewritten by somebody who has the node's key.
    Progress is told in entries. One snapshot of the records is read, in windows.
    """
    verdict = Verdict()
    with records.read() as connection:
        head = find_head(connection)
        tree = _Tree(connection, head, tuple(keys), tuple(trusted), verdict)
        size = max(head.size, tree.count_entries())
        begin(size)
        for start in range(0, size, _WINDOW):
            end = min(start + _WINDOW, size)
            tree.verify_window(start, end)
            tick(end - start)
        tree.verify_rest(size)
    return verdict


@dataclass(slots=True)
class _Tree:
    connection: Connection
    head: Head
    keys: tuple[VerifierKey, ...]
    trusted: tuple[Checkpoint, ...]
    verdict: Verdict
    growing: GrowingRoot = field(default_factory=GrowingRoot)
    edge: dict[Place, bytes] = field(default_factory=dict[Place, bytes])
    last_seq: int = 0
    last_good: int = 0
    odd: list[tuple[EntryRow, bytes]] = field(default_factory=list[tuple[EntryRow, bytes]])
    erased: set[tuple[int, Part]] = field(default_factory=set[tuple[int, Part]])

    def count_entries(self) -> int:
        """One past the last index that an entry has."""
        last = self.connection.scalar(select(func.max(ledger_entries.c.leaf)))
        return 0 if last is None else int(last) + 1

    def verify_window(self, start: int, end: int) -> None:
        """Entries from `start` to `end`, which are whole tiles but at the end of the tree."""
        stored = self._stored_leaves(start, end)
        rows = {row.index: row for row in read_entries(self.connection, start, end)}
        hashes: list[bytes] = []
        for index in range(start, end):
            expected = stored.get(index)
            computed = self._verify_row(rows.get(index), index, expected)
            hashes.append(expected or computed)
        self._verify_tiles(start, hashes)
        self._verify_checkpoints(start, end, hashes)

    def verify_rest(self, size: int) -> None:
        """What can be said only at the end."""
        verdict = self.verdict
        self._pair_up()
        self._compare_tiles({place: held for place, held in self.edge.items() if place.level})
        if size > self.head.size:
            verdict.add(
                Kind.DELETED,
                f"the checkpoint over the last {size - self.head.size} entries is gone.",
                f"checkpoint of {size} entries",
            )
        for kept in self.trusted:
            if kept.size > size:
                verdict.add(
                    Kind.ROLLED_BACK,
                    f"the trusted checkpoint tells {kept.size} entries, the records hold {size}.",
                    f"checkpoint of {kept.size} entries",
                )
        self._find_inserted()
        self._find_silent_erasures()
        verdict.entries, verdict.trusted = size, len(self.trusted)
        verdict.waiting = count_waiting(self.connection)
        verdict.root = self.growing.root().hex()
        verdict.erased = len(self.erased)

    def _stored_leaves(self, start: int, end: int) -> dict[int, bytes]:
        tiles = Tiles(self.connection)
        first, last = start // TILE_WIDTH, -(-end // TILE_WIDTH)
        tiles.load(Place(0, number) for number in range(first, last))
        found: dict[int, bytes] = {}
        for number in range(first, last):
            at = number * TILE_WIDTH
            hashes = tiles.tile(Place(0, number))
            if len(hashes) < (min(end, at + TILE_WIDTH) - at) * DIGEST_BYTES:
                self.verdict.add(Kind.TILE, "this tile is gone or cut.", f"tile 0/{number}")
            found.update(
                (at + n, bytes(each))
                for n, each in enumerate(split_digests(hashes))
                if len(each) == DIGEST_BYTES
            )
        return found

    def _verify_row(self, row: EntryRow | None, index: int, expected: bytes | None) -> bytes:
        """Note what is wrong with one entry; gives its leaf hash as the rows have it."""
        if row is None:
            self.verdict.add(Kind.DELETED, "the entry of this leaf is gone.", f"entry {index}")
            return bytes(DIGEST_BYTES)
        if row.leaf is None:
            self.verdict.add(Kind.DELETED, "the row of this event is gone.", row.place)
            return bytes(DIGEST_BYTES)
        computed = leaf_hash(_leaf_bytes(row.leaf))
        is_late = row.seq <= self.last_seq
        self.last_seq = row.seq
        if expected is not None and computed != expected:
            if len(self.odd) < _MOST_PAIRED:
                self.odd.append((row, expected))
            else:
                self.verdict.add(Kind.ALTERED, "its row is not the one in the tree.", row.place)
            return computed
        if is_late:
            self.verdict.add(Kind.REORDERED, "it stands after a later event.", row.place)
        for part in check_openings(row.openings, row.digests, self.verdict, row.place):
            self.erased.add((row.seq, part))
        return computed

    def _verify_tiles(self, start: int, hashes: list[bytes]) -> None:
        grown = grow(start, self.edge, hashes)
        known = {**self.edge, **grown}
        self.edge = {place: known[place] for place in edge_of(start + len(hashes))}
        self._compare_tiles(
            {place: held for place, held in grown.items() if place.level and place not in self.edge}
        )

    def _compare_tiles(self, expected: dict[Place, bytes]) -> None:
        if not expected:
            return
        tiles = Tiles(self.connection)
        tiles.load(expected)
        for place, held in expected.items():
            if tiles.tile(place) != held:
                what = "it does not follow from the tiles below."
                self.verdict.add(Kind.TILE, what, f"tile {place.level}/{place.number}")

    def _verify_checkpoints(self, start: int, end: int, hashes: list[bytes]) -> None:
        signed = self.connection.execute(
            select(ledger_checkpoints.c.size, ledger_checkpoints.c.note).where(
                ledger_checkpoints.c.size > start, ledger_checkpoints.c.size <= end
            )
        )
        notes = {row.size: row.note for row in signed}
        kept = {each.size: each for each in self.trusted}
        for size, hashed in enumerate(hashes, start + 1):
            self.growing.add(hashed)
            if size in notes:
                self._verify_checkpoint(size, notes[size])
            if size in kept and kept[size].root != self.growing.root():
                self.verdict.add(
                    Kind.REWRITTEN,
                    "the trusted checkpoint has another root: the two are not consistent.",
                    f"entries 0 to {size - 1}",
                )

    def _verify_checkpoint(self, size: int, note: str) -> None:
        self.verdict.checkpoints += 1
        place = f"checkpoint of {size} entries"
        try:
            told = open_checkpoint(note, self.keys)
        except IntegrityError as error:
            self.verdict.add(Kind.FORGED, error.what, place)
            return
        self.verdict.origin = told.origin
        if told.size != size:
            self.verdict.add(Kind.FORGED, f"its note tells {told.size} entries.", place)
        elif told.root == self.growing.root():
            self.last_good = size
        elif Kind.REWRITTEN not in self.verdict.counts:  # those after it say the same
            self.verdict.add(
                Kind.REWRITTEN,
                "the tree has another root than was signed.",
                f"entries {self.last_good} to {size - 1}",
            )

    def _pair_up(self) -> None:
        """Say which rows stand in each other's place, and that the others were altered."""
        for row, _ in self.odd:
            assert row.leaf is not None
            if any(_is_of(row.leaf, other, hashed) for other, hashed in self.odd if other != row):
                what = "it stands in the place of another event."
                self.verdict.add(Kind.REORDERED, what, row.place)
            else:
                self.verdict.add(Kind.ALTERED, "its row is not the one in the tree.", row.place)

    def _find_inserted(self) -> None:
        found = self.connection.execute(
            select(events.c.seq)
            .outerjoin(ledger_entries, ledger_entries.c.event == events.c.seq)
            .where(ledger_entries.c.event.is_(None), events.c.seq <= self._last_event())
            .order_by(events.c.seq)
        )
        for (seq,) in found:
            what = "it has no entry, though later events have."
            self.verdict.add(Kind.INSERTED, what, f"event {seq}")

    def _last_event(self) -> int:
        last = self.connection.scalar(select(func.max(ledger_entries.c.event)))
        return max(self.head.event, int(last or 0))

    def _find_silent_erasures(self) -> None:
        """Every erased part is named by an event, whose own details open."""
        if not self.erased:
            return
        told = find_erased(self.connection, ERASE)
        for seq, part in sorted(self.erased - told):
            what = f"its {part} was erased, and no event says so."
            self.verdict.add(Kind.ERASED, what, f"event {seq}")


def _leaf_bytes(leaf: Leaf) -> bytes:
    """The leaf's bytes; of a row that holds what no leaf can, none that any leaf has."""
    try:
        return leaf.to_bytes()
    except ValueError:
        return b""


def _is_of(leaf: Leaf, other: EntryRow, hashed: bytes) -> bool:
    """Whether this is the other's leaf, as it is or with the other's number or digests."""
    candidates = (
        leaf,
        replace(leaf, digests=other.digests),
        replace(leaf, seq=other.seq, digests=other.digests),
    )
    return any(leaf_hash(_leaf_bytes(each)) == hashed for each in candidates)
