"""Tiles: the bare ASGI route, from a path to the frame as it is looked at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.access.decide import Purpose
from bigpicture.api.asking import read_secret
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.api.problem import RefusedError
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.layers import USUAL, Layers
from bigpicture.viewing.stored import StoredImage
from bigpicture.viewing.tiles import tag_tile

PREFIX = "/tiles/"
_PATH = re.compile(r"/tiles/([a-z0-9_-]{1,80})/(\d{1,2})/(\d{1,7})_(\d{1,7})")
_PLANE = re.compile(r"[0-9]{1,4}")
_CHANNELS = re.compile(r"[0-9]{1,4}(?:,[0-9]{1,4}){0,63}")
_CACHING = b"private, max-age=0, must-revalidate"
"""A browser may keep a tile but asks each time: the grant may have ended since."""

Headers_ = list[tuple[bytes, bytes]]


class TileDoor:
    """`GET /tiles/{image}/{level}/{column}_{row}`; errors are left to the door around it.

    `?plane=1` is another focal plane than the middle one, `?channels=0,2` not all channels.
    """

    def __init__(self, node: Node, metrics: Metrics) -> None:
        self._node = node
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        found = _PATH.fullmatch(scope["path"])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            raise UnknownError(
                "there is no such tile.", rule="/tiles/{image}/{level}/{column}_{row}"
            )
        image, level, column, row = found[1], int(found[2]), int(found[3]), int(found[4])
        headers = Headers(scope=scope)
        opened = await self._open(headers, image)
        query = scope["query_string"]
        layers = _read_layers(query, opened) if query else USUAL
        stored = opened.at(level)
        tag = tag_tile(stored, column, row, layers).encode()
        shared = [(b"etag", tag), (b"cache-control", _CACHING), (b"vary", b"cookie, authorization")]
        if tag.decode() in _tags(headers.get("if-none-match")):
            await _send(send, 304, shared, b"")
            return
        tile = await self._node.tiles.read(stored, column, row, layers)
        self._metrics.count_tile(was_kept=tile.was_kept)
        shared += [
            (b"content-type", tile.media_type.encode()),
            (b"content-length", str(len(tile.body)).encode()),
        ]
        await _send(send, 200, shared, b"" if scope["method"] == "HEAD" else tile.body)

    async def _open(self, headers: Headers, image: str) -> StoredImage:
        """The image, once the decision is yes and its event, where it needs one, is durable."""
        node = self._node
        secret = read_secret(headers)
        session = await node.sessions.awaited(secret) if secret else None
        person = session.person if session else None
        stored = await node.tiles.image(image)
        decision = await node.decisions.awaited(person, stored.dataset, Purpose.VIEW)
        if not decision.allowed:
            raise RefusedError(decision)
        if decision.grant and person:
            await node.reads.awaited(
                person=person.id, image=image, dataset=stored.dataset, grant=decision.grant
            )
        return stored


def _read_layers(query: bytes, image: StoredImage) -> Layers:
    """What the query asks for; names it does not know are nobody's business here.

    Raises `UnknownError` where there is no such plane, or a value is no number.
    """
    asked = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    plane, channels = asked.get("plane"), asked.get("channels")
    if plane is not None and (not _PLANE.fullmatch(plane) or int(plane) >= image.focal_planes):
        raise UnknownError(
            "there is no such focal plane.", rule=f"plane=0 to plane={image.focal_planes - 1}"
        )
    if channels is not None and not _CHANNELS.fullmatch(channels):
        raise UnknownError(
            "there are no such channels.", rule="channels={number},{number}, counted from 0"
        )
    return Layers(
        plane=None if plane is None else int(plane),
        channels=tuple(sorted({int(each) for each in channels.split(",")})) if channels else None,
    )


def _tags(header: str | None) -> Sequence[str]:
    """Entity tags of If-None-Match (RFC 9110 13.1.2, weak comparison)."""
    return [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]


async def _send(send: Send, status: int, headers: Headers_, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
