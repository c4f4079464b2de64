"""Segments: how a Crypt4GH body is cut (GA4GH Crypt4GH 1.0, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SEGMENT = 65536
"""Plaintext bytes of a segment; the last one of a body may be shorter."""

NONCE = 12
TAG = 16
SEALED_SEGMENT = NONCE + SEGMENT + TAG

KEY = 32
"""Bytes of every key: X25519, ChaCha20, and what X25519 agrees on."""


def sealed_size(size: int) -> int:
    """Bytes of the body that seals `size` bytes of plaintext."""
    return size + -(-size // SEGMENT) * (NONCE + TAG)


def nonce(index: int) -> bytes:
    """The nonce of the segment `index` in what we seal: its number.

    Every body has a data key of its own, so a nonce never repeats under a key; and as Crypt4GH
    binds no segment to its place, the number tells swapped segments apart. Readers elsewhere
    take any nonce. See docs/decisions/0052.
    """
    return index.to_bytes(NONCE, "little")


def regroup(chunks: Iterable[bytes], size: int) -> Iterator[memoryview]:
    """Cut a stream into pieces of exactly `size` bytes, the last one shorter.

    Copies only what straddles two chunks.
    """
    waiting = bytearray()
    for chunk in chunks:
        rest = memoryview(chunk)
        if waiting:
            missing = size - len(waiting)
            waiting += rest[:missing]
            rest = rest[missing:]
            if len(waiting) < size:
                continue
            yield memoryview(bytes(waiting))
            waiting.clear()
        whole = len(rest) - len(rest) % size
        for start in range(0, whole, size):
            yield rest[start : start + size]
        waiting += rest[whole:]
    if waiting:
        yield memoryview(bytes(waiting))
