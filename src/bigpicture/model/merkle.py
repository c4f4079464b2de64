"""Merkle tree hashes (RFC 6962 section 2.1): one digest that stands for a list of digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

DIGEST_BYTES = 32

_LEAF, _NODE = b"\0", b"\1"


def merkle_root(leaves: Iterable[bytes | memoryview]) -> bytes:
    """The Merkle tree hash over `leaves`, in order: 32 bytes; of no leaves, SHA-256 of nothing.

    Only one node a height is held: two of the same height become one above, as in a binary
    counter. What is left over at the end is joined from the right, which is where RFC 6962's
    split at the largest power of two puts it.
    """
    held: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, node = 0, sha256(_LEAF + leaf).digest()
        while held and held[-1][0] == height:
            node = sha256(_NODE + held.pop()[1] + node).digest()
            height += 1
        held.append((height, node))
    if not held:
        return sha256().digest()
    root = held.pop()[1]
    while held:
        root = sha256(_NODE + held.pop()[1] + root).digest()
    return root


def split_digests(joined: bytes | bytearray) -> Iterator[memoryview]:
    """Digests of 32 bytes that were joined, one by one."""
    view = memoryview(joined)
    return (view[at : at + DIGEST_BYTES] for at in range(0, len(view), DIGEST_BYTES))
