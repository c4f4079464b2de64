"""A folder of objects as an S3-compatible bucket behind a delay: HEAD and GET with ranges.

Each answer waits as long as a way there and back takes; many may wait at once.
Usage: python -m benchmarks.range_server FOLDER PORT SECONDS
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import uvicorn

_RANGE = re.compile(rb"bytes=(\d+)-(\d+)")


class Bucket:
    """An ASGI application; the first part of a path is the bucket's name."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._seconds = seconds

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        del receive
        await asyncio.sleep(self._seconds)
        path = self._folder / scope["path"].lstrip("/").partition("/")[2]
        if not path.is_file():
            await self._answer(send, 404, [], b"")
            return
        size = path.stat().st_size
        headers = [(b"etag", b'"1"'), (b"last-modified", b"Sun, 01 Mar 2026 12:00:00 GMT")]
        if scope["method"] == "HEAD":
            headers.append((b"content-length", str(size).encode()))
            await self._answer(send, 200, headers, b"")
            return
        asked = _RANGE.fullmatch(dict(scope["headers"]).get(b"range", b""))
        first, last = (int(asked[1]), min(int(asked[2]), size - 1)) if asked else (0, size - 1)
        with path.open("rb") as file:
            file.seek(first)
            body = file.read(last - first + 1)
        headers.append((b"content-length", str(len(body)).encode()))
        if asked:
            headers.append((b"content-range", f"bytes {first}-{last}/{size}".encode()))
        await self._answer(send, 206 if asked else 200, headers, body)

    async def _answer(self, send, status, headers, body):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    folder, port, seconds = sys.argv[1:]
    uvicorn.run(
        Bucket(Path(folder), float(seconds)), port=int(port), log_level="warning", access_log=False
    )
