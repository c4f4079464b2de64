"""A block of 8 × 8 neighbouring tiles from a store 20 ms away.

The floor is one way there and back and the same bytes: a single ranged GET of the block's span. The
other figure is what tile after tile costs, from the same store.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.claim import Claim
from benchmarks.node import free_port, interleaved, wait_for
from benchmarks.shown import Shown, shown
from bigpicture.api.node import Node
from bigpicture.app.keyring import load_keyring
from bigpicture.phantom.datasets import Kind
from bigpicture.storage.objects import Objects
from bigpicture.vault.vault import Vault

SECONDS = 0.02
SIDE = 8
ROUNDS = 7


def claims() -> list[Claim]:
    """ms a block, nothing remembered."""
    slide = shown(Kind.CLINICAL)
    with _bucket(slide.stores.settings.data / "objects") as endpoint:
        objects = Objects("s3://bench", endpoint=endpoint)
        node = Node.open(_over(slide, objects), start_work=lambda _: None)
        loop = asyncio.new_event_loop()
        places = [(column, row) for row in range(4, 4 + SIDE) for column in range(4, 4 + SIDE)]
        level = loop.run_until_complete(node.tiles.image(slide.image)).at(0)
        loop.run_until_complete(node.tiles.read(level, 0, 0))  # the level is open, as in a visit
        frames = [
            slide.levels[0].index.frame(row * slide.across + column) for column, row in places
        ]
        first = min(offset for offset, _ in frames)
        length = max(offset + each for offset, each in frames) - first

        def forget():
            node.vault.memory.forget()

        def block():
            forget()
            loop.run_until_complete(node.tiles.read_many(level, places))

        def one_by_one():
            async def read():
                for place in places:
                    await node.tiles.read(level, *place)

            forget()
            loop.run_until_complete(read())

        def floor():
            loop.run_until_complete(objects.get_range_async(level.source, first, length))

        block()
        floor()
        mine, bare = interleaved(block, floor, rounds=ROUNDS)
        (single,) = interleaved(one_by_one, rounds=1)
        loop.close()
    print(
        f"8 x 8 tiles span {length / 1e6:.2f} MB, the tiles {sum(n for _, n in frames) / 1e6:.2f}"
    )
    return [
        _claim("8 x 8 tiles 20 ms away, against one ranged GET", mine, bare, 0.5),
        _claim("8 x 8 tiles 20 ms away, against tile after tile", mine, single, 5),
    ]


def _claim(name: str, ours: float, peer: float, target: float) -> Claim:
    return Claim.of(
        name, ours=ours * 1e3, peer=peer * 1e3, unit="ms", target=target, more_is_better=False
    )


def _over(slide: Shown, objects: Objects):
    """The slide's node, its bodies read from afar; opened segments have their usual room."""
    stores = slide.stores
    pair = load_keyring(stores.settings.keys).sealing
    key_store = stores.vault.key_store
    vault = Vault(stores.records, objects, pair, key_store, memory_bytes=128 << 20)
    cache = stores.settings.data / "far"
    settings = stores.settings.model_copy(update={"data": cache})
    return replace(stores, vault=vault, settings=settings)


@contextmanager
def _bucket(folder: Path) -> Iterator[str]:
    port = free_port()
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "bench")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "bench")
    os.environ.setdefault("AWS_REGION", "us-east-1")
    words = ["-m", "benchmarks.range_server", str(folder), str(port), str(SECONDS)]
    process = subprocess.Popen([sys.executable, *words])
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
