"""Wrap: a Crypt4GH header once more under the keys of its subjects, all of which it takes to open.

The key is HKDF-SHA256 (RFC 5869) over the subjects' keys in the order of their names; the cipher is
ChaCha20-Poly1305 (RFC 8439), bound to the object and to the subjects, so that no header opens in
another's place.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bigpicture.model.errors import IntegrityError

_VERSION = b"\x01"
_PURPOSE = b"bigpicture wrap 1"
_KEY, _NONCE = 32, 12


def wrap(header: bytes, keys: Mapping[str, bytes], *, name: str) -> bytes:
    """The header of the object `name` under `keys` (32 bytes each, by the subjects' names)."""
    nonce = os.urandom(_NONCE)
    sealed = _cipher(keys).encrypt(nonce, header, _bound(keys, name))
    return _VERSION + nonce + sealed


def unwrap(wrapped: bytes, keys: Mapping[str, bytes], *, name: str) -> bytes:
    """The header again; raises `IntegrityError` when changed, or another object's or subject's."""
    if wrapped[:1] != _VERSION:
        raise IntegrityError("the header of an object is not wrapped as it should be.", place=name)
    nonce, sealed = wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
    try:
        return _cipher(keys).decrypt(nonce, sealed, _bound(keys, name))
    except (InvalidTag, ValueError):
        raise IntegrityError(
            "the header of an object was changed, or belongs to another object or subject.",
            place=name,
            remedy="Put the records back from a backup.",
        ) from None


def _cipher(keys: Mapping[str, bytes]) -> ChaCha20Poly1305:
    together = b"".join(keys[name] for name in sorted(keys))
    return ChaCha20Poly1305(HKDF(SHA256(), _KEY, salt=None, info=_PURPOSE).derive(together))


def _bound(keys: Mapping[str, bytes], name: str) -> bytes:
    return "\0".join((name, *sorted(keys))).encode()
