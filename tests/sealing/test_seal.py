"""Sealing: each body under its own key, once, in flat memory."""

from __future__ import annotations

import hashlib
import os
import tracemalloc

import pytest

from bigpicture.sealing.keys import make_key_pair
from bigpicture.sealing.open import open_header
from bigpicture.sealing.seal import Sealer

PAIR = make_key_pair()
MEBI = 1 << 20


def test_size_and_digest_are_the_plaintexts():
    """SHA-256 of "abc": FIPS 180-4, example of one block."""
    sealer = Sealer([PAIR.public])
    assert len(b"".join(sealer.seal([b"a", b"", b"bc"]))) == 3 + 28
    assert sealer.size == 3
    assert sealer.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_nothing_seals_to_nothing():
    sealer = Sealer([PAIR.public])
    assert list(sealer.seal([])) == []
    assert sealer.sha256 == hashlib.sha256().hexdigest()


def test_a_sealer_cannot_seal_twice():
    """It would use its nonces again, under the same key."""
    sealer = Sealer([PAIR.public])
    list(sealer.seal([b"one"]))
    with pytest.raises(RuntimeError, match="one body only"):
        sealer.seal([b"two"])


def test_the_same_plaintext_never_looks_the_same():
    first, second = Sealer([PAIR.public]), Sealer([PAIR.public])
    assert open_header(first.header, PAIR) != open_header(second.header, PAIR)
    assert list(first.seal([b"x" * 100])) != list(second.seal([b"x" * 100]))


def test_someone_must_be_able_to_open_it():
    with pytest.raises(ValueError, match="recipient"):
        Sealer([])


def test_memory_stays_flat():
    piece = os.urandom(MEBI)
    sealer = Sealer([PAIR.public])
    tracemalloc.start()
    total = sum(len(part) for part in sealer.seal(piece for _ in range(64)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total == 64 * MEBI + 28 * 1024
    assert peak < 8 * MEBI
