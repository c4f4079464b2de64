"""Upload: send one file over tus, continuing where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bigpicture.client.node import Node
from bigpicture.model.errors import ConflictError, InputError, StorageError, StorageFullError

CHUNK = 16 << 20
_TUS = {"Tus-Resumable": "1.0.0"}
_PATIENCE = (0.5, 1, 2, 4, 8, 15, 30)


def upload(node: Node, address: str, path: Path, *, progress: Callable[[int], None]) -> None:
    """Send `path` to the upload at `address`; `progress` is told each number of new bytes.

    A broken connection or a node that restarts is waited for, about a minute in all, then the
    last error is raised; sending again later continues at the byte where it stopped.
    """
    size = path.stat().st_size
    sent = 0
    failures = 0
    with path.open("rb") as file:
        while True:
            try:
                offset = _offset(node, address)
                progress(offset - sent)
                sent = offset
                while sent < size:
                    following = _send(node, address, file, sent)
                    progress(following - sent)
                    sent, failures = following, 0
            except (StorageError, ConflictError) as error:
                is_full = isinstance(error, StorageFullError)  # waiting makes no room
                if is_full or failures >= len(_PATIENCE):
                    raise
                time.sleep(_PATIENCE[failures])
                failures += 1
            else:
                return


def _offset(node: Node, address: str) -> int:
    answer = node.request("HEAD", address, headers=_TUS)
    return int(answer.headers["Upload-Offset"])


def _send(node: Node, address: str, file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    piece = file.read(CHUNK)
    if not piece:
        raise InputError(
            "a file became shorter while it was sent.", remedy="Submit again when it is at rest."
        )
    answer = node.request(
        "PATCH",
        address,
        content=piece,
        headers={
            **_TUS,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        },
    )
    return int(answer.headers["Upload-Offset"])
