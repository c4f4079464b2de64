"""Seals lie in files: they hold whatever becomes of the database."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bigpicture.access.committees import create_committee, give_dataset
from bigpicture.access.decide import Purpose, Reason
from bigpicture.access.decisions import Decisions
from bigpicture.access.epoch import FRESH_SECONDS, Epochs
from bigpicture.access.seal import enter_seals, lay_seal, list_seals, unseal
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.seals import Seals
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError, StorageError
from bigpicture.model.seal import SealScope
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records.tables import datasets
from published import CONTROLLED, OPEN, add_person, grant, make_stores

WHY = "an invented breach"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def files(stores):
    files = SealFiles(stores.settings.seals_folder)
    files.make()
    return files


@pytest.fixture
def seals(stores, files, clock):
    return Seals(files, stores.records, clock=clock)


@pytest.fixture
def decisions(stores, frames, seals, clock):
    return Decisions(stores.records, Epochs(stores.records, clock=clock), seals)


def lay(files, scope="node", of="", by="stew"):
    return lay_seal(files, scope=SealScope(scope), of=of, reason=WHY, by=by)


def backup(stores, to):
    """As a backup program does it, while the node runs."""
    with (
        closing(sqlite3.connect(stores.settings.data / "records.sqlite")) as here,
        closing(sqlite3.connect(to)) as there,
    ):
        here.backup(there)


def test_a_seal_is_seen_by_another_process_within_a_quarter_of_a_second(seals, files, clock):
    assert not seals.current()
    lay(SealFiles(files.folder))
    clock.now += FRESH_SECONDS
    assert seals.current().node.reason == WHY


def test_between_two_looks_nothing_is_asked_of_the_disk(seals, files, monkeypatch):
    seals.current()
    monkeypatch.setattr(SealFiles, "names", lambda _: pytest.fail("asked"))
    assert not seals.current()


@pytest.mark.parametrize(
    ("scope", "shut"),
    [
        ("node", {OPEN, CONTROLLED}),
        ("dataset", {CONTROLLED}),
        ("person", {OPEN, CONTROLLED}),
        ("grant", {CONTROLLED}),
        ("site", {OPEN, CONTROLLED}),
        ("committee", {CONTROLLED}),
        ("issuer", set()),
    ],
)
def test_what_each_scope_shuts(stores, decisions, seals, files, clock, scope, shut):
    ada, _ = add_person(stores, "ada", "researcher")
    given = grant(stores, ada)
    with stores.records.write() as connection:
        landing = {"center_name": "Invented University Hospital"}
        connection.execute(update(datasets).values(landing=landing))
        decides = create_committee(
            connection, name="Invented", contact="", rule=VotingRule.MAJORITY, quorum=1, by="stew"
        )
        give_dataset(connection, decides.id, CONTROLLED, by="stew")
    of = {
        "node": "",
        "dataset": CONTROLLED,
        "person": ada.id,
        "grant": given.id,
        "committee": decides.id,
        "site": "invented university HOSPITAL",
        "issuer": "https://issuer.example",
    }[scope]
    names = (OPEN, CONTROLLED)
    assert decisions.scope(ada, names).opened == set(names)
    lay(files, scope, of)
    clock.now += FRESH_SECONDS
    for name in names:
        decision = decisions.decide(ada, name, Purpose.VIEW)
        assert decision.allowed is (name not in shut)
        if name in shut:
            assert decision.reason is Reason.SEALED
            assert WHY not in decision.text
    assert decisions.scope(ada, names).opened == set(names) - shut
    assert seals.is_issuer_sealed("https://issuer.example") is (scope == "issuer")


def test_it_stays_sealed_when_the_database_is_gone(decisions, stores, seals, files, clock):
    lay(files)

    def fail():
        raise StorageError("the records are away.")

    stores.records.read = stores.records.write = fail
    for _ in range(3):
        clock.now += 60
        assert seals.current().node
        seals.mirror()  # what the epochs would call: it never raises
    with pytest.raises(StorageError):
        decisions.decide(None, OPEN)


def test_a_new_process_on_an_empty_database_is_sealed(files, tmp_path):
    lay(files)
    empty = make_stores(tmp_path / "empty")
    fresh = Seals(SealFiles(files.folder), empty.records)
    fresh.mirror()
    assert fresh.current().node
    empty.records.close()


def test_a_database_of_last_week_does_not_unseal(stores, frames, files, tmp_path):
    backup(stores, tmp_path / "last-week.sqlite")
    laid = lay(files)
    with stores.records.write() as connection:
        enter_seals(connection, files)
    stores.records.close()
    for left in ("records.sqlite-wal", "records.sqlite-shm"):
        (stores.settings.data / left).unlink(missing_ok=True)
    shutil.copy(tmp_path / "last-week.sqlite", stores.settings.data / "records.sqlite")
    with stores.records.read() as connection:  # the row is gone with the rest of the week
        assert [event.action for event in events_after(connection, 0, 100)][-1:] != ["seal:set"]
    seals = Seals(files, stores.records)
    seals.mirror()
    assert seals.current().node
    with stores.records.write() as connection:
        assert enter_seals(connection, files) == 1  # and it is entered again
        assert [each.seal.id for each in list_seals(connection, files)] == [laid.id]


def test_files_that_cannot_be_read_count_as_sealed(seals, files, clock):
    laid = lay(files, "dataset", CONTROLLED)
    place = files.folder / f"{laid.id}.seal"
    for damaged in (b"", b"{", b"[]", b"\xff", b'{"scope": "moon"}'):
        place.write_bytes(damaged)
        fresh = Seals(files)
        assert fresh.current().node, damaged
    shutil.rmtree(files.folder)
    clock.now += FRESH_SECONDS
    assert seals.current().node
    files.make()
    clock.now += FRESH_SECONDS
    assert not seals.current()


def test_a_crash_while_sealing_leaves_no_half_seal(files, monkeypatch):
    def die(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bigpicture.access.seal_files.write_through", die)
    with pytest.raises(StorageError):
        lay(files)
    assert files.names() == frozenset()
    assert list(files.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("scope", "of", "reason"),
    [("node", "d", WHY), ("dataset", " ", WHY), ("dataset", "d" * 401, WHY), ("dataset", "d", " ")],
)
def test_a_seal_says_what_and_why(files, scope, of, reason):
    with pytest.raises(InputError):
        lay_seal(files, scope=SealScope(scope), of=of, reason=reason, by="stew")
    assert files.names() == frozenset()


def test_a_seal_of_the_records_gets_its_file_on_each_machine(stores, files, seals, tmp_path):
    """A second machine has another folder and the same database."""
    laid = lay(files, "dataset", CONTROLLED)
    with stores.records.write() as connection:
        enter_seals(connection, files)
    there = SealFiles(tmp_path / "other-machine")
    there.make()
    other = Seals(there, stores.records)
    other.mirror()
    assert other.current().seals == (laid,)
    for who in ("ada", "berta"):
        unseal(stores.records, files, laid.id, person=who, reason="over")
    other.mirror()
    assert not other.current()
    assert there.names() == frozenset()


def test_an_old_agreement_does_not_open_a_new_seal(stores, files):
    first = lay(files)
    assert unseal(stores.records, files, first.id, person="ada", reason="over")
    second = lay(files)
    assert unseal(stores.records, files, second.id, person="berta", reason="over")
    assert files.names() == {first.id, second.id}


def test_who_is_sealed_out_does_not_let_themself_in(stores, files):
    laid = lay(files, "person", "ada")
    with pytest.raises(ForbiddenError):
        unseal(stores.records, files, laid.id, person="ada", reason="over")
    assert unseal(stores.records, files, laid.id, person="berta", reason="over")
    with pytest.raises(ConflictError, match="agreed"):
        unseal(stores.records, files, laid.id, person="berta", reason="over")
    assert unseal(stores.records, files, laid.id, person="cleo", reason="over") is None


def test_a_file_says_what_it_seals_to_who_has_nothing_else(files):
    laid = lay(files, "dataset", CONTROLLED)
    told = json.loads((files.folder / f"{laid.id}.seal").read_bytes())
    assert told["scope"] == "dataset"
    assert told["of"] == CONTROLLED
    assert datetime.fromisoformat(told["since"]) <= datetime.now(UTC)
