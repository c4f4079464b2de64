"""Tiles: in the process and over HTTP, beside OpenSlide's DeepZoom and wsidicom.

Tiles are asked for in random order and our memory of whole tiles is off, so that each is read from
the disk's cache, its sealed segments opened, and sent.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import uvloop
from sqlalchemy import select
from wsidicom import WsiDicom

from benchmarks import deepzoom
from benchmarks.claim import Claim
from benchmarks.node import free_port, interleaved, new_node, prepared, publish, serving
from bigpicture.access.decide import Purpose
from bigpicture.api.node import Node
from bigpicture.app.demo import served
from bigpicture.phantom.datasets import Kind, write_dataset
from bigpicture.storage.records.tables import images
from bigpicture.submission.stores import Stores

SIZE = (4096, 3072)
TILE = 256
ROUNDS = 5
MANY, FEW = 600, 30
CONNECTIONS = 8

Place = tuple[int, int]
"""Column, row."""


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = write_dataset(Kind.NONCLINICAL, folder, slides=1, size=SIZE, processes=1)
        files = prepared(root, folder / "work")
        stores, steward = new_node(
            folder / "node", tile_cache_bytes=0, segment_cache_bytes=0, port=free_port()
        )
        publish(stores, steward, files, alias=root.name.removeprefix("DATASET_"))
        with stores.records.read() as connection:
            image = connection.scalars(select(images.c.accession)).one()
        slides = [file.place for file in files if file.path.endswith(".dcm")]
        slide = max(slides, key=lambda path: path.stat().st_size)
        across, down = SIZE[0] // TILE, SIZE[1] // TILE
        chance = random.Random(1)
        places = [(chance.randrange(across), chance.randrange(down)) for _ in range(MANY)]
        found = [
            *_in_process(stores, image, slide, places),
            *_over_http(stores, image, slide, places),
        ]
        stores.records.close()
        return found


def _in_process(stores: Stores, image: str, slide: Path, places: Sequence[Place]) -> list[Claim]:
    """µs a tile: the decision from memory, the frame from the sealed object."""
    node = Node.open(stores, start_work=lambda _: None)

    async def read_all():
        for column, row in places:
            stored = await node.tiles.image(image)
            decision = await node.decisions.awaited(None, stored.dataset, Purpose.VIEW)
            assert decision.allowed
            await node.tiles.read(stored.at(0), column, row)

    loop = asyncio.new_event_loop()
    peer = WsiDicom.open(slide.parent)
    few = places[:FEW]

    def ours():
        loop.run_until_complete(read_all())

    def with_deepzoom():
        for column, row in few:
            deepzoom.tile(str(slide), column, row)

    def with_wsidicom():
        for place in few:
            peer.read_encoded_tile(peer.levels[0].level, place)

    ours()  # opens the level and learns the terms, as the first tile of a visit does
    mine, deep, wsi = interleaved(ours, with_deepzoom, with_wsidicom, rounds=ROUNDS)
    loop.close()
    peer.close()

    def claim(name: str, seconds: float, target: float) -> Claim:
        return Claim.of(
            f"sealed tile in process, against {name}",
            ours=mine / len(places) * 1e6,
            peer=seconds / FEW * 1e6,
            unit="µs",
            target=target,
            more_is_better=False,
        )

    return [claim("DeepZoom and JPEG", deep, 20), claim("wsidicom read_encoded_tile", wsi, 1)]


def _over_http(stores: Stores, image: str, slide: Path, places: Sequence[Place]) -> list[Claim]:
    """Requests on loopback over a few kept connections, one process on either side.

    The peer decodes in threads on every core, ours sends from one; so each is also counted by the
    second of processor time that its process took, which says how many a machine can serve.
    """
    settings = stores.settings
    with (
        served(settings) as node,
        serving("benchmarks.deepzoom:application", DEEPZOOM_SLIDE=str(slide)) as (port, process),
    ):
        ours_paths = [f"/tiles/{image}/0/{column}_{row}" for column, row in places] * 4
        peer_paths = [f"/{column}_{row}" for column, row in places[: len(places) // 2]]

        def ours():
            uvloop.run(_ask_all(settings.port, ours_paths))

        def peer():
            uvloop.run(_ask_all(port, peer_paths))

        ours()
        peer()
        before = _processor(node.pid), _processor(process.pid)
        mine, theirs = interleaved(ours, peer, rounds=ROUNDS)
        after = _processor(node.pid), _processor(process.pid)
    taken = [(late - early) / ROUNDS for early, late in zip(before, after, strict=True)]
    return [
        Claim.of(
            "sealed tiles over HTTP, against a DeepZoom server",
            ours=len(ours_paths) / mine,
            peer=len(peer_paths) / theirs,
            unit="requests/s",
            target=10,
        ),
        Claim.of(
            "the same by processor time of the server",
            ours=len(ours_paths) / taken[0],
            peer=len(peer_paths) / taken[1],
            unit="requests/CPU s",
            target=10,
        ),
    ]


def _processor(process: int) -> float:
    """Seconds of processor time, its own and the kernel's for it (Linux, proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _ask_all(port: int, paths: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    asked = [
        _Asking(loop.create_future(), paths[start::CONNECTIONS]) for start in range(CONNECTIONS)
    ]
    for one in asked:
        await loop.create_connection(partial(_itself, one), "127.0.0.1", port)
    await asyncio.gather(*(one.over for one in asked))


def _itself(protocol: _Asking) -> _Asking:
    return protocol


class _Asking(asyncio.Protocol):
    """One connection, one request after another.

    No client library: it would be slower than the server, and both share the machine.
    """

    def __init__(self, over: asyncio.Future[None], paths: Sequence[str]) -> None:
        self.over = over
        self._waiting = [f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode() for path in paths]
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        if self._waiting:
            self._transport.write(self._waiting.pop())
        else:
            self._transport.close()
            self.over.set_result(None)

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            head, _, body = data.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            if not (head.startswith(b"HTTP/1.1 200") and length):
                self.over.set_exception(RuntimeError(head.decode()))
                return
            self._missing = int(length)
            data = body
        self._missing -= len(data)
        if not self._missing:
            self._next()


if __name__ == "__main__":
    for claim in claims():
        print(claim)
