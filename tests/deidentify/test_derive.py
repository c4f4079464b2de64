"""Every key of the site comes from its one secret, and none leads back to it."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import by_hand
from bigpicture.deidentify.derive import derive, fingerprint_of, fingerprint_of_public, public_key
from bigpicture.deidentify.pseudonyms import Pseudonyms

KEY = bytes(range(32))


def test_the_hand_calculation_is_that_of_rfc_5869():
    """Appendix A.3, the first 32 bytes of its output; no salt counts as 32 zeros."""
    okm = by_hand.hkdf(b"\x0b" * 22, "", bytes(32))
    assert okm.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


def test_a_derived_key_is_worked_out_by_hand():
    assert derive(KEY, "dates") == by_hand.hkdf(KEY, "dates")
    assert derive(KEY, "report signature") == by_hand.hkdf(KEY, "report signature")


def test_purposes_and_secrets_keep_keys_apart():
    found = {derive(KEY, "dates"), derive(KEY, "date"), derive(KEY[::-1], "dates"), KEY}
    assert len(found) == 4


def test_the_fingerprint_is_a_digest_of_the_public_key():
    seed = by_hand.hkdf(KEY, "report signature")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert public_key(KEY) == public
    assert fingerprint_of(KEY) == fingerprint_of_public(public) == by_hand.fingerprint(public)
    assert re.fullmatch(r"([A-Z2-7]{4}-){7}[A-Z2-7]{4}", fingerprint_of(KEY))


def test_no_derived_key_is_a_pseudonym():
    """The pseudonyms use the secret itself, each with a domain before it; HKDF begins otherwise."""
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms.name("patient", "1") == by_hand.name(KEY, "patient", "1")
    assert pseudonyms.name("dates", "") != by_hand.name(by_hand.hkdf(KEY, "dates"), "dates", "")
