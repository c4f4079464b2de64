"""Destroying a key leaves nothing of it in its folder."""

from __future__ import annotations

import base64

import pytest

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.destroy_key import destroy_key, keys_here
from bigpicture.deidentify.key_file import SiteKey, add_key, read_key, write_draft
from bigpicture.deidentify.rotate_key import rotate_key
from bigpicture.model.errors import UnknownError
from killing import killed

KEY = bytes(range(32))
NAME = fingerprint_of(KEY)


def holds(folder, secret):
    forms = (secret, base64.b32encode(secret).rstrip(b"="), secret.hex().encode())
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def made(folder):
    place = folder / "pseudonym.key"
    add_key(SiteKey(KEY, place))
    return place


def test_the_file_is_gone_and_was_written_over(tmp_path):
    place = made(tmp_path)
    (tmp_path / "seen").hardlink_to(place)  # the same bytes on the disc, under another name
    paths, left = destroy_key(place, NAME)
    assert (paths, left) == ([place], [])
    assert not place.exists()
    assert holds(tmp_path, KEY) == []
    assert not any((tmp_path / "seen").read_bytes())


def test_an_earlier_key_goes_and_the_present_one_stays(tmp_path):
    place = made(tmp_path)
    _, new = rotate_key(place)
    _, left = destroy_key(place, NAME)
    assert [key.secret for key in left] == [new.secret]
    assert read_key(place).secret == new.secret
    assert holds(tmp_path, KEY) == []


def test_what_a_killed_command_left_goes_too(tmp_path):
    place = made(tmp_path)
    write_draft(SiteKey(KEY, place))
    write_draft(SiteKey(KEY[::-1], place))
    destroy_key(place, NAME)
    assert holds(tmp_path, KEY) == []
    assert len(holds(tmp_path, KEY[::-1])) == 1  # another secret, which nobody named


def test_another_fingerprint_destroys_nothing(tmp_path):
    place = made(tmp_path)
    with pytest.raises(UnknownError, match="no key here"):
        destroy_key(place, fingerprint_of(KEY[::-1]))
    assert read_key(place).secret == KEY


def test_a_kill_at_any_moment_leaves_a_whole_key_or_none_at_its_place(tmp_path):
    at = 0
    while True:
        folder = tmp_path / str(at)
        place = made(folder)
        if not killed(lambda: destroy_key(place, NAME), at=at):  # noqa: B023 - called at once
            break
        assert not place.exists() or read_key(place).secret == KEY
        if holds(folder, KEY):
            destroy_key(place, NAME)  # the same command again ends what was begun
        assert holds(folder, KEY) == []
        assert keys_here(place) == []
        at += 1
    assert at >= 4
