"""The vault keeps, opens and forgets, and a kill between any two of its steps harms nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bigpicture.model.errors import IntegrityError, StorageError, StorageFullError
from bigpicture.storage.records.tables import objects
from submitting import here, stores

__all__ = ["here", "stores"]
OWNER = "bb-dataset-aaaaaa-aaaaaa"


def states(stores):
    with stores.records.read() as connection:
        return stores.vault.owned_by(connection, OWNER)


def bodies(stores):
    root = stores.settings.data / "objects"
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and ".writing" not in path.parts
    }


def settled(stores, data=b"invented"):
    kept = stores.vault.keep([data], owner=OWNER)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
    return kept


def test_what_is_settled_opens_again(stores):
    kept = settled(stores, b"x" * 100_000)
    assert stores.vault.read(kept.key) == b"x" * 100_000
    assert b"x" * 100 not in (stores.settings.data / "objects" / kept.key).read_bytes()


def test_what_is_not_settled_does_not_open(stores):
    kept = stores.vault.keep([b"invented"], owner=OWNER)
    with pytest.raises(IntegrityError):
        stores.vault.open(kept.key)


def test_a_stream_that_breaks_leaves_nothing(stores):
    def breaking():
        yield b"half"
        raise KeyError("the stream")

    with pytest.raises(KeyError):
        stores.vault.keep(breaking(), owner=OWNER)
    assert states(stores) == {}
    assert bodies(stores) == set()


def test_the_first_error_is_told_when_tidying_fails_too(here, monkeypatch):
    def full(*_, **__):
        raise StorageFullError("no room")

    def lost(*_):
        raise StorageError("the records are away")

    monkeypatch.setattr(here.vault._objects, "put", full)
    monkeypatch.setattr(here.vault, "discard", lost)
    with pytest.raises(StorageFullError):
        here.vault.keep([b"x"], owner=OWNER)


def test_discarding_spares_what_was_settled_after_all(stores):
    """The answer to a commit was lost, the commit was not."""
    kept = settled(stores)
    stores.vault.discard([kept.key])
    assert stores.vault.read(kept.key) == b"invented"


def test_a_rollback_keeps_what_was_doomed_in_it(stores):
    kept = settled(stores)

    def doom_and_fail():
        with stores.records.write() as connection:
            stores.vault.doom(connection, [kept.key])
            raise KeyError

    with pytest.raises(KeyError):
        doom_and_fail()
    assert stores.vault.read(kept.key) == b"invented"


def test_erasing_takes_header_and_body(stores):
    kept = settled(stores)
    with stores.records.write() as connection:
        doomed = stores.vault.doom(connection, [kept.key])
    with pytest.raises(IntegrityError):
        stores.vault.open(kept.key)
    stores.vault.erase(doomed)
    assert bodies(stores) == set()
    assert states(stores) == {}


def test_a_sweep_finishes_what_a_kill_left(stores):
    living = settled(stores)
    doomed = settled(stores)
    with stores.records.write() as connection:  # killed after this commit, before the erasing
        stores.vault.doom(connection, [doomed.key])
    young = stores.vault.keep([b"being written"], owner=OWNER)
    draft = stores.settings.data / "objects" / ".writing" / "draft"  # its writer is dead
    draft.write_bytes(b"half")
    assert stores.vault.sweep() == 1
    assert states(stores) == {living.key: "durable", young.key: "writing"}
    assert not draft.exists()
    assert stores.vault.sweep(older_than=timedelta(0)) == 1
    assert bodies(stores) == {living.key}


def test_no_settling_after_a_sweep(stores):
    kept = stores.vault.keep([b"late"], owner=OWNER)
    stores.vault.sweep(older_than=timedelta(0))
    with pytest.raises(StorageError, match="swept"), stores.records.write() as connection:
        stores.vault.settle(connection, kept)


def test_the_header_of_a_doomed_object_leaves_the_database_file(here):
    kept = settled(here)
    with here.records.read() as connection:
        header = connection.scalar(select(objects.c.header).where(objects.c.key == kept.key))
    data = here.settings.data

    def lies_somewhere():
        return any(header in path.read_bytes() for path in data.glob("records.sqlite*"))

    assert lies_somewhere()
    with here.records.write() as connection:
        here.vault.doom(connection, [kept.key])
    here.records.forget()
    assert not lies_somewhere()
