import asyncio
from contextlib import contextmanager

import pytest

from bigpicture.access.reads import Reads
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import StorageError

READ = {"person": "ada", "image": "bb-image-1", "dataset": "bb-dataset-1", "grant": "g"}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def reads(stores, clock):
    return Reads(stores.records, window_seconds=900, clock=clock)


def told(stores):
    with stores.records.read() as connection:
        return [(each.action, each.actor, each.subject) for each in events_after(connection, 0, 99)]


def test_the_first_read_is_recorded_before_it_passes_and_the_next_only_counted(stores, reads):
    reads.admit(**READ)
    assert told(stores) == [("image:read", "ada", "bb-image-1")]
    for _ in range(9):
        asyncio.run(reads.awaited(**READ))
    assert len(told(stores)) == 1
    reads.flush()
    with stores.records.read() as connection:
        counted = events_after(connection, 0, 99)[1]
    assert counted.action == "image:read-count"
    assert counted.details == {"frames": [["bb-image-1", 10]]}
    reads.flush()
    assert len(told(stores)) == 2


def test_a_new_window_a_new_person_and_a_new_image_are_recorded(stores, reads, clock):
    reads.admit(**READ)
    reads.admit(**READ | {"person": "bob"})
    reads.admit(**READ | {"image": "bb-image-2"})
    clock.now += 899
    reads.admit(**READ)
    assert len(told(stores)) == 3
    clock.now += 1
    reads.admit(**READ)
    assert len(told(stores)) == 4


def test_counts_survive_the_end_of_their_window(stores, reads, clock):
    reads.admit(**READ)
    clock.now += 900
    reads.admit(**READ)
    reads.flush()
    with stores.records.read() as connection:
        assert events_after(connection, 0, 99)[-1].details == {"frames": [["bb-image-1", 2]]}


def test_nothing_passes_when_events_cannot_be_written(stores, reads, monkeypatch):
    @contextmanager
    def fail():
        raise StorageError("the disk is gone.")
        yield

    with monkeypatch.context() as broken:
        broken.setattr(stores.records, "write", fail)
        with pytest.raises(StorageError):
            reads.admit(**READ)
        with pytest.raises(StorageError):
            asyncio.run(reads.awaited(**READ))
    assert told(stores) == []
    reads.admit(**READ)
    assert len(told(stores)) == 1


def test_a_flush_that_failed_keeps_its_counts_and_closes_new_windows(stores, reads, monkeypatch):
    @contextmanager
    def fail():
        raise StorageError("the disk is gone.")
        yield

    reads.admit(**READ)
    with monkeypatch.context() as broken:
        broken.setattr(stores.records, "write", fail)
        with pytest.raises(StorageError):
            reads.flush()
    reads.admit(**READ | {"image": "bb-image-2"})  # writes what was owed first
    assert [action for action, _, _ in told(stores)] == [
        "image:read",
        "image:read-count",
        "image:read",
    ]
