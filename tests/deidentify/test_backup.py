"""A backup opens under its passphrase, whole and unchanged, or not at all."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bigpicture.deidentify.backup import parse_backup, read_backup, write_backup
from bigpicture.deidentify.key_file import SiteKey
from bigpicture.model.errors import InputError

KEY = bytes(range(32))
PASSPHRASE = "otter violin cement Süd"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    place = tmp_path_factory.mktemp("site") / "key"
    return write_backup(SiteKey(KEY, place, name="Klinik", made="2026-01-02"), PASSPHRASE)


def test_it_opens_to_the_same_key(sealed, tmp_path):
    found = read_backup(sealed, PASSPHRASE, place=tmp_path / "key")
    assert found == SiteKey(KEY, tmp_path / "key", name="Klinik", made="2026-01-02")


def test_another_program_opens_it_by_what_the_docs_say(sealed):
    """hashlib's scrypt, and the cipher over JSON with sorted keys, without `sealed`."""
    told = json.loads(sealed)
    box = base64.b64decode(told.pop("sealed"))
    salt, nonce = base64.b64decode(told["salt"]), base64.b64decode(told["nonce"])
    key = hashlib.scrypt(
        PASSPHRASE.encode(), salt=salt, n=told["rounds"], r=8, p=1, maxmem=1 << 28, dklen=32
    )
    beside = json.dumps(told, sort_keys=True).encode()
    assert ChaCha20Poly1305(key).decrypt(nonce, box, beside) == KEY


def test_neither_the_secret_nor_the_passphrase_stands_in_it(sealed):
    for secret in (KEY, base64.b32encode(KEY), base64.b64encode(KEY), PASSPHRASE.encode()):
        assert secret not in sealed


def test_a_wrong_passphrase_opens_nothing(sealed, tmp_path):
    with pytest.raises(InputError, match="passphrase is wrong, or"):
        read_backup(sealed, PASSPHRASE + " ", place=tmp_path / "key")


@pytest.mark.parametrize("length", [0, 1, 100, -3])
def test_a_truncated_backup_is_told(sealed, tmp_path, length):
    with pytest.raises(InputError, match="no whole backup"):
        read_backup(sealed[:length], PASSPHRASE, place=tmp_path / "key")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "Another", "been changed"),
        ("fingerprint", "AAAA", "been changed"),
        ("nonce", "", "been changed"),
        ("sealed", base64.b64encode(bytes(48)).decode(), "been changed"),
        ("sealed", "no base 64!", "been changed"),
        ("rounds", 2, "no whole backup"),
        ("rounds", 1 << 40, "no whole backup"),
        ("cipher", "none", "no whole backup"),
        ("bigpicture_site_backup", 2, "no whole backup"),
        ("more", "x", "no whole backup"),
    ],
)
def test_an_edited_backup_is_told(sealed, tmp_path, field, value, told):
    edited = json.dumps({**json.loads(sealed), field: value}).encode()
    with pytest.raises(InputError, match=told):
        read_backup(edited, PASSPHRASE, place=tmp_path / "key")


def test_two_backups_of_one_key_look_different(sealed, tmp_path):
    other = parse_backup(write_backup(SiteKey(KEY, tmp_path / "key"), PASSPHRASE))
    first = parse_backup(sealed)
    assert (other.salt, other.nonce) != (first.salt, first.nonce)
    assert other.sealed != first.sealed
    assert other.fingerprint == first.fingerprint


def test_a_short_passphrase_is_refused(tmp_path):
    with pytest.raises(InputError, match="at least 12"):
        write_backup(SiteKey(KEY, tmp_path / "key"), "short")
