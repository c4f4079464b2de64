"""Pseudonyms are the same for the same, and lead nowhere without the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat

import pytest

from bigpicture.deidentify.key_file import default_key_path
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.errors import InputError, SettingsError

KEY = bytes(range(32))


def test_a_name_is_twenty_letters_of_a_keyed_digest():
    message = b"\0\0\0\x07patient" + b"S-2019-1234"
    expected = base64.b32encode(hmac.new(KEY, message, hashlib.sha256).digest())[:20].decode()
    assert Pseudonyms(KEY).name("patient", "S-2019-1234") == expected


def test_domains_and_keys_keep_equal_identifiers_apart():
    one, other = Pseudonyms(KEY), Pseudonyms(KEY[::-1])
    names = {
        one.name("patient", "1"),
        one.name("slide", "1"),
        other.name("patient", "1"),
        one.name("patien", "t1"),
    }
    assert len(names) == 4


def test_a_uid_is_a_valid_dicom_identifier_of_128_bits():
    """PS3.5 B.2: 2.25. and a decimal integer; PS3.5 9.1: at most 64 characters."""
    for text in map(str, range(200)):
        uid = Pseudonyms(KEY).uid(text)
        root, _, number = uid.rpartition(".")
        assert root == "2.25"
        assert len(uid) <= 64
        assert str(int(number)) == number
        assert int(number) < 1 << 128


def test_a_key_is_not_shown():
    assert "00" not in repr(Pseudonyms(bytes(32)))


def test_the_key_is_made_once_readable_by_its_owner_only(tmp_path):
    path = tmp_path / "deep" / "pseudonym.key"
    first, second = Pseudonyms.load(path), Pseudonyms.load(path)
    assert first == second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "key"
    Pseudonyms.load(path)
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        Pseudonyms.load(path)


@pytest.mark.parametrize("content", ["", "hello", "!" * 56, "A" * 16])
def test_what_is_no_key_is_refused(tmp_path, content):
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="key"):
        Pseudonyms.load(path)


def test_a_place_where_no_key_can_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((InputError, SettingsError)):
        Pseudonyms.load(tmp_path / "file" / "key")


def test_the_default_place_is_the_persons_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_key_path().name == "pseudonym.key"
