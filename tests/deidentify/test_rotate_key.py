"""A new key from now on; the old one stays readable under its fingerprint."""

from __future__ import annotations

import pytest

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.key_file import SiteKey, add_key, new_key, read_key
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rotate_key import retired_keys, rotate_key
from bigpicture.model.errors import SettingsError
from killing import killed

KEY = bytes(range(32))


def test_the_old_key_still_computes_the_earlier_pseudonyms(tmp_path):
    place = tmp_path / "pseudonym.key"
    before = Pseudonyms.load(place).name("patient", "S-1")
    old, new = rotate_key(place)
    assert read_key(place) == new
    assert old.place.name == f"pseudonym-{fingerprint_of(old.secret)}.key"
    assert Pseudonyms.load(old.place).name("patient", "S-1") == before
    assert Pseudonyms.load(place).name("patient", "S-1") != before


def test_every_earlier_key_is_kept_and_the_name_goes_on(tmp_path):
    place = tmp_path / "pseudonym.key"
    first = new_key(place, name="Klinik Nirgendwo")
    add_key(first)
    second = rotate_key(place)[1]
    third = rotate_key(place)[1]
    assert {key.secret for key in retired_keys(place)} == {first.secret, second.secret}
    assert third.name == "Klinik Nirgendwo"


def test_a_foreign_file_is_no_earlier_key(tmp_path):
    place = tmp_path / "pseudonym.key"
    add_key(SiteKey(KEY, place))
    add_key(SiteKey(KEY[::-1], tmp_path / "pseudonym-other.key"))
    assert retired_keys(place) == []


def test_the_key_of_a_node_is_not_rotated_here(tmp_path):
    place = tmp_path / "hmac.key"
    place.write_bytes(KEY)
    place.chmod(0o600)
    with pytest.raises(SettingsError, match="key of a node"):
        rotate_key(place)
    assert place.read_bytes() == KEY


def test_a_kill_at_any_moment_leaves_the_old_key_or_the_new_and_loses_none(tmp_path):
    at, seen = 0, set()
    while True:
        place = tmp_path / str(at) / "pseudonym.key"
        add_key(SiteKey(KEY, place))
        if not killed(lambda: rotate_key(place), at=at):  # noqa: B023 - called at once
            break
        present = read_key(place).secret
        kept = {key.secret for key in retired_keys(place)}
        assert KEY in {present, *kept}
        seen.add(present == KEY)
        old, new = rotate_key(place)  # and it may be done again
        assert old.secret == present
        assert KEY in {key.secret for key in retired_keys(place)}
        assert new.secret not in {KEY, present}
        at += 1
    assert seen == {True, False}
