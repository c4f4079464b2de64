"""Wrapped headers open under all their subjects' keys, in their own object, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.poly1305 import Poly1305

from bigpicture.model.errors import IntegrityError
from bigpicture.vault.wrap import unwrap, wrap

KEYS = {"b-being": b"b" * 32, "a-being": b"a" * 32}
HEADER = b"crypt4gh" + bytes(range(116))


def by_hand(wrapped, keys, name):
    """RFC 5869 with SHA-256, and RFC 8439 section 2.8, written out."""
    together = keys["a-being"] + keys["b-being"]  # in the order of their names
    extracted = hmac.digest(bytes(32), together, hashlib.sha256)
    expanded = hmac.digest(extracted, b"bigpicture wrap 1\x01", hashlib.sha256)
    bound = name.encode() + b"\0a-being\0b-being"
    nonce, sealed, tag = wrapped[1:13], wrapped[13:-16], wrapped[-16:]
    stream = Cipher(algorithms.ChaCha20(expanded, bytes(4) + nonce), None).decryptor()
    once = stream.update(bytes(64))[:32]
    lengths = len(bound).to_bytes(8, "little") + len(sealed).to_bytes(8, "little")
    padded = [part + bytes(-len(part) % 16) for part in (bound, sealed)]
    Poly1305.verify_tag(once, b"".join(padded) + lengths, tag)
    return stream.update(sealed)


def test_another_program_opens_it():
    wrapped = wrap(HEADER, KEYS, name="aa/object")
    assert wrapped[0] == 1
    assert by_hand(wrapped, KEYS, "aa/object") == HEADER
    assert unwrap(wrapped, dict(reversed(KEYS.items())), name="aa/object") == HEADER


def test_no_two_are_alike():
    assert wrap(HEADER, KEYS, name="o") != wrap(HEADER, KEYS, name="o")


@pytest.mark.parametrize(
    "keys",
    [
        {"a-being": b"a" * 32},
        {"b-being": b"b" * 32},
        {"a-being": b"b" * 32, "b-being": b"a" * 32},
        {"a-being": b"a" * 32, "c-being": b"b" * 32},
        {**KEYS, "c-being": b"c" * 32},
    ],
)
def test_it_takes_exactly_its_own_subjects(keys):
    with pytest.raises(IntegrityError, match="belongs to another"):
        unwrap(wrap(HEADER, KEYS, name="o"), keys, name="o")


def test_a_header_does_not_open_in_anothers_place():
    with pytest.raises(IntegrityError, match="belongs to another"):
        unwrap(wrap(HEADER, KEYS, name="one"), KEYS, name="two")


def test_every_changed_byte_is_detected():
    wrapped = wrap(HEADER, KEYS, name="o")
    for place in range(len(wrapped)):
        changed = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        with pytest.raises(IntegrityError):
            unwrap(changed, KEYS, name="o")
    for length in range(len(wrapped)):
        with pytest.raises(IntegrityError):
            unwrap(wrapped[:length], KEYS, name="o")
