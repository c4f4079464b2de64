"""The keys are made once, all of them, for their owner alone."""

from __future__ import annotations

import pytest

from bigpicture.app.keyring import load_keyring, make_keyring
from bigpicture.model.errors import BigpictureError, ConflictError, SettingsError


@pytest.fixture
def folder(tmp_path):
    make_keyring(tmp_path / "keys")
    return tmp_path / "keys"


def test_only_the_owner_can_read_them(folder):
    assert folder.stat().st_mode & 0o777 == 0o700
    secret = [path for path in folder.iterdir() if path.suffix != ".pub"]
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert len(secret) == 3


def test_they_load_as_they_were_made(folder):
    first, second = load_keyring(folder), load_keyring(folder)
    assert first.hmac == second.hmac
    assert len(first.hmac) == 32
    assert first.sealing.public == second.sealing.public
    assert first.hmac.hex() not in repr(first)


def test_they_are_never_made_twice(folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ConflictError):
        make_keyring(folder)
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["hmac.key", "signing.pem", "node.c4gh"])
def test_a_key_others_can_read_is_refused(folder, name):
    (folder / name).chmod(0o640)
    with pytest.raises(SettingsError):
        load_keyring(folder)


def test_a_folder_others_can_open_is_refused(folder):
    folder.chmod(0o750)
    with pytest.raises(SettingsError, match="chmod 700"):
        load_keyring(folder)


@pytest.mark.parametrize("name", ["hmac.key", "signing.pem", "node.c4gh"])
def test_a_missing_or_damaged_key_is_told(folder, name):
    (folder / name).write_bytes(b"torn")
    with pytest.raises((BigpictureError, ValueError)):
        load_keyring(folder)
    (folder / name).unlink()
    with pytest.raises(BigpictureError):
        load_keyring(folder)


def test_an_interrupted_making_leaves_no_keys_under_the_name(tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("bigpicture.app.keyring.save_key_pair", killed)
    with pytest.raises(KeyboardInterrupt):
        make_keyring(tmp_path / "keys")
    assert not (tmp_path / "keys").exists()
