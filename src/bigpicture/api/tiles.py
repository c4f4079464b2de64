"""Tiles: the bare ASGI route, from a path to the frame as it is looked at."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.api.looking import CACHING, open_image, read_layers, read_tags
from bigpicture.api.many_tiles import ManyTilesDoor
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import send_whole
from bigpicture.viewing.layers import USUAL
from bigpicture.viewing.tiles import tag_tile

PREFIX = "/tiles/"
_PATH = re.compile(r"/tiles/([a-z0-9_-]{1,80})/(\d{1,2})/(\d{1,7})_(\d{1,7})")


class TileDoor:
    """`GET /tiles/{image}/{level}/{column}_{row}`; errors are left to the door around it.

    `?plane=1` is another focal plane than the middle one, `?channels=0,2` not all channels.
    """

    def __init__(self, node: Node, metrics: Metrics) -> None:
        self._node = node
        self._metrics = metrics
        self._many = ManyTilesDoor(node, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            await self._many(scope, receive, send)
            return
        image, level, column, row = found[1], int(found[2]), int(found[3]), int(found[4])
        headers = Headers(scope=scope)
        opened = await open_image(self._node, headers, image)
        query = scope["query_string"]
        layers = read_layers(query, opened) if query else USUAL
        stored = opened.at(level)
        tag = tag_tile(stored, column, row, layers).encode()
        shared = [(b"etag", tag), (b"cache-control", CACHING), (b"vary", b"cookie, authorization")]
        if tag.decode() in read_tags(headers.get("if-none-match")):
            await send_whole(send, 304, shared)
            return
        tile = await self._node.tiles.read(stored, column, row, layers)
        self._metrics.count_tile(was_kept=tile.was_kept)
        shared += [
            (b"content-type", tile.media_type.encode()),
            (b"content-length", str(len(tile.body)).encode()),
        ]
        await send_whole(send, 200, shared, b"" if scope["method"] == "HEAD" else tile.body)
