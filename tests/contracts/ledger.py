"""What the tamper-evident record holds to, on any database: it grows, it tells tampering."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, text, update

from bigpicture.ledger.checkpoint import Checkpoint, open_checkpoint
from bigpicture.ledger.entry import Part
from bigpicture.ledger.erase import erase_parts
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer
from bigpicture.ledger.read import Sought, events_after, events_before
from bigpicture.ledger.record import record
from bigpicture.ledger.sequence import Sequencer, count_waiting
from bigpicture.ledger.tampering import Kind
from bigpicture.ledger.tile import Place, grow
from bigpicture.ledger.tree import Tiles, find_head, find_index
from bigpicture.ledger.verify import verify_records
from bigpicture.model.errors import ConflictError, IntegrityError, UnknownError
from bigpicture.model.merkle import leaf_hash, merkle_root
from bigpicture.storage.records import open_records
from bigpicture.storage.records.tables import (
    events,
    ledger_checkpoints,
    ledger_entries,
    ledger_tiles,
)
from migrated import open_migrated

ORIGIN = "node.example/ledger"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SIX = [
    {"id": name, "actor": actor, "action": action, "subject": subject, "details": details}
    | {"time": NOON + timedelta(hours=hour)}
    for name, actor, action, subject, details, hour in [
        ("a", "ada", "grant:record", "g1", {"dataset": "bb-dataset-1"}, -2),
        ("b", "bob", "grant:revoke", "g1", {"dataset": "bb-dataset-10"}, -1),
        ("c", "ada", "dataset:publish", "bb-dataset-1", {}, 0),
        ("d", "bob", "grant:record", "g2", {"of": ["x", "bb-dataset-1"]}, 1),
        ("e", "ada", "session:create", "s1", {"size": 3}, 2),
        ("f", "node", "session:end", "s2", {}, 3),
    ]
]


def add(records, count=1, **more):
    """Record so many events, each unlike the others; gives their numbers."""
    with records.write() as connection:
        return [
            record(
                connection,
                actor=f"person-{n}",
                action="grant:record",
                subject=f"grant-{n}",
                details={"dataset": f"bb-dataset-{n}", "reason": "öppen", "size": n * 0.5},
                **more,
            ).seq
            for n in range(count)
        ]


def kinds(verdict):
    return set(verdict.counts)


def _sequence_elsewhere(url, pem, path, results):
    records = open_records(url)
    try:
        key = Ed25519PrivateKey.from_private_bytes(pem)
        results.put(Sequencer(records, Signer(ORIGIN, key), KeptCheckpoint(path)).run())
    except Exception as error:  # noqa: BLE001  # told to the parent, whatever it is
        results.put(repr(error))
    finally:
        records.close()


class LedgerContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def url(self):
        raise NotImplementedError

    @pytest.fixture
    def records(self, url):
        records = open_migrated(url)
        yield records
        records.close()

    @pytest.fixture
    def key(self):
        return Ed25519PrivateKey.generate()

    @pytest.fixture
    def sequencer(self, records, key, tmp_path):
        return Sequencer(
            records, Signer(ORIGIN, key), KeptCheckpoint(tmp_path / "ledger/checkpoint")
        )

    @pytest.fixture
    def verify(self, records, sequencer):
        def verify(*trusted):
            return verify_records(records, keys=[sequencer.signer.verifier], trusted=trusted)

        return verify

    @pytest.fixture
    def grown(self, records, sequencer):
        """Twenty events in three batches."""
        numbers = []
        for count in (9, 1, 10):
            numbers += add(records, count)
            sequencer.run()
        return numbers

    @pytest.fixture
    def change(self, records):
        def change(*statements):
            with records.write() as connection:
                for statement in statements:
                    connection.execute(statement)

        return change

    @pytest.fixture
    def newest(self, records, sequencer):
        def newest():
            with records.read() as connection:
                note = find_head(connection).note
            return open_checkpoint(note, [sequencer.signer.verifier])

        return newest

    # It is searched.

    @pytest.mark.parametrize(
        ("sought", "found"),
        [
            (Sought(), "abcdef"),
            (Sought(actors=frozenset({"ada"})), "ace"),
            (Sought(actors=frozenset({"ada", "bob"})), "abcde"),
            (Sought(actors=frozenset()), ""),
            (Sought(action="grant:record"), "ad"),
            (Sought(action="grant:"), "abd"),
            (Sought(action="grant"), ""),
            (Sought(action="%:"), ""),  # what SQL takes for anything is a letter here
            (Sought(thing="g1"), "ab"),
            (Sought(thing="bb-dataset-1"), "c"),
            (Sought(thing="bb-dataset-1", is_mentioned_too=True), "acd"),
            (Sought(thing="bb-dataset-", is_mentioned_too=True), ""),
            (Sought(thing="bb_dataset_1", is_mentioned_too=True), ""),
            (Sought(since=NOON), "cdef"),
            (Sought(until=NOON), "ab"),
            (Sought(since=NOON, until=NOON + timedelta(hours=1)), "c"),
            (Sought(actors=frozenset({"ada"}), action="dataset:publish", since=NOON), "c"),
        ],
    )
    def test_what_is_sought_is_found_from_either_end(self, records, sought, found):
        """The letters are the events, in their order; two at a time, as pages are read."""
        with records.write() as connection:
            connection.execute(insert(events), SIX)
        with records.read() as connection:
            seqs = dict(connection.execute(select(events.c.seq, events.c.id)).all())
            up, down = [], []
            while page := events_after(connection, up[-1] if up else 0, 2, sought):
                up += [each.seq for each in page]
            while page := events_before(connection, down[-1] if down else None, 2, sought):
                down += [each.seq for each in page]
        assert "".join(seqs[each] for each in up) == found
        assert down == up[::-1]

    # It grows.

    def test_leaves_are_what_the_page_says_they_are(self, records, sequencer, newest):
        """Computed here from the columns alone, with another program's JSON."""
        add(records, 3)
        assert sequencer.run() == 3
        leaves = []
        with records.read() as connection:
            rows = connection.execute(
                select(events, ledger_entries)
                .join_from(events, ledger_entries, ledger_entries.c.event == events.c.seq)
                .order_by(ledger_entries.c.leaf)
            ).all()
        for row in rows:
            digests = {}
            for part in ("actor", "subject", "details"):
                value = json.dumps(
                    getattr(row, part), sort_keys=True, separators=(",", ":"), ensure_ascii=False
                ).replace(":0.0", ":0").replace(":1.0", ":1")  # fmt: skip
                salt = getattr(row, f"{part}_salt")
                assert len(salt) == 32
                digests[part] = hashlib.sha256(salt + value.encode()).hexdigest()
            told = {
                "format": 1,
                "seq": row.seq,
                "id": row.id,
                "time": row.time.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00"),
                "action": "grant:record",
                **digests,
            }
            leaves.append(json.dumps(told, sort_keys=True, separators=(",", ":")).encode())
        assert newest().root == merkle_root(leaves)
        assert newest().size == 3

    def test_no_leaf_tells_who_or_what(self, records, sequencer):
        add(records, 2)
        sequencer.run()
        with records.read() as connection:
            rows = connection.execute(select(ledger_entries)).all()
        salts = [getattr(row, f"{part}_salt") for row in rows for part in Part]
        assert len(set(salts)) == 6  # none is used twice
        digests = {bytes(getattr(row, f"{part}_digest")) for row in rows for part in Part}
        assert hashlib.sha256(b'"person-0"').digest() not in digests

    def test_nothing_waiting_changes_nothing(self, records, sequencer, grown, newest):
        before = newest()
        assert sequencer.run() == 0
        assert newest() == before
        with records.read() as connection:
            assert count_waiting(connection) == 0

    def test_an_empty_record_is_whole(self, sequencer, verify):
        assert sequencer.run() == 0
        verdict = verify()
        assert verdict.is_whole
        assert verdict.entries == 0
        assert verdict.root == hashlib.sha256(b"").hexdigest()

    def test_order_never_changes_once_it_is_sequenced(self, records, sequencer, grown):
        with records.read() as connection:
            before = [find_index(connection, seq) for seq in grown]
        assert before == list(range(20))
        add(records, 700)
        sequencer.run()
        with records.read() as connection:
            assert [find_index(connection, seq) for seq in grown] == before

    def test_a_large_batch_and_many_small_ones_make_the_same_tiles(self, records, sequencer):
        add(records, 1100)
        while sequencer.step(limit=101) is not None:
            pass
        with records.read() as connection:
            stored = {
                (row.level, row.number): bytes(row.hashes)
                for row in connection.execute(select(ledger_tiles))
            }
        leaves = b"".join(stored[0, number] for number in range(5))
        assert stored == grow(0, {}, [leaves[at : at + 32] for at in range(0, len(leaves), 32)])

    def test_every_checkpoint_is_a_beginning_of_the_next(self, records, sequencer, grown):
        with records.read() as connection:
            notes = connection.scalars(
                select(ledger_checkpoints.c.note).order_by(ledger_checkpoints.c.size)
            ).all()
            tiles = Tiles(connection)
            told = [open_checkpoint(note, [sequencer.signer.verifier]) for note in notes]
            assert [each.size for each in told] == [9, 10, 20]
            assert [tiles.root(each.size) for each in told] == [each.root for each in told]

    def test_threads_that_sequence_at_once_add_each_event_once(self, records, sequencer, verify):
        add(records, 400)
        added, failed = [], []

        def work():
            try:
                while (count := sequencer.step(limit=7)) is not None:
                    added.append(count)
            except Exception as error:  # noqa: BLE001 - told below
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert sum(added) == 400
        assert verify().is_whole
        assert verify().entries == 400

    def test_who_was_slower_adds_nothing(self, records, sequencer, verify, monkeypatch):
        """Another adds the same events between the reading and the writing of this one."""
        add(records, 5)
        read = Sequencer._read
        faster = []

        def interrupted(self, limit):
            batch = read(self, limit)
            if not faster:
                faster.append(True)
                faster.append(sequencer.step(limit))
            return batch

        monkeypatch.setattr(Sequencer, "_read", interrupted)
        assert sequencer.step() == 0
        assert faster == [True, 5]
        assert sequencer.step() is None
        assert verify().is_whole

    def test_processes_that_sequence_at_once_add_each_event_once(
        self, url, records, key, tmp_path, verify
    ):
        add(records, 300)
        context = multiprocessing.get_context("spawn")
        results = context.Queue()
        arguments = (url, key.private_bytes_raw(), tmp_path / "kept", results)
        children = [context.Process(target=_sequence_elsewhere, args=arguments) for _ in range(2)]
        for child in children:
            child.start()
        assert sum(results.get(timeout=60) for _ in children) == 300
        for child in children:
            child.join()
        assert verify().is_whole

    @pytest.mark.parametrize(
        "value", [2**60, -(2**63), 1e300, "\u2028\x7f", {"a": [{"b": [None, True]}]}]
    )
    def test_no_value_stops_the_tree(self, records, sequencer, verify, value):
        with records.write() as connection:
            record(connection, actor="node", action="test:done", subject="x", details={"v": value})
        assert sequencer.run() == 1
        assert verify().is_whole

    # It tells tampering.

    def test_an_untouched_record_is_whole(self, verify, grown, newest):
        verdict = verify(newest())
        assert verdict.is_whole
        assert (verdict.entries, verdict.checkpoints, verdict.trusted) == (20, 3, 1)
        assert verdict.root == newest().root.hex()

    @pytest.mark.parametrize(
        "value",
        [
            {"action": "grant:revoke"},
            {"id": "f" * 32},
        ],
    )
    def test_a_told_field_that_was_altered(self, change, verify, grown, value):
        change(update(events).where(events.c.seq == grown[4]).values(value))
        verdict = verify()
        assert kinds(verdict) == {Kind.ALTERED}
        assert verdict.finds[0].place == f"event {grown[4]} (entry 4)"

    def test_a_moment_that_was_altered(self, change, verify, grown):
        change(
            update(events)
            .where(events.c.seq == grown[4])
            .values(time=select(events.c.time).where(events.c.seq == grown[5]).scalar_subquery())
        )
        assert kinds(verify()) == {Kind.ALTERED}

    @pytest.mark.parametrize(
        "value",
        [
            {"actor": "person-1"},
            {"actor": ""},
            {"subject": "grant-9"},
            {"details": {}},
            {"details": {"dataset": "bb-dataset-4", "reason": "other", "size": 2}},
        ],
    )
    def test_a_committed_value_that_was_altered(self, change, verify, grown, value):
        change(update(events).where(events.c.seq == grown[4]).values(value))
        verdict = verify()
        assert kinds(verdict) == {Kind.UNOPENED}
        assert next(iter(value)) in verdict.finds[0].what
        assert "person-1" not in str(verdict.as_json())

    def test_a_commitment_that_was_made_anew(self, change, verify, grown):
        """The forger knows how: a new salt, a new digest, a new value."""
        salt = bytes(32)
        digest = hashlib.sha256(salt + b'"person-x"').digest()
        change(
            update(events).where(events.c.seq == grown[4]).values(actor="person-x"),
            update(ledger_entries)
            .where(ledger_entries.c.event == grown[4])
            .values(actor_salt=salt, actor_digest=digest),
        )
        assert kinds(verify()) == {Kind.ALTERED}

    def test_a_salt_that_was_changed_or_taken(self, change, verify, grown):
        entry = update(ledger_entries).where(ledger_entries.c.event == grown[4])
        change(entry.values(details_salt=bytes(32)))
        assert kinds(verify()) == {Kind.UNOPENED}
        change(entry.values(details_salt=None))
        assert kinds(verify()) == {Kind.UNOPENED}
        change(update(events).where(events.c.seq == grown[4]).values(details={}))
        assert kinds(verify()) == {Kind.ERASED}  # as an erasure does, and without an event

    def test_a_row_that_was_deleted(self, change, verify, grown):
        change(delete(events).where(events.c.seq == grown[4]))
        verdict = verify()
        assert kinds(verdict) == {Kind.DELETED}
        assert verdict.finds[0].place == f"event {grown[4]} (entry 4)"

    def test_a_row_that_was_deleted_with_its_entry(self, change, verify, grown):
        change(
            delete(events).where(events.c.seq == grown[4]),
            delete(ledger_entries).where(ledger_entries.c.event == grown[4]),
        )
        verdict = verify()
        assert kinds(verdict) == {Kind.DELETED}
        assert verdict.finds[0].place == "entry 4"

    def test_an_entry_that_was_deleted(self, change, verify, grown):
        change(delete(ledger_entries).where(ledger_entries.c.event == grown[4]))
        assert kinds(verify()) == {Kind.DELETED, Kind.INSERTED}

    def test_a_row_that_was_inserted(self, records, sequencer, change, verify, grown):
        add(records, 2)
        sequencer.run()
        with records.read() as connection:
            row = connection.execute(select(events).where(events.c.seq == grown[3])).one()
        gap = max(grown) + 1
        change(
            delete(events).where(events.c.seq == gap),
            update(ledger_entries).where(ledger_entries.c.event == gap).values(event=10_000),
        )
        change(insert(events).values({**row._mapping, "seq": gap, "id": "0" * 32}))
        verdict = verify()
        assert Kind.INSERTED in kinds(verdict)
        assert f"event {gap}" in {each.place for each in verdict.finds}

    def test_a_row_that_was_inserted_before_all_others(self, records, change, verify, grown):
        with records.read() as connection:
            row = connection.execute(select(events).where(events.c.seq == grown[3])).one()
        change(insert(events).values({**row._mapping, "seq": 0, "id": "0" * 32}))
        verdict = verify()
        assert kinds(verdict) == {Kind.INSERTED}
        assert verdict.finds[0].place == "event 0"

    def test_rows_whose_numbers_were_exchanged(self, change, verify, grown):
        swap = [(grown[4], 99_999), (grown[5], grown[4]), (99_999, grown[5])]
        change(*(update(events).where(events.c.seq == a).values(seq=b) for a, b in swap))
        verdict = verify()
        assert kinds(verdict) == {Kind.REORDERED}
        assert [each.place for each in verdict.finds] == [
            f"event {grown[4]} (entry 4)",
            f"event {grown[5]} (entry 5)",
        ]

    @pytest.mark.parametrize("column", ["leaf", "event"])
    def test_entries_that_were_exchanged(self, change, verify, grown, column):
        held = ledger_entries.c[column]
        four, five = (4, 5) if column == "leaf" else (grown[4], grown[5])
        swap = [(four, 99_999), (five, four), (99_999, five)]
        change(*(update(ledger_entries).where(held == a).values({column: b}) for a, b in swap))
        assert kinds(verify()) == {Kind.REORDERED}

    def test_a_leaf_that_was_altered_with_its_row(self, records, change, verify, grown, newest):
        """The forger makes everything fit, but has no key."""
        trusted = newest()
        self._rewrite(records, change, grown)
        verdict = verify()
        assert Kind.REWRITTEN in kinds(verdict)
        place = next(each.place for each in verdict.finds if each.kind == Kind.REWRITTEN)
        assert place == "entries 10 to 19"
        assert Kind.REWRITTEN in kinds(verify(trusted))

    def _rewrite(self, records, change, grown):
        """Alter entry 12 with its leaf, and all tiles above."""
        change(update(events).where(events.c.seq == grown[12]).values(action="grant:revoke"))
        with records.read() as connection:
            from bigpicture.ledger.rows import find_entry

            hashed = leaf_hash(find_entry(connection, 12).leaf.to_bytes())
            leaves = Tiles(connection).tile(Place(0, 0))
        changed = leaves[: 12 * 32] + hashed + leaves[13 * 32 :]
        change(update(ledger_tiles).where(ledger_tiles.c.level == 0).values(hashes=changed))
        return [changed[at : at + 32] for at in range(0, len(changed), 32)]

    def test_a_history_that_was_rewritten_by_who_has_the_key(
        self, records, sequencer, change, verify, grown, newest
    ):
        trusted = newest()
        self._rewrite(records, change, grown)
        with records.read() as connection:
            forged = Checkpoint(ORIGIN, 20, Tiles(connection).root(20)).sign(sequencer.signer)
        change(
            update(ledger_checkpoints).where(ledger_checkpoints.c.size == 20).values(note=forged)
        )
        assert verify().is_whole  # nobody can tell from the records alone
        verdict = verify(trusted)
        assert kinds(verdict) == {Kind.REWRITTEN}
        assert "trusted" in verdict.finds[0].what
        add(records)
        with pytest.raises(IntegrityError, match="the records hold others"):
            sequencer.run()

    def test_a_checkpoint_that_was_forged(self, sequencer, change, verify, grown, newest):
        forger = Signer(ORIGIN, Ed25519PrivateKey.generate())
        one = ledger_checkpoints.c.size == 20
        real = newest().sign(sequencer.signer).split("\n")
        for note in (
            newest().sign(forger),
            Checkpoint(ORIGIN, 20, bytes(32)).sign(forger),
            "\n".join([*real[:2], "A" * 43 + "=", *real[3:]]),  # the signature is of another
            "no note",
            "",
        ):
            change(update(ledger_checkpoints).where(one).values(note=note))
            assert kinds(verify()) == {Kind.FORGED}

    def test_an_old_checkpoint_in_the_place_of_the_new(self, records, change, verify, grown):
        with records.read() as connection:
            old = connection.scalar(
                select(ledger_checkpoints.c.note).where(ledger_checkpoints.c.size == 9)
            )
        change(update(ledger_checkpoints).where(ledger_checkpoints.c.size == 20).values(note=old))
        assert kinds(verify()) == {Kind.FORGED}

    def test_a_checkpoint_that_was_deleted(self, change, verify, grown):
        change(delete(ledger_checkpoints).where(ledger_checkpoints.c.size == 20))
        assert kinds(verify()) == {Kind.DELETED}

    def test_a_tile_that_was_damaged(self, records, sequencer, change, verify):
        add(records, 600)
        sequencer.run()
        assert verify().is_whole
        above = ledger_tiles.c.level == 1
        with records.read() as connection:
            held = bytes(connection.scalar(select(ledger_tiles.c.hashes).where(above)))
        change(update(ledger_tiles).where(above).values(hashes=bytes(32) + held[32:]))
        assert kinds(verify()) == {Kind.TILE}
        change(delete(ledger_tiles).where(above))
        assert kinds(verify()) == {Kind.TILE}
        change(insert(ledger_tiles).values(level=1, number=0, hashes=held))
        assert verify().is_whole
        change(delete(ledger_tiles).where(ledger_tiles.c.level == 0, ledger_tiles.c.number == 1))
        assert kinds(verify()) == {Kind.TILE}

    def test_records_of_last_week(self, records, sequencer, change, verify, grown, newest):
        """As if a backup from when there were nine entries was put back."""
        trusted = newest()
        change(
            delete(events).where(events.c.seq > grown[8]),
            delete(ledger_entries).where(ledger_entries.c.leaf > 8),
            delete(ledger_checkpoints).where(ledger_checkpoints.c.size > 9),
            update(ledger_tiles).values(
                hashes=grow(0, {}, self._leaves(records)[:9])[(0, 0)]
            ),
        )  # fmt: skip
        assert verify().is_whole  # they were a whole record once
        verdict = verify(trusted)
        assert kinds(verdict) == {Kind.ROLLED_BACK}
        with pytest.raises(IntegrityError, match="the records hold fewer"):
            sequencer.run()
        assert newest().size == 9  # nothing was signed

    def test_records_of_last_week_that_went_on(
        self, records, sequencer, change, verify, grown, newest, tmp_path
    ):
        """As before, on a machine that does not remember, and other events came after."""
        trusted = newest()
        self.test_records_of_last_week(records, sequencer, change, verify, grown, newest)
        add(records, 30)
        forgetful = Sequencer(records, sequencer.signer, KeptCheckpoint(tmp_path / "another"))
        assert forgetful.run() == 30
        assert verify().is_whole
        assert kinds(verify(trusted)) == {Kind.REWRITTEN}

    def test_a_log_begins_anew_under_another_name(
        self, records, sequencer, change, verify, grown, newest
    ):
        self.test_records_of_last_week(records, sequencer, change, verify, grown, newest)
        add(records, 1)
        renamed = Sequencer(records, Signer("node.example/2", sequencer.signer.key), sequencer.kept)
        assert renamed.run() == 1
        verdict = verify_records(records, keys=[sequencer.signer.verifier, renamed.signer.verifier])
        assert verdict.is_whole
        assert verdict.origin == "node.example/2"

    def _leaves(self, records):
        with records.read() as connection:
            held = Tiles(connection).tile(Place(0, 0))
        return [held[at : at + 32] for at in range(0, len(held), 32)]

    def test_the_tree_is_not_grown_from_tiles_that_were_altered(
        self, records, sequencer, change, grown
    ):
        change(update(ledger_tiles).values(hashes=bytes(20 * 32)))
        add(records)
        with pytest.raises(IntegrityError, match="not those of the newest checkpoint"):
            sequencer.run()
        change(update(ledger_tiles).values(hashes=b""))
        with pytest.raises(IntegrityError, match="gone or cut"):
            sequencer.run()

    def test_everything_at_once_is_told_and_counted(self, change, verify, records, sequencer):
        add(records, 300)
        sequencer.run()
        change(update(events).values(details={}))
        verdict = verify()
        assert verdict.counts == {Kind.UNOPENED: 300}
        assert len(verdict.finds) == 100
        change(text("DELETE FROM events"))
        assert verify().counts == {Kind.DELETED: 300}

    # Erasing leaves it whole.

    def test_an_erased_part_leaves_leaf_and_proofs(self, records, sequencer, grown, verify, newest):
        before = newest()
        with records.write() as connection:
            erase_parts(
                connection, grown[4], [Part.ACTOR, Part.DETAILS], actor="node", reason="asked"
            )
        sequencer.run()
        verdict = verify(before)
        assert verdict.is_whole
        assert verdict.erased == 2
        with records.read() as connection:
            row = connection.execute(
                select(events, ledger_entries)
                .join_from(events, ledger_entries, ledger_entries.c.event == events.c.seq)
                .where(events.c.seq == grown[4])
            ).one()
        assert (row.actor, row.details, row.subject) == ("", {}, "grant-4")
        assert row.actor_salt is row.details_salt is None
        assert row.subject_salt is not None

    def test_what_is_not_there_or_not_in_the_tree_is_not_erased(self, records, grown):
        (fresh,) = add(records)
        with pytest.raises(ConflictError, match="not in the tree"), records.write() as connection:
            erase_parts(connection, fresh, [Part.ACTOR], actor="node", reason="asked")
        with pytest.raises(UnknownError), records.write() as connection:
            erase_parts(connection, fresh + 1, [Part.ACTOR], actor="node", reason="asked")

    # It survives.

    def test_kills_at_any_moment_leave_a_whole_tree(
        self, url, records, key, sequencer, tmp_path, verify
    ):
        add(records, 240)
        context = multiprocessing.get_context("spawn")
        arguments = (url, key.private_bytes_raw(), tmp_path / "ledger/checkpoint")
        sizes = []
        for pause in (0, 0.003, 0.011):
            with records.read() as connection:
                before = find_head(connection).size
            child = context.Process(target=_sequence_slowly, args=arguments)
            child.start()
            while True:  # until it works
                with records.read() as connection:
                    sizes.append(find_head(connection).size)
                if sizes[-1] > before:
                    break
            threading.Event().wait(pause)
            child.kill()
            child.join()
            assert verify().is_whole
        assert sizes[-1] < 240  # it was killed on the way
        sequencer.run()
        verdict = verify()
        assert verdict.is_whole
        assert (verdict.entries, verdict.waiting) == (240, 0)


def _sequence_slowly(url, pem, path):
    sequencer = Sequencer(
        open_records(url),
        Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(pem)),
        KeptCheckpoint(path),
    )
    while sequencer.step(limit=1) is not None:
        pass
