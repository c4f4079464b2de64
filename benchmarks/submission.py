"""What a node adds to moving bytes: taking a dataset in, and receiving it over HTTP."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from itertools import count
from pathlib import Path

import httpx

from benchmarks.claim import Claim
from benchmarks.node import PASSWORD, free_port, interleaved, new_node, prepared, publish, serving
from benchmarks.svs_of_noise import write_noise
from bigpicture.app.demo import served
from bigpicture.client.node import Node
from bigpicture.client.upload import upload
from bigpicture.phantom.datasets import Kind, write_dataset
from bigpicture.settings import Settings

ROUNDS = 3
SIDE = 24_576
UPLOAD_BYTES = 64 << 20
MEGA = 1e6


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory() as name:
        return [_accept(Path(name)), _upload(Path(name))]


def _accept(folder: Path) -> Claim:
    """Receive to publish of converted files, beside copying and digesting the same files.

    The node digests three times (announced, received, accepted), seals twice, inspects every
    header in a child process and syncs what it promises; the copy does one of each, or none.
    """
    root = write_dataset(Kind.CLINICAL, folder, slides=1, size=(1024, 1024), processes=1)
    for slide in (root / "IMAGES").rglob("*.svs"):
        write_noise(slide, SIDE)
    files = prepared(root, folder / "work")
    total = sum(file.size for file in files)
    # a node publishes an alias once, so each round has a node of its own
    nodes = [new_node(folder / f"node-{number}") for number in range(ROUNDS)]

    def ours():
        stores, steward = nodes.pop()
        publish(stores, steward, files, alias=root.name.removeprefix("DATASET_"))
        stores.records.close()

    def peer():
        for number, file in enumerate(files):
            copy = folder / f"copy-{number}"
            shutil.copyfile(file.place, copy)
            with copy.open("rb") as stream:
                hashlib.file_digest(stream, "sha256")

    mine, theirs = interleaved(ours, peer, rounds=ROUNDS)
    return Claim.of(
        f"receive to publish {total / MEGA:.0f} MB, against copyfile and SHA-256",
        ours=total / MEGA / mine,
        peer=total / MEGA / theirs,
        unit="MB/s",
        target=0.1,
    )


def _upload(folder: Path) -> Claim:
    """tus to a node, each part sealed and durable, beside PUT to a server that keeps nothing."""
    path = folder / "random"
    path.write_bytes(os.urandom(UPLOAD_BYTES))
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    stores, _ = new_node(folder / "receiving")
    stores.records.close()
    numbers = count()
    with serving("benchmarks.submission:sink") as (port, _):
        settings = Settings.load(data=folder / "receiving", port=free_port())
        with served(settings), Node(f"http://{settings.host}:{settings.port}") as node:
            node.sign_in("steward", PASSWORD)

            def ours():
                file = {"path": "IMAGES/IMAGE_a/0.dcm", "size": UPLOAD_BYTES, "sha256": sha256}
                wanted = {"alias": f"set-{next(numbers)}", "title": "", "files": [file]}
                accession = node.post("/api/v1/submissions", wanted)["accession"]
                (row,) = node.items(f"/api/v1/submissions/{accession}/files")
                upload(node, row["upload"], path, progress=lambda _: None)

            def peer():
                with path.open("rb") as stream:
                    httpx.put(f"http://127.0.0.1:{port}/", content=stream).raise_for_status()

            mine, theirs = interleaved(ours, peer, rounds=ROUNDS)
    return Claim.of(
        f"upload {UPLOAD_BYTES >> 20} MiB over tus, against PUT to a sink",
        ours=UPLOAD_BYTES / MEGA / mine,
        peer=UPLOAD_BYTES / MEGA / theirs,
        unit="MB/s",
        target=0.25,
    )


async def sink(scope, receive, send):
    """The least an ASGI application can do with a body: count it."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


if __name__ == "__main__":
    for claim in claims():
        print(claim)
