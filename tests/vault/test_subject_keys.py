"""Objects close with any of their subjects, and with nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bigpicture.model.errors import ErasedError, IntegrityError
from bigpicture.storage.records.tables import objects, subject_keys
from bigpicture.vault.subject import DATASET, Subject
from bigpicture.vault.subject_keys import key_names, mark_destroyed
from submitting import here, stores

__all__ = ["here", "stores"]
OWNER = "bb-dataset-aaaaaa-aaaaaa"
ADA, BEN = Subject.being("being 1"), Subject.being("being 2")


def settled(stores, *subjects, data=b"invented"):
    kept = stores.vault.keep([data], owner=OWNER, subjects=subjects)
    with stores.records.write() as connection:
        stores.vault.settle(connection, kept)
    return kept.key


def key_of(stores, subject):
    return key_names(stores.records, stores.vault.key_store, OWNER, [subject])[0]


def test_a_subject_has_one_key_however_often_it_is_named(stores):
    first, again, other = (settled(stores, one) for one in (ADA, ADA, BEN))
    assert [stores.vault.read(key) for key in (first, again, other)] == [b"invented"] * 3
    with stores.records.read() as connection:
        assert len(connection.execute(select(subject_keys)).all()) == 2


def test_a_slide_of_two_closes_with_either(stores):
    both, mine, others = settled(stores, ADA, BEN), settled(stores, ADA), settled(stores, BEN)
    stores.vault.key_store.destroy(key_of(stores, BEN))
    assert stores.vault.read(mine) == b"invented"
    for key in (both, others):
        with pytest.raises(ErasedError):
            stores.vault.open(key)


def test_closing_takes_headers_and_bodies_of_one_subject(stores):
    both, mine, others = settled(stores, ADA, BEN), settled(stores, ADA), settled(stores, DATASET)
    name = key_of(stores, ADA)
    stores.vault.key_store.destroy(name)
    with stores.records.write() as connection:
        closed = stores.vault.close(connection, name)
        assert mark_destroyed(connection, name)
        assert not mark_destroyed(connection, name)
    assert sorted(closed) == sorted([both, mine])
    stores.vault.sweep()  # a kill came before the erasing
    root = stores.settings.data / "objects"
    assert [path for path in (both, mine, others) if (root / path).exists()] == [others]
    for key in closed:
        with pytest.raises(ErasedError):
            stores.vault.open(key)
        with pytest.raises(ErasedError):
            stores.vault.open_for(key, stores.vault.public_key)
    with pytest.raises(ErasedError):
        stores.vault.keep([b"more"], owner=OWNER, subjects=[ADA])


def test_swapped_headers_are_detected(here):
    one, two = settled(here, ADA, data=b"one"), settled(here, ADA, data=b"two")
    with here.records.write() as connection:
        headers = {
            row.key: row.header
            for row in connection.execute(select(objects.c.key, objects.c.header)).all()
        }
        for key, other in ((one, two), (two, one)):
            connection.execute(
                update(objects).where(objects.c.key == key).values(header=headers[other])
            )
    for key in (one, two):
        with pytest.raises(IntegrityError, match="belongs to another object"):
            here.vault.open(key)


def test_a_lost_key_is_no_erasure(here):
    key = settled(here, ADA)
    for path in (here.settings.data / "subject-keys/keys").rglob("*"):
        if path.is_file():
            path.unlink()
    here.vault.key_store.forget()
    with pytest.raises(IntegrityError, match="missing from the key store"):
        here.vault.open(key)


def test_neither_records_nor_key_store_hold_the_data_key(here):
    """The records' header lies wrapped: the node's key alone does not open it."""
    from bigpicture.sealing.open import open_header

    key = settled(here, ADA)
    with here.records.read() as connection:
        header = connection.scalar(select(objects.c.header).where(objects.c.key == key))
    with pytest.raises(IntegrityError):
        open_header(header, here.vault._keys)
