"""Derive: keys of their own purpose from the one secret of a site, and its fingerprint.

HKDF-SHA256 (RFC 5869): nobody who learns one of them learns the secret or another one.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_SALT = b"bigpicture site secret"
_FINGERPRINT = b"bigpicture site fingerprint\0"
_LENGTH, _GROUP = 32, 4
"""32 letters of base 32: 160 bits, which nobody finds a second key for."""


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes for this purpose and no other."""
    return HKDF(SHA256(), length=32, salt=_SALT, info=purpose.encode("utf-8")).derive(secret)


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    """The key with which a site signs its reports."""
    return Ed25519PrivateKey.from_private_bytes(derive(secret, "report signature"))


def public_key(secret: bytes) -> bytes:
    """The 32 bytes with which everybody can check a signature of this site."""
    return signing_key(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint_of(secret: bytes) -> str:
    """Eight groups of four letters that name a secret and tell nothing of it."""
    return fingerprint_of_public(public_key(secret))


def fingerprint_of_public(key: bytes) -> str:
    """The same, made from the public key: who has that can check a fingerprint."""
    letters = base64.b32encode(hashlib.sha256(_FINGERPRINT + key).digest()).decode("ascii")
    return grouped(letters[:_LENGTH])


def grouped(letters: str) -> str:
    """Groups of four letters, as a person reads them aloud."""
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
