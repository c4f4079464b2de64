"""The peer of our tiles: a small server of OpenSlide's DeepZoom tiles, for `benchmarks.tiles`."""

from __future__ import annotations

import asyncio
import io
import os
from functools import cache

from openslide import OpenSlide
from openslide.deepzoom import DeepZoomGenerator

TILE = 256


@cache
def generator(path: str) -> DeepZoomGenerator:
    return DeepZoomGenerator(OpenSlide(path), tile_size=TILE, overlap=0)


def tile(path: str, column: int, row: int) -> bytes:
    """A tile of the finest level as JPEG, at the quality of OpenSlide's own example (75)."""
    deep = generator(path)
    out = io.BytesIO()
    deep.get_tile(deep.level_count - 1, (column, row)).save(out, "jpeg", quality=75)
    return out.getvalue()


async def application(scope, receive, send):
    """`GET /{column}_{row}`; decoding leaves the event loop, as it should."""
    if scope["type"] != "http":
        return
    del receive
    column, row = map(int, scope["path"].strip("/").split("_"))
    body = await asyncio.to_thread(tile, os.environ["DEEPZOOM_SLIDE"], column, row)
    headers = [(b"content-type", b"image/jpeg"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
