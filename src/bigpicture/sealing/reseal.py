"""Reseal: a header for other recipients; the body stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bigpicture.model.errors import InputError
from bigpicture.sealing.header import read_header, write_header
from bigpicture.sealing.keys import KeyPair
from bigpicture.sealing.segments import KEY, NONCE

_PURPOSE = b"bigpicture readdress 1"


def reseal(header: bytes, pair: KeyPair, recipients: Sequence[bytes]) -> bytes:
    """A new header over the same data key, for these recipients' public keys alone.

    Raises `IntegrityError` when `pair` does not open `header`.
    """
    return write_header(read_header(header, pair), recipients)


def readdress(data_key: bytes, pair: KeyPair, recipient: bytes) -> bytes:
    """A header over `data_key` for one recipient's public key, the same bytes each time.

    So a file of this header and the body can be fetched in parts, from any process. The sender's
    key and the nonce are derived (HKDF, RFC 5869) from the private key of `pair` and from all that
    the header says: under one sender nothing else is ever wrapped. Raises `InputError` for a key
    that no secret can be agreed on with.
    """
    derived = HKDF(
        SHA256(), KEY + NONCE, salt=data_key, info=_PURPOSE + pair.public + recipient
    ).derive(pair.private)
    try:
        return write_header(
            data_key, [recipient], sender=KeyPair.of(derived[:KEY]), nonce=derived[KEY:]
        )
    except ValueError:
        raise InputError(
            "nothing can be sealed for this public key.",
            rule="an X25519 key of 32 bytes",
            remedy="Give the public key that your own Crypt4GH tool made.",
        ) from None
