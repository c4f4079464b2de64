"""Proofs are those of RFC 6962: the published vectors, and a tree drawn by the RFC's own words."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.ledger.proof import (
    prove_consistency,
    prove_inclusion,
    tree_peaks,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from bigpicture.ledger.tile import edge_of, grow, path_of, slice_of
from bigpicture.model.errors import IntegrityError
from bigpicture.model.merkle import GrowingRoot, leaf_hash, merkle_root, perfect_root
from places import SHARED

VECTORS = SHARED / "specs/merkle-vectors"
FILES = sorted(VECTORS.rglob("*.json"))


def told(path):
    return path.relative_to(VECTORS).as_posix()


def refused(check):
    try:
        check()
    except IntegrityError:
        return True
    return False


@pytest.mark.skipif(not FILES, reason="needs ../shared/specs/merkle-vectors beside this checkout")
def test_all_published_vectors_are_there():
    assert len(FILES) == 196


@pytest.mark.parametrize("path", [f for f in FILES if told(f).startswith("inclusion")], ids=told)
def test_published_inclusion_proofs(path):
    vector = json.loads(path.read_text())
    assert vector["wantErr"] == refused(
        lambda: verify_inclusion(
            base64.b64decode(vector["leafHash"]),
            index=vector["leafIdx"],
            size=vector["treeSize"],
            root=base64.b64decode(vector["root"]),
            proof=[base64.b64decode(each) for each in vector["proof"] or []],
        )
    )


@pytest.mark.parametrize("path", [f for f in FILES if told(f).startswith("consistency")], ids=told)
def test_published_consistency_proofs(path):
    vector = json.loads(path.read_text())
    assert vector["wantErr"] == refused(
        lambda: verify_consistency(
            earlier=vector["size1"],
            later=vector["size2"],
            earlier_root=base64.b64decode(vector["root1"]),
            later_root=base64.b64decode(vector["root2"]),
            proof=[base64.b64decode(each) for each in vector["proof"] or []],
        )
    )


# RFC 6962 section 2.1, word for word: MTH, PATH and SUBPROOF over lists.


def hash_of(data):
    return hashlib.sha256(data).digest()


def largest_power_below(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries):
    if not entries:
        return hash_of(b"")
    if len(entries) == 1:
        return hash_of(b"\0" + entries[0])
    k = largest_power_below(len(entries))
    return hash_of(b"\1" + mth(entries[:k]) + mth(entries[k:]))


def audit_path(m, entries):
    if len(entries) == 1:
        return []
    k = largest_power_below(len(entries))
    if m < k:
        return [*audit_path(m, entries[:k]), mth(entries[k:])]
    return [*audit_path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m, entries, is_whole):
    if m == len(entries):
        return [] if is_whole else [mth(entries)]
    k = largest_power_below(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], is_whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def entries_of(count):
    return [str(n).encode() for n in range(count)]


def grown(sizes):
    """Tiles of a tree that grew by so many leaves each time."""
    tiles, size = {}, 0
    for count in sizes:
        leaves = [leaf_hash(str(n).encode()) for n in range(size, size + count)]
        edge = {place: tiles[place] for place in edge_of(size)}
        tiles |= grow(size, edge, leaves)
        size += count
    return tiles, size


def reader(tiles):
    def node_at(height, index):
        place, part = slice_of(height, index)
        return perfect_root(tiles[place][part])

    return node_at


@given(st.lists(st.integers(1, 300), min_size=1, max_size=6), st.data())
def test_a_tree_grown_in_any_steps_proves_as_the_rfc_does(sizes, data):
    tiles, size = grown(sizes)
    entries, node_at = entries_of(size), reader(tiles)
    root = tree_root(size, node_at)
    assert root == mth(entries) == merkle_root(entries)
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, node_at)
    assert proof == audit_path(index, entries)
    verify_inclusion(leaf_hash(entries[index]), index=index, size=size, root=root, proof=proof)
    earlier = data.draw(st.integers(1, size))
    proof = prove_consistency(earlier, size, node_at)
    assert proof == subproof(earlier, entries, True)
    verify_consistency(
        earlier=earlier,
        earlier_root=mth(entries[:earlier]),
        later=size,
        later_root=root,
        proof=proof,
    )
    growing = GrowingRoot(earlier, tree_peaks(earlier, node_at))
    assert growing.root() == mth(entries[:earlier])
    for entry in entries[earlier:]:
        growing.add(leaf_hash(entry))
    assert (growing.size, growing.root()) == (size, root)


@given(st.integers(1, 600), st.data())
def test_a_proof_of_another_entry_size_or_root_is_refused(size, data):
    tiles, _ = grown([size])
    entries, node_at = entries_of(size), reader(tiles)
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, node_at)
    right = {"index": index, "size": size, "root": mth(entries), "proof": proof}
    hashed = leaf_hash(entries[index])
    wrong = [
        right | {"root": bytes(32)},
        right | {"index": size},
        right | {"index": -1},
        right | {"proof": [*proof, bytes(32)]},
        right | {"proof": [*proof, b"short"]},
    ]
    if size > 1:
        wrong += [right | {"index": (index + 1) % size}, right | {"proof": proof[1:]}]
    for each in wrong:
        assert refused(lambda each=each: verify_inclusion(hashed, **each))
    assert refused(lambda: verify_inclusion(leaf_hash(b"another"), **right))


def test_tiles_of_the_example_of_the_specification():
    """C2SP tlog-tiles, Partial Tiles: a tree of 70,000 and one of 256."""
    tiles, _ = grown([65_536, 4_000, 464])
    widths = {place: len(hashes) // 32 for place, hashes in tiles.items()}
    assert sum(width == 256 for (level, _), width in widths.items() if level == 0) == 273
    assert widths[0, 273] == 112
    assert widths[1, 0] == 256
    assert widths[1, 1] == 17
    assert widths[2, 0] == 1
    assert len(widths) == 273 + 1 + 2 + 1
    assert edge_of(70_000) == {(0, 273): 112, (1, 1): 17, (2, 0): 1}
    assert edge_of(256) == {(1, 0): 1}


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3)])
def test_there_is_no_proof_of_what_is_not_there(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        prove_inclusion(index, size, lambda *_: bytes(32))


@pytest.mark.parametrize(("earlier", "later"), [(0, 0), (0, 3), (4, 3), (-1, 3)])
def test_there_is_no_proof_from_the_empty_tree_or_back(earlier, later):
    with pytest.raises(ValueError, match="no proof"):
        prove_consistency(earlier, later, lambda *_: bytes(32))


@given(st.integers(1, 200_000), st.data())
def test_every_tile_that_a_proof_reads_is_known_before(size, data):
    """So that they are fetched at once."""
    index = data.draw(st.integers(0, size - 1))
    known, read = path_of(index, size), set()

    def node_at(height, number):
        read.add(slice_of(height, number)[0])
        return bytes(32)

    prove_inclusion(index, size, node_at)
    prove_consistency(index + 1, size, node_at)
    assert read <= known
    assert len(known) <= 6
