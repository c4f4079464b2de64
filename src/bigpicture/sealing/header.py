"""The Crypt4GH header: the data key, wrapped for each recipient (Crypt4GH 1.0, section 3)."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bigpicture.model.errors import IntegrityError
from bigpicture.sealing.keys import KeyPair, make_key_pair
from bigpicture.sealing.segments import KEY, NONCE, TAG

_MAGIC = b"crypt4gh"
_VERSION = 1
_X25519_CHACHA20 = 0
_DATA_KEY = struct.pack("<II", 0, 0)  # data encryption parameters, ChaCha20-IETF-Poly1305
_EDIT_LIST = struct.pack("<I", 1)
_START = 16
_PACKETS = 256  # trying a packet costs an agreement of keys: refuse a flood of them
_PACKET_BYTES = 1 << 16
HEADER_SIZE = _START + 4 + 4 + KEY + NONCE + len(_DATA_KEY) + KEY + TAG
"""Bytes of a header that `write_header` writes for one recipient."""


def write_header(
    data_key: bytes,
    recipients: Sequence[bytes],
    *,
    sender: KeyPair | None = None,
    nonce: bytes | None = None,
) -> bytes:
    """Wrap `data_key` for each recipient's public key, under a new sender's key.

    A `sender` and a `nonce` (12 bytes) are given only by who sees to it that the two together
    wrap one data key for one recipient. Raises `ValueError` for a public key that agrees with none.
    """
    if not recipients:
        raise ValueError("a header needs a recipient")
    sender = sender or make_key_pair()
    packets = [
        _wrap(_DATA_KEY + data_key, sender, recipient, nonce or os.urandom(NONCE))
        for recipient in recipients
    ]
    return struct.pack("<8sII", _MAGIC, _VERSION, len(packets)) + b"".join(packets)


def read_header(header: bytes, pair: KeyPair) -> bytes:
    """Unwrap the data key; raises `IntegrityError` when damaged or not for this key."""
    opened = [
        content for packet in _packets(header) if (content := _unwrap(packet, pair)) is not None
    ]
    if not opened:
        raise IntegrityError("this Crypt4GH header is not sealed for this key, or was changed.")
    if any(content.startswith(_EDIT_LIST) for content in opened):
        raise IntegrityError("a Crypt4GH edit list is not supported.")
    keys = {bytes(content[len(_DATA_KEY) :]) for content in opened}
    if len(keys) != 1 or any(
        not content.startswith(_DATA_KEY) or len(content) != len(_DATA_KEY) + KEY
        for content in opened
    ):
        raise IntegrityError("this Crypt4GH header holds something that is not supported.")
    return keys.pop()


def opens(header: bytes, pair: KeyPair) -> bool:
    """Whether a header is sealed for this pair."""
    try:
        read_header(header, pair)
    except IntegrityError:
        return False
    return True


def open_any(header: bytes, pairs: Sequence[KeyPair]) -> bytes:
    """The data key by the first of several pairs that opens it; raises as `read_header`."""
    pair = next((each for each in pairs[:-1] if opens(header, each)), pairs[-1])
    return read_header(header, pair)


def header_size(start: bytes) -> int:
    """Length of the header that `start` (the file's first bytes) begins with.

    Raises `IntegrityError` when it is none, or does not end within `start`.
    """
    return _START + sum(4 + len(packet) for packet in _packets(start, may_go_on=True))


def _packets(header: bytes, *, may_go_on: bool = False) -> Iterator[bytes]:
    if len(header) < _START:
        raise IntegrityError("this Crypt4GH header is cut short.")
    magic, version, count = struct.unpack_from("<8sII", header)
    if magic != _MAGIC or version != _VERSION:
        raise IntegrityError("this is not a Crypt4GH header of version 1.")
    if count > _PACKETS:
        raise IntegrityError(f"this Crypt4GH header has more than {_PACKETS} packets.")
    offset = _START
    for _ in range(count):
        length = int.from_bytes(header[offset : offset + 4], "little")
        if not 4 < length <= _PACKET_BYTES or offset + length > len(header):
            raise IntegrityError("this Crypt4GH header is cut short or damaged.")
        yield header[offset + 4 : offset + length]
        offset += length
    if offset != len(header) and not may_go_on:
        raise IntegrityError("something follows this Crypt4GH header.")


def _wrap(content: bytes, sender: KeyPair, recipient: bytes, nonce: bytes) -> bytes:
    shared = _agree(sender.private, recipient, reader=recipient, writer=sender.public)
    sealed = ChaCha20Poly1305(shared).encrypt(nonce, content, None)
    packet = struct.pack("<I", _X25519_CHACHA20) + sender.public + nonce + sealed
    return struct.pack("<I", 4 + len(packet)) + packet


def _unwrap(packet: bytes, pair: KeyPair) -> bytes | None:
    """The content of a packet, or None when it is for someone else."""
    if len(packet) < 4 + KEY + NONCE + TAG or packet[:4] != struct.pack("<I", _X25519_CHACHA20):
        return None
    writer, nonce, sealed = packet[4:36], packet[36:48], packet[48:]
    try:
        shared = _agree(pair.private, writer, reader=pair.public, writer=writer)
        return ChaCha20Poly1305(shared).decrypt(nonce, sealed, None)
    except (InvalidTag, ValueError):  # ValueError: a public key of low order
        return None


def _agree(private: bytes, public: bytes, *, reader: bytes, writer: bytes) -> bytes:
    """Crypt4GH 1.0, section 3.3: the first half of BLAKE2b-512 over X25519 and both publics."""
    point = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(public)
    )
    return hashlib.blake2b(point + reader + writer).digest()[:KEY]
