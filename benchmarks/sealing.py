"""Sealing and opening, beside the `crypt4gh` package.

Both digest the plaintext while sealing, as every object we keep is digested: that is most of the
time. The tile is timed with the header open already, as a viewer holds it; the peer has no way to
keep one, so its figure includes about 60 µs for the header.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from crypt4gh import lib

from benchmarks.claim import Claim
from bigpicture.sealing.keys import make_key_pair
from bigpicture.sealing.memory import SegmentMemory
from bigpicture.sealing.open import RangeOpener, open_body, open_header
from bigpicture.sealing.seal import Sealer
from bigpicture.storage.objects import Objects

MEBI = 1 << 20
SIZE = 32 * MEBI
TILE = 12_500
ROUNDS = 7


class Nowhere(io.RawIOBase):
    """A sink that keeps nothing: both sides write to it, or to a loop that drops."""

    def writable(self):
        return True

    def write(self, data):
        return len(data)


def claims() -> list[Claim]:
    """Whole bodies in MB/s (ours digests the plaintext too), one tile in µs."""
    logging.getLogger("crypt4gh").setLevel(logging.CRITICAL)
    plain = os.urandom(SIZE)
    pair = make_key_pair()
    sealer = Sealer([pair.public])
    body = b"".join(sealer.seal([plain]))
    data_key = open_header(sealer.header, pair)
    whole = sealer.header + body

    def seal_ours():
        for _ in Sealer([pair.public]).seal(_pieces(plain)):
            pass

    def seal_peer():
        digest = hashlib.sha256()  # what we record of every object, so the peer must too
        for piece in _pieces(plain):
            digest.update(piece)
        lib.encrypt([(0, pair.private, pair.public)], io.BytesIO(plain), Nowhere())

    def open_ours():
        for _ in open_body(_pieces(body), data_key, SIZE):
            pass

    def open_peer():
        lib.decrypt([(0, pair.private, None)], io.BytesIO(whole), Nowhere())

    return [
        _throughput("seal (with SHA-256)", seal_ours, seal_peer, target=1.4),
        _throughput("open whole", open_ours, open_peer, target=2),
        _tile(body, sealer.header, pair, plain),
    ]


def _tile(body, header, pair, plain) -> Claim:
    """One tile from disk. The peer is asked only below 64 KiB: past it, it answers wrongly."""
    with tempfile.TemporaryDirectory() as folder:
        objects = Objects(Path(folder).as_uri())
        objects.put("body", body)
        peer_file = Path(folder, "peer")
        peer_file.write_bytes(header + body)
        opener = RangeOpener(
            objects.source("body"), open_header(header, pair), len(plain), memory=SegmentMemory(0)
        )
        offsets = [(number * 7919 * 13) % (65_536 - TILE) for number in range(60)]

        def ours():
            for offset in offsets:
                opener.read(offset, TILE)

        def peer():
            for offset in offsets[:6]:
                out = io.BytesIO()
                with peer_file.open("rb") as file:
                    lib.decrypt([(0, pair.private, None)], file, out, offset=offset, span=TILE)

        mine, theirs = _interleaved(ours, peer)
    return Claim.of(
        "open a tile of 12.5 kB",
        ours=mine / 60 * 1e6,
        peer=theirs / 6 * 1e6,
        unit="µs",
        target=4,
        more_is_better=False,
    )


def _throughput(name, ours, peer, *, target) -> Claim:
    mine, theirs = _interleaved(ours, peer)
    rate = SIZE / 1e6
    return Claim.of(name, ours=rate / mine, peer=rate / theirs, unit="MB/s", target=target)


def _interleaved(ours: Callable[[], None], peer: Callable[[], None]) -> tuple[float, float]:
    """Median seconds of each, in turns, so that a busy machine slows both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for act, spent in zip((ours, peer), times, strict=True):
            start = perf_counter()
            act()
            spent.append(perf_counter() - start)
    return median(times[0]), median(times[1])


def _pieces(data: bytes):
    view = memoryview(data)
    return (view[start : start + MEBI] for start in range(0, len(data), MEBI))
