"""Proofs over a Merkle tree: that an entry is in it, and that a later tree holds an earlier one.

RFC 6962 sections 2.1.1 and 2.1.2, and RFC 9162 section 2.1 for how they are checked. A proof is a
list of hashes of 32 bytes, from the leaves up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bigpicture.model.errors import IntegrityError
from bigpicture.model.merkle import DIGEST_BYTES, EMPTY_ROOT, node_hash

NodeAt = Callable[[int, int], bytes]
"""Gives the root of the perfect subtree of a height (0: leaf hashes), the n-th from the left."""


def tree_root(size: int, node_at: NodeAt) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _root(0, size, node_at) if size else EMPTY_ROOT


def tree_peaks(size: int, node_at: NodeAt) -> list[bytes]:
    """The roots of the perfect subtrees that the first `size` leaves fall into, left to right."""
    peaks: list[bytes] = []
    start = 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            peaks.append(node_at(height, start >> height))
            start += 1 << height
    return peaks


def prove_inclusion(index: int, size: int, node_at: NodeAt) -> list[bytes]:
    """Prove that leaf `index` is in the tree of `size`; raises `ValueError` where it cannot be."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_root(middle, end, node_at))
            end = middle
        else:
            proof.append(_root(start, middle, node_at))
            start = middle
    return proof[::-1]


def prove_consistency(earlier: int, later: int, node_at: NodeAt) -> list[bytes]:
    """Prove that the tree of `later` leaves begins with that of `earlier`.

    Raises `ValueError` unless 0 < earlier <= later: of the empty tree there is nothing to prove.
    """
    if not 0 < earlier <= later:
        raise ValueError(f"there is no proof from {earlier} to {later} leaves")
    proof: list[bytes] = []
    start, end = 0, later
    while end != earlier:
        middle = start + _split(end - start)
        if earlier <= middle:
            proof.append(_root(middle, end, node_at))
            end = middle
        else:
            proof.append(_root(start, middle, node_at))
            start = middle
    if start:
        proof.append(_root(start, end, node_at))
    return proof[::-1]


def verify_inclusion(
    hashed: bytes, *, index: int, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `IntegrityError` unless the proof leads from the leaf hash to the root."""
    if not 0 <= index < size:
        raise IntegrityError("there is no such leaf in a tree of this size.")
    _check_lengths([hashed, root, *proof])
    reached = hashed
    for sibling, is_left in zip(proof, _sides(index, size - 1, len(proof)), strict=True):
        reached = node_hash(sibling, reached) if is_left else node_hash(reached, sibling)
    if reached != root:
        raise IntegrityError("the proof does not lead from this entry to the root.")


def verify_consistency(
    *, earlier: int, earlier_root: bytes, later: int, later_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `IntegrityError` unless the later tree begins with the earlier one."""
    if not 0 < earlier <= later:
        raise IntegrityError("a tree of this size is not the beginning of the other.")
    if earlier == later:
        if proof or earlier_root != later_root:
            raise IntegrityError("two trees of the same size are not the same tree.")
        return
    _check_lengths([earlier_root, later_root, *proof])
    shared = ((earlier - 1) ^ earlier).bit_length() - 1  # the height up to which both are one
    position, last = (earlier - 1) >> shared, (later - 1) >> shared
    path = list(proof) if position else [earlier_root, *proof]
    if not path:
        raise IntegrityError("the proof is too short for trees of these sizes.")
    first = second = path[0]
    for sibling, is_left in zip(path[1:], _sides(position, last, len(path) - 1), strict=True):
        if is_left:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
        else:
            second = node_hash(second, sibling)
    if first != earlier_root or second != later_root:
        raise IntegrityError("the later tree does not begin with the earlier one.")


def _sides(position: int, last: int, length: int) -> list[bool]:
    """For each hash of a proof, whether it stands on the left (RFC 9162 2.1.3.2, 2.1.4.2).

    Raises `IntegrityError` unless a proof from `position` has this length where `last` is the
    last of its height.
    """
    sides: list[bool] = []
    for _ in range(length):
        if last == 0:
            raise IntegrityError("the proof is too long for a tree of this size.")
        is_left = bool(position & 1) or position == last
        while is_left and position and not position & 1:
            position, last = position >> 1, last >> 1
        position, last = position >> 1, last >> 1
        sides.append(is_left)
    if last:
        raise IntegrityError("the proof is too short for a tree of this size.")
    return sides


def _check_lengths(hashes: Sequence[bytes]) -> None:
    if any(len(each) != DIGEST_BYTES for each in hashes):
        raise IntegrityError(f"a hash in a proof has {DIGEST_BYTES} bytes.")


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(start: int, end: int, node_at: NodeAt) -> bytes:
    """The root over the leaves from `start` to `end`, which RFC 6962's splits lead to."""
    size = end - start
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return node_at(height, start >> height)
    middle = start + _split(size)
    return node_hash(_root(start, middle, node_at), _root(middle, end, node_at))
