"""Many tiles in one answer: a block of a level, or a list of places."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Sequence

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from bigpicture.access.decide import Purpose
from bigpicture.api.looking import open_image, read_layers
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import FOREIGN
from bigpicture.api.problem import MalformedError
from bigpicture.api.still import Still
from bigpicture.api.streaming import send_pieces
from bigpicture.model.errors import LimitError, UnknownError
from bigpicture.viewing.layers import USUAL, Layers
from bigpicture.viewing.stored import StoredLevel
from bigpicture.viewing.tiles import Tile, tag_tile

MOST_TILES = 4096
TILES_AT_ONCE = 64
"""Read together, and held in memory together."""
RULE = "/tiles/{image}/{level}/{column}_{row}-{column}_{row}, or POST a list of [column, row]"
_PATH = re.compile(
    r"/tiles/([a-z0-9_-]{1,80})/(\d{1,2})(?:/(\d{1,7})_(\d{1,7})-(\d{1,7})_(\d{1,7}))?"
)
_PLACES = TypeAdapter(list[tuple[int, int]])

Place = tuple[int, int]
"""Column, row."""


class ManyTilesDoor:
    """`GET` a block from its first to its last corner, row by row; `POST` any list of places.

    The answer is multipart/mixed (RFC 2046), a part a tile, in the order asked for, each named by
    its `Content-Location`. It is sent as it is read, no faster than it is taken.
    """

    def __init__(self, node: Node, metrics: Metrics) -> None:
        self._node = node
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"])
        is_block = found is not None and found[3] is not None
        if found is None or scope["method"] != ("GET" if is_block else "POST"):
            raise UnknownError("there is no such tile.", rule=RULE)
        headers = Headers(scope=scope)
        image = await open_image(self._node, headers, found[1], Purpose.STREAM)
        query = scope["query_string"]
        layers = read_layers(query, image) if query else USUAL
        level = image.at(int(found[2]))
        places = (
            _block(*map(int, found.groups()[2:])) if is_block else await _listed(scope, receive)
        )
        for place in places:
            level.frames(*place, layers)  # raises: better now than in the middle of the answer
        boundary = secrets.token_hex(16)
        start = [
            (b"content-type", f'multipart/mixed; boundary="{boundary}"'.encode()),
            (b"cache-control", b"no-store"),
            *FOREIGN,
        ]
        still = Still(self._node, headers, image.dataset, Purpose.STREAM)
        pieces = self._pieces(still, found[1], level, places, layers, boundary)
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send_pieces(receive, send, pieces)

    async def _pieces(
        self,
        still: Still,
        image: str,
        level: StoredLevel,
        places: Sequence[Place],
        layers: Layers,
        boundary: str,
    ) -> AsyncIterator[bytes]:
        for start in range(0, len(places), TILES_AT_ONCE):
            group = places[start : start + TILES_AT_ONCE]
            await still.ask()
            tiles = await self._node.tiles.read_many(level, group, layers)
            parts: list[bytes] = []
            for place, tile in zip(group, tiles, strict=True):
                self._metrics.count_tile(was_kept=tile.was_kept)
                where = f"/tiles/{image}/{level.level.index}/{place[0]}_{place[1]}"
                parts += [_head(boundary, where, tag_tile(level, *place, layers), tile), tile.body]
            yield b"".join(parts)
        yield f"\r\n--{boundary}--\r\n".encode()


def _head(boundary: str, where: str, tag: str, tile: Tile) -> bytes:
    return (
        f"\r\n--{boundary}\r\nContent-Type: {tile.media_type}\r\n"
        f"Content-Length: {len(tile.body)}\r\nContent-Location: {where}\r\nETag: {tag}\r\n\r\n"
    ).encode()


def _block(left: int, top: int, right: int, bottom: int) -> list[Place]:
    across, down = right - left + 1, bottom - top + 1
    if across < 1 or down < 1:
        raise MalformedError("the block ends before it begins.", rule=RULE)
    _check_number(across * down)
    return [(column, row) for row in range(top, bottom + 1) for column in range(left, right + 1)]


async def _listed(scope: Scope, receive: Receive) -> list[Place]:
    try:
        places = _PLACES.validate_python(json.loads(await Request(scope, receive).body()))
    except (ValidationError, ValueError):
        raise MalformedError("this is no list of tiles.", rule="[[column, row], …]") from None
    _check_number(len(places))
    return places


def _check_number(number: int) -> None:
    if not 1 <= number <= MOST_TILES:
        raise LimitError(
            f"{number} tiles were asked for.", rule=f"1 to {MOST_TILES} tiles in one answer"
        )
