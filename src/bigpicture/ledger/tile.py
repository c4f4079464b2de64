"""Tiles: a Merkle tree kept as rows of 256 hashes (C2SP tlog-tiles), so that proofs read few rows.

Level 0 holds leaf hashes; each hash of a level above is the root over one full tile below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bigpicture.model.merkle import DIGEST_BYTES, perfect_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * DIGEST_BYTES


class Place(NamedTuple):
    """Where a tile lies: the n-th of its level, both from 0."""

    level: int
    number: int


def edge_of(size: int) -> dict[Place, int]:
    """The partial tiles of a tree of `size` leaves, with their widths (1 to 255), from level 0."""
    edge: dict[Place, int] = {}
    level = 0
    while size:
        if width := size & (TILE_WIDTH - 1):
            edge[Place(level, size >> TILE_HEIGHT)] = width
        size >>= TILE_HEIGHT
        level += 1
    return edge


def path_of(index: int, size: int) -> set[Place]:
    """The tiles that proofs from leaf `index` in a tree of `size` are made of."""
    found = set(edge_of(size))
    level = 0
    while size >> TILE_HEIGHT * level:
        found.add(Place(level, index >> TILE_HEIGHT * (level + 1)))
        level += 1
    return found


def grow(size: int, edge: Mapping[Place, bytes], leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """All tiles that change when leaf hashes are added to a tree of `size`, as they are then.

    `edge` holds the partial tiles from before.
    """
    tiles: dict[Place, bytes] = {}
    level, added = 0, b"".join(leaves)
    while added:
        number = (size >> TILE_HEIGHT * level) >> TILE_HEIGHT
        joined = edge.get(Place(level, number), b"") + added
        full: list[bytes] = []
        for at in range(0, len(joined), TILE_BYTES):
            hashes = joined[at : at + TILE_BYTES]
            tiles[Place(level, number + at // TILE_BYTES)] = hashes
            if len(hashes) == TILE_BYTES:
                full.append(perfect_root(hashes))
        level, added = level + 1, b"".join(full)
    return tiles


def slice_of(height: int, index: int) -> tuple[Place, slice]:
    """Where the hashes lie whose `perfect_root` is the root of a perfect subtree.

    The subtree is the `index`-th of its `height` from the left; the slice is of bytes of the tile.
    """
    level, rest = divmod(height, TILE_HEIGHT)
    start = index << rest
    at = (start & (TILE_WIDTH - 1)) * DIGEST_BYTES
    return Place(level, start >> TILE_HEIGHT), slice(at, at + (DIGEST_BYTES << rest))
