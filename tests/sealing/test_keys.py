"""Key files: private to their owner, never overwritten, told apart from noise."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import SettingsError
from bigpicture.sealing.keys import load_key_pair, make_key_pair, save_key_pair
from bigpicture.sealing.public_key import load_public_key


def test_a_pair_goes_to_disk_and_back(tmp_path):
    pair = make_key_pair()
    path = tmp_path / "keys" / "node.key"
    save_key_pair(pair, path)
    assert load_key_pair(path) == pair
    assert load_public_key(tmp_path / "keys" / "node.key.pub") == pair.public
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_private_key_does_not_show_itself():
    pair = make_key_pair()
    assert pair.private.hex() not in repr(pair)
    assert repr(pair.private) not in repr(pair)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_key_that_others_may_touch_is_refused(tmp_path, mode):
    path = tmp_path / "node.key"
    save_key_pair(make_key_pair(), path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_key_pair(path)


def test_a_key_is_never_overwritten(tmp_path):
    path = tmp_path / "node.key"
    first = make_key_pair()
    save_key_pair(first, path)
    with pytest.raises(SettingsError, match="a key already"):
        save_key_pair(make_key_pair(), path)
    assert load_key_pair(path) == first


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"noise",
        b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n-----END CRYPT4GH PRIVATE KEY-----\n",
        b"-----BEGIN CRYPT4GH PRIVATE KEY-----\n!!!\n-----END CRYPT4GH PRIVATE KEY-----\n",
        b"-----BEGIN CRYPT4GH PRIVATE KEY-----\nYzRnaC12MQ==\n-----END CRYPT4GH PRIVATE KEY-----\n",
        b"-----BEGIN CRYPT4GH PUBLIC KEY-----\nYQ==\n-----END CRYPT4GH PUBLIC KEY-----\n",
    ],
)
def test_what_is_no_key_is_told(tmp_path, text):
    path = tmp_path / "node.key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match=r"node\.key"):
        load_key_pair(path)
    with pytest.raises(SettingsError, match=r"node\.key"):
        load_public_key(path)


def test_a_missing_key_is_told(tmp_path):
    for load in (load_key_pair, load_public_key):
        with pytest.raises(SettingsError, match=r"absent\.key: .*cannot be read"):
            load(tmp_path / "absent.key")
