"""Keys of issuers: remembered, asked for anew when they rotate, and never as often as one likes."""

from __future__ import annotations

import pytest

from bigpicture.access.identity.fetch import UnreachedError
from bigpicture.access.identity.key_sets import KeySets, read_keys
from made_visas import Signer

URL = "https://issuer.example.org/jwk"
OLD, NEW = Signer("old"), Signer("new")


class Issuer:
    def __init__(self):
        self.keys = [OLD.public()]
        self.asked = 0
        self.now = 0.0

    def fetch(self, url):
        assert url == URL
        self.asked += 1
        return 200, {"keys": self.keys}

    def sets(self):
        return KeySets(fetch_json=self.fetch, clock=lambda: self.now)


def kids(keys):
    return [key.kid for key in keys.keys]


def test_keys_are_remembered_for_ten_minutes():
    issuer = Issuer()
    sets = issuer.sets()
    for issuer.now in (0, 1, 599):
        assert kids(sets.get(URL, "old")) == ["old"]
    assert issuer.asked == 1
    issuer.now = 600
    sets.get(URL, "old")
    assert issuer.asked == 2


def test_a_new_key_is_asked_for_and_one_that_nobody_has_once_a_minute():
    issuer = Issuer()
    sets = issuer.sets()
    sets.get(URL, "old")
    issuer.keys = [NEW.public()]
    issuer.now = 59
    assert kids(sets.get(URL, "new")) == ["old"]
    issuer.now = 60
    assert kids(sets.get(URL, "new")) == ["new"]
    for issuer.now in range(61, 119):
        sets.get(URL, "forged")
    assert issuer.asked == 2


@pytest.mark.parametrize(
    "answer", [(500, {}), (200, []), (200, {}), (200, {"keys": "x"}), (302, {"keys": []})]
)
def test_an_answer_that_holds_no_keys_is_none(answer):
    with pytest.raises(UnreachedError):
        KeySets(fetch_json=lambda _: answer).get(URL, "old")


def test_only_keys_that_could_sign_are_taken():
    secret = {"kty": "oct", "kid": "s", "k": "AAAA"}
    private = OLD.public() | {"d": "AAAA"}
    sealing = NEW.public() | {"use": "enc"}
    broken = {"kty": "EC", "crv": "P-256", "kid": "b", "x": "!", "y": "!"}
    taken = read_keys([secret, private, sealing, broken, "x", None, OLD.public()])
    assert kids(taken) == ["old"]
