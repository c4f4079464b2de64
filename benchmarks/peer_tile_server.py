"""large_image's tiles over HTTP, under uvicorn.

Run with the peers' own Python: `GET /{column}_{row}`, a tile of 256 pixels of the finest level as
JPEG. Each tile is made in a thread, as it should; memories of whole tiles are off.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache


class _Nothing(dict):
    """A cache that keeps nothing."""

    def __setitem__(self, *_):
        pass


def _large_image(path, *, is_fastest):
    import large_image
    from large_image_source_tiff import TiffFileTileSource

    if is_fastest:  # a stored JPEG passes through
        large_image.config.setConfig("icc_correction", False)
    source = TiffFileTileSource(path, encoding="JPEG", edge=False)
    source.cache = _Nothing()
    finest = source.levels - 1
    return lambda column, row: bytes(source.getTile(column, row, finest))


@cache
def _make():
    return _large_image(os.environ["PEER_SLIDE"], is_fastest=os.environ["PEER_KIND"] == "fastest")


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    del receive
    column, row = map(int, scope["path"].strip("/").split("_"))
    body = await asyncio.to_thread(_make(), column, row)
    headers = [(b"content-type", b"image/jpeg"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
