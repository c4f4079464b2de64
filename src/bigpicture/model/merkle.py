"""Merkle tree hashes (RFC 6962 section 2.1): one digest that stands for a list of digests."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

DIGEST_BYTES = 32

_LEAF, _NODE = b"\0", b"\1"


def merkle_root(leaves: Sequence[bytes | memoryview]) -> bytes:
    """The Merkle tree hash over `leaves`, in order: 32 bytes; of no leaves, SHA-256 of nothing.

    RFC 6962 splits at the largest power of two below the count, which is the same as pairing
    neighbours upwards and letting the odd one rise.
    """
    row = [sha256(_LEAF + leaf).digest() for leaf in leaves]
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        above = [sha256(_NODE + left + right).digest() for left, right in pairs]
        row = above + row[len(row) - len(row) % 2 :]
    return row[0] if row else sha256().digest()


def split_digests(joined: bytes | bytearray) -> list[memoryview]:
    """Digests of 32 bytes that were joined, one by one."""
    view = memoryview(joined)
    return [view[at : at + DIGEST_BYTES] for at in range(0, len(view), DIGEST_BYTES)]
