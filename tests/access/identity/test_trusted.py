"""The file of issuers: what the docs show is read; what is wrong is named, never repeated."""

from __future__ import annotations

import re

import pytest

from bigpicture.access.identity.discover import read_metadata
from bigpicture.access.identity.fetch import UnreachedError
from bigpicture.access.identity.trusted import Trusted, read_trusted
from bigpicture.model.errors import SettingsError
from places import REPOSITORY

SHOWN = re.search(
    r"```toml\n(.*?)```", (REPOSITORY / "docs" / "identity.md").read_text("utf-8"), re.DOTALL
)[1]


@pytest.fixture
def read(tmp_path):
    def read(text):
        file = tmp_path / "identity.toml"
        file.write_text(text)
        return read_trusted(file)

    return read


def test_the_file_of_the_docs_is_read(read, tmp_path):
    trusted = read(SHOWN)
    assert trusted.issuer("institute").asks_for_visas
    assert trusted.issuer("institute").client_secret_file == tmp_path / "institute.secret"
    assert trusted.trust["https://visas.example.org"].longest.days == 30
    assert trusted.rems[0].key_file == tmp_path / "rems.key"


def test_without_a_file_nobody_is_trusted():
    assert read_trusted(None) == Trusted()


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('id = "institute"', 'id = "In stitute"', "issuers.0.id"),
        (
            '"https://login.example.org"          #',
            '"http://login.example.org" #',
            "issuers.0.issuer",
        ),
        (
            '"https://login.example.org"          #',
            '"https://u:secret@x.org" #',
            "issuers.0.issuer",
        ),
        ('"https://visas.example.org/jwk"', '"file:///etc/passwd"', "visas.0.keys"),
        ("keys = [", "keys = [] # [", "visas.0.keys"),
        ("longest_days = 30", "longest_days = 0", "visas.0.longest_days"),
        ("opens_accounts", "opens_acounts", "opens_acounts"),
        ("[[visas]]", "[[visa]]", "visa"),
        ("[[visas]]", "[[visas]", "TOML"),
        ('user = "owner"', "", "rems.0.user"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(read, old, new, place):
    assert old in SHOWN
    with pytest.raises(SettingsError) as wrong:
        read(SHOWN.replace(old, new, 1))
    assert place in str(wrong.value)
    assert "secret@" not in str(wrong.value)


def test_nobody_stands_twice(read):
    with pytest.raises(SettingsError, match="twice"):
        read(SHOWN + SHOWN[: SHOWN.index("[[visas]]")])


def test_a_secret_that_cannot_be_read_is_named(read):
    with pytest.raises(SettingsError, match="secret"):
        read(SHOWN).issuer("institute").secret()


TOLD = {
    "issuer": "https://login.example.org",
    "authorization_endpoint": "https://login.example.org/auth",
    "token_endpoint": "https://login.example.org/token",
    "jwks_uri": "https://login.example.org/jwks",
}


def test_what_an_issuer_says_of_itself_is_read():
    told = read_metadata(TOLD, "https://login.example.org")
    assert told.takes_basic
    assert not told.tells_iss
    assert told.userinfo is None


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://login.example.org/"},
        {"issuer": "https://evil.example.org"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_an_issuer_that_speaks_of_another_or_names_an_unsafe_place_is_not_followed(changed):
    with pytest.raises(UnreachedError):
        read_metadata(TOLD | changed, "https://login.example.org")
