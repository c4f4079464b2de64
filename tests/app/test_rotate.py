"""A rotation changes the node's key and every header, and not one byte of a body."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bigpicture.app import rotate as rotation
from bigpicture.app.initialise import initialise
from bigpicture.app.keyring import NEXT, SEALING, load_keyring
from bigpicture.app.open import open_stores
from bigpicture.app.rotate import Progress, rotate
from bigpicture.app.slot import held_slot
from bigpicture.model.errors import IntegrityError, SettingsError
from bigpicture.sealing.header import open_any, opens
from bigpicture.sealing.keys import load_key_pair, make_key_pair, save_key_pair
from bigpicture.sealing.public_key import load_public_key
from bigpicture.settings import Settings
from bigpicture.storage.records.tables import objects
from bigpicture.vault.rotate import Rotation
from bigpicture.vault.subject import DATASET, Subject

OWNER = "bb-dataset-aaaaaa-aaaaaa"
SUBJECTS = ([Subject.being("one"), Subject.being("two")], [Subject.being("one")], [DATASET])


class Told(list):
    """What a rotation told of its progress."""

    def progress(self):
        return Progress(begin=self.append, tick=self.append)


@pytest.fixture
def settings(tmp_path):
    chosen = Settings(data=tmp_path / "data")
    initialise(chosen, steward="steward", password="a long enough password")
    return chosen


@pytest.fixture
def filled(settings):
    """Object key to plaintext of what the node keeps."""
    stores = open_stores(settings)
    kept = {}
    for number, subjects in enumerate(SUBJECTS):
        one = stores.vault.keep([bytes([number]) * 70_000], owner=OWNER, subjects=subjects)
        with stores.records.write() as connection:
            stores.vault.settle(connection, one)
        kept[one.key] = bytes([number]) * 70_000
    destroyed = stores.vault.keep([b"erased"], owner=OWNER, subjects=[Subject.being("three")])
    stores.vault.key_store.destroy(destroyed.seals[0])
    stores.records.close()
    return kept


def read_all(settings, keys):
    stores = open_stores(settings)
    read = {key: stores.vault.read(key) for key in keys}
    stores.records.close()
    return read


def files(settings, folder):
    root = settings.data / folder
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*/*/*")}


def headers(settings):
    stores = open_stores(settings)
    with stores.records.read() as connection:
        rows = connection.execute(
            select(objects.c.key, objects.c.header).where(objects.c.header.is_not(None))
        ).all()
    stores.records.close()
    return {row.key: row.header for row in rows}


def test_headers_and_keys_change_and_bodies_do_not(settings, filled):
    old = load_keyring(settings.keys)
    bodies, keys, before = (
        files(settings, "objects"), files(settings, "subject-keys"), headers(settings)
    )  # fmt: skip
    names = [path.name for path in settings.keys.iterdir()]
    told = Told()
    pair = rotate(settings, told.progress())
    new = load_keyring(settings.keys)
    assert new.sealing == pair != old.sealing
    assert (new.hmac, new.signing.private_bytes_raw()) == (
        old.hmac,
        old.signing.private_bytes_raw(),
    )
    assert files(settings, "objects") == bodies
    after = headers(settings)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    resealed = files(settings, "subject-keys")
    assert resealed.keys() == keys.keys()
    for path, body in resealed.items():
        if path.parts[0] == "keys":
            assert not opens(body, old.sealing)
            assert open_any(body, [pair]) == open_any(keys[path], [old.sealing])
    assert read_all(settings, filled) == filled
    assert told[0] == sum(told[1:])
    assert sorted(path.name for path in settings.keys.iterdir()) == sorted(names)
    assert load_public_key(settings.keys / f"{SEALING}.pub") == pair.public


@pytest.mark.parametrize("when", ["headers", "keys", "end"])
def test_one_that_was_cut_off_is_continued(settings, filled, monkeypatch, when):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if when == "end":
            patched.setattr(rotation, "replace_sealing", killed)
        elif when == "keys":
            patched.setattr("bigpicture.vault.key_store.KeyStore.reseal", killed)
        else:
            patched.setattr("bigpicture.vault.rotate._BATCH", 1)
            done = []

            def second(self, batch, reseal=Rotation._reseal):
                if done:
                    killed()
                done.append(batch)
                reseal(self, batch)

            patched.setattr(Rotation, "_reseal", second)
        with pytest.raises(KeyboardInterrupt):
            rotate(settings, Told().progress())
    with pytest.raises(SettingsError, match="rotation") as refused:
        load_keyring(settings.keys)  # nothing is sealed for a key that is on its way out
    assert "keys rotate" in refused.value.remedy
    waiting = load_key_pair(settings.keys / NEXT)
    assert rotate(settings, Told().progress()) == waiting
    assert read_all(settings, filled) == filled


def test_not_while_the_node_runs(settings, filled):
    before = load_key_pair(settings.keys / SEALING)
    with (
        held_slot(settings.model_copy(update={"slot": "other"})),
        pytest.raises(SettingsError, match="a process of this node is running"),
    ):
        rotate(settings, Told().progress())
    assert load_keyring(settings.keys).sealing == before


def test_a_header_of_neither_key_stops_it_and_loses_nothing(settings, filled, tmp_path):
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    save_key_pair(make_key_pair(), wrong)
    (settings.keys / SEALING).rename(right)
    wrong.rename(settings.keys / SEALING)
    with pytest.raises(IntegrityError):
        rotate(settings, Told().progress())
    right.rename(settings.keys / SEALING)
    rotate(settings, Told().progress())
    assert read_all(settings, filled) == filled
