"""Merkle tree hashes (RFC 6962 section 2.1): one digest that stands for a list of digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

DIGEST_BYTES = 32
EMPTY_ROOT = sha256().digest()
"""Of no leaves: SHA-256 of nothing."""

_LEAF, _NODE = b"\0", b"\1"


def leaf_hash(leaf: bytes | memoryview) -> bytes:
    """The hash of one leaf's bytes."""
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours."""
    return sha256(_NODE + left + right).digest()


def merkle_root(leaves: Iterable[bytes | memoryview]) -> bytes:
    """The Merkle tree hash over `leaves`, in order: 32 bytes."""
    growing = GrowingRoot()
    for leaf in leaves:
        growing.add(leaf_hash(leaf))
    return growing.root()


class GrowingRoot:
    """A tree that leaf hashes are added to on the right, and whose root can be asked at any time.

    Only one node a height is held: two of the same height become one above, as in a binary
    counter. What is left over is joined from the right, which is where RFC 6962's split at the
    largest power of two puts it.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Begin empty, or with `size` leaves, whose perfect subtrees' roots are `peaks`.

        Raises `ValueError` unless there is one peak for each bit of the size.
        """
        if size < 0:
            raise ValueError("a tree has no negative size")
        heights = [height for height in reversed(range(size.bit_length())) if size >> height & 1]
        self.size = size
        self._held = list(zip(heights, peaks, strict=True))

    def add(self, hashed: bytes) -> None:
        """Add a leaf by its hash."""
        height, node, held = 0, hashed, self._held
        while held and held[-1][0] == height:
            node = sha256(_NODE + held.pop()[1] + node).digest()
            height += 1
        held.append((height, node))
        self.size += 1

    def root(self) -> bytes:
        """The root over all that was added."""
        if not self._held:
            return EMPTY_ROOT
        *others, (_, root) = self._held
        for _, left in reversed(others):
            root = node_hash(left, root)
        return root


def split_digests(joined: bytes | bytearray) -> Iterator[memoryview]:
    """Digests of 32 bytes that were joined, one by one."""
    view = memoryview(joined)
    return (view[at : at + DIGEST_BYTES] for at in range(0, len(view), DIGEST_BYTES))


def perfect_root(joined: bytes) -> bytes:
    """The root over joined node hashes of one height, as many as a power of two."""
    while len(joined) > DIGEST_BYTES:
        joined = b"".join(
            sha256(_NODE + joined[at : at + 2 * DIGEST_BYTES]).digest()
            for at in range(0, len(joined), 2 * DIGEST_BYTES)
        )
    return joined
