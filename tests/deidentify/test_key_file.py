"""The key of a site lies in one file, for its owner's eyes only."""

from __future__ import annotations

import base64
import os
import stat

import pytest

from bigpicture.deidentify.key_file import SiteKey, add_key, drafts, new_key, read_key, write_new
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.errors import InputError, SettingsError
from killing import killed

KEY = bytes(range(32))


def put(path, data):
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_a_file_of_one_line_is_a_key_as_it_always_was(tmp_path):
    path = put(tmp_path / "pseudonym.key", base64.b32encode(KEY) + b"\n")
    assert read_key(path) == SiteKey(KEY, path)
    assert Pseudonyms.load(path).key == KEY


def test_a_nodes_key_of_32_bytes_is_a_key(tmp_path):
    assert read_key(put(tmp_path / "hmac.key", KEY)).secret == KEY


def test_the_name_and_the_day_stand_beside_the_secret(tmp_path):
    key = new_key(tmp_path / "deep" / "key", name="Klinik Nirgendwo, Süd")
    assert add_key(key)
    assert read_key(key.place) == key
    assert Pseudonyms.load(key.place).key == key.secret
    assert stat.S_IMODE(key.place.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.place.parent.stat().st_mode) == 0o700
    assert not add_key(new_key(key.place))
    assert read_key(key.place) == key


def test_no_print_shows_the_secret(tmp_path):
    key = new_key(tmp_path / "key")
    assert repr(key.secret) not in repr(key)
    assert base64.b32encode(key.secret).decode() not in repr(key)


@pytest.mark.parametrize(
    "content",
    [b"", b"# made: 2026-01-02\n", b"\xff" * 56, base64.b32encode(KEY) * 2, b"A" * 56 + b"\nB"],
)
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path, content):
    with pytest.raises(SettingsError, match="key") as caught:
        read_key(put(tmp_path / "key", content))
    assert "AAAA" not in str(caught.value)


def test_a_missing_key_says_how_to_get_one(tmp_path):
    with pytest.raises(SettingsError, match=r"site init.*site restore"):
        read_key(tmp_path / "none")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_file_that_others_may_read_is_refused(tmp_path):
    path = put(tmp_path / "key", base64.b32encode(KEY))
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_key(path)


def test_a_kill_at_any_moment_leaves_no_key_or_a_whole_one(tmp_path):
    at = 0
    while killed(lambda: add_key(SiteKey(KEY, tmp_path / str(at) / "key")), at=at):  # noqa: B023
        place = tmp_path / str(at) / "key"
        if place.exists():
            assert read_key(place).secret == KEY
        else:
            assert add_key(new_key(place))
            assert read_key(place).secret != KEY
        at += 1
    assert at >= 4  # the folder, the draft, its link, its end
    assert not drafts(tmp_path / str(at) / "key")


def test_a_file_is_written_once(tmp_path):
    write_new(tmp_path / "a", b"one")
    with pytest.raises(InputError, match="exists"):
        write_new(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
