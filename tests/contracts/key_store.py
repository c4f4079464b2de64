"""What a key store holds to, wherever its keys lie."""

from __future__ import annotations

import io

import pytest
from crypt4gh import header as reference

from bigpicture.model.errors import ErasedError, IntegrityError
from bigpicture.sealing.keys import make_key_pair
from bigpicture.vault.key_store import FRESH_SECONDS, KeyStore

PAIR = make_key_pair()


class KeyStoreContract:
    """Subclasses give `objects`: an empty store."""

    @pytest.fixture
    def objects(self):
        raise NotImplementedError

    @pytest.fixture
    def store(self, objects):
        return KeyStore(objects, PAIR)

    @pytest.fixture
    def elsewhere(self, objects):
        """Another process's view of the same keys."""
        return KeyStore(objects, PAIR)

    def test_a_key_is_the_same_everywhere_and_like_no_other(self, store, elsewhere):
        names = [store.make() for _ in range(3)]
        keys = [store.read(name) for name in names]
        assert [elsewhere.read(name) for name in names] == keys
        assert {len(key) for key in keys} == {32}
        assert len(set(keys)) == 3

    def test_a_file_is_a_crypt4gh_header_for_the_nodes_key(self, store, objects):
        name = store.make()
        (stored,) = objects.list("keys")
        body = io.BytesIO(objects.get(stored.key))
        keys, _ = reference.deconstruct(body, [(0, PAIR.private, None)], sender_pubkey=None)
        assert keys == [store.read(name)]

    def test_a_destroyed_key_is_gone_for_all(self, store, elsewhere, objects):
        name, other = store.make(), store.make()
        elsewhere.read(other)
        store.destroy(name)
        store.destroy(name)
        for each in (store, elsewhere, KeyStore(objects, PAIR)):
            with pytest.raises(ErasedError):
                each.read(name)
            assert each.read(other)
        assert list(store.destroyed()) == [name]
        assert [name in stored.key for stored in objects.list("keys")] == [False]

    def test_what_a_process_remembers_of_a_destroyed_key_does_not_last(self, objects, store):
        now = [100.0]
        remembers = KeyStore(objects, PAIR, clock=lambda: now[0])
        name = store.make()
        remembers.read(name)
        store.destroy(name)
        now[0] += FRESH_SECONDS
        with pytest.raises(ErasedError):
            remembers.read(name)

    def test_a_key_that_came_back_from_a_copy_stays_destroyed(self, objects, store):
        name = store.make()
        (stored,) = objects.list("keys")
        copy = objects.get(stored.key)
        store.destroy(name)
        objects.put(stored.key, copy)
        with pytest.raises(ErasedError):
            KeyStore(objects, PAIR).read(name)

    @pytest.mark.parametrize("damage", ["cut", "changed", "empty", "lost"])
    def test_a_damaged_key_is_told_and_is_no_erasure(self, objects, store, damage):
        name = store.make()
        (stored,) = objects.list("keys")
        body = objects.get(stored.key)
        if damage == "lost":
            objects.delete(stored.key)
        else:
            changed = {"cut": body[:-1], "changed": body[:-1] + b"?", "empty": b""}[damage]
            objects.put(stored.key, changed, if_absent=False)
        with pytest.raises(IntegrityError, match=r"key store|damaged") as told:
            KeyStore(objects, PAIR).read(name)
        assert told.value.remedy

    def test_another_nodes_key_opens_none(self, objects, store):
        name = store.make()
        with pytest.raises(IntegrityError, match="sealed for another node"):
            KeyStore(objects, make_key_pair()).read(name)

    def test_resealing_is_done_once(self, objects, store):
        name, gone = store.make(), store.make()
        key = store.read(name)
        store.destroy(gone)
        following = make_key_pair()
        both = KeyStore(objects, following, earlier=[PAIR])
        assert both.read(name) == key
        both.reseal(name)
        both.reseal(gone)
        (stored,) = objects.list("keys")
        resealed = objects.get(stored.key)
        both.reseal(name)
        assert objects.get(stored.key) == resealed
        assert KeyStore(objects, following).read(name) == key
        with pytest.raises(IntegrityError):
            KeyStore(objects, PAIR).read(name)
