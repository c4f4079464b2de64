"""The answer that carries a picture: entity tag, caching, and what foreign viewers need to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.api.looking import CACHING, read_layers, read_tags, who_asks
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.pictures import PictureAsked, tag_picture
from bigpicture.viewing.stored import StoredImage

HeaderList = list[tuple[bytes, bytes]]

FOREIGN: HeaderList = [
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""Viewers live on other sites. A browser sends them no cookie of ours: they bring a token."""
_PREFLIGHT: HeaderList = [
    *FOREIGN,
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, if-none-match"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


async def send_whole(send: Send, status: int, headers: HeaderList, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class PictureDoor:
    """A bare ASGI route for viewers of other sites; what it answers is `answer` of its heir."""

    more: Sequence[tuple[bytes, bytes]] = ()
    """Headers that every answer of this door carries."""

    def __init__(self, node: Node, metrics: Metrics) -> None:
        self.node = node
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if scope["method"] == "OPTIONS":
            await send_whole(send, 204, _PREFLIGHT)
        elif scope["method"] in ("GET", "HEAD"):
            await self.answer(scope, send)
        else:
            raise UnknownError("this door only shows pictures.", rule="GET, HEAD or OPTIONS")

    async def answer(self, scope: Scope, send: Send) -> None:
        raise NotImplementedError

    async def send_document(self, scope: Scope, send: Send, body: bytes, media_type: str) -> None:
        """Send what tells of an image."""
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", CACHING),
            (b"vary", b"accept, cookie, authorization"),
            *FOREIGN,
            *self.more,
        ]
        await send_whole(send, 200, headers, b"" if scope["method"] == "HEAD" else body)

    async def send_picture(
        self, scope: Scope, send: Send, image: StoredImage, asked: PictureAsked
    ) -> None:
        """Draw and send a picture, or say that the one the client has is still it.

        Its layers are those of the query.
        """
        if scope["query_string"]:
            asked = replace(asked, layers=read_layers(scope["query_string"], image))
        tag = tag_picture(image, asked)
        shared = [
            (b"etag", tag.encode()),
            (b"cache-control", CACHING),
            (b"vary", b"cookie, authorization"),
            *FOREIGN,
            *self.more,
        ]
        if tag in read_tags(Headers(scope=scope).get("if-none-match")):
            await send_whole(send, 304, shared)
            return
        picture = await self.node.pictures.draw(image, asked, who=who_asks(scope))
        self._metrics.count_tile(was_kept=picture.was_kept)
        shared += [
            (b"content-type", picture.media_type.encode()),
            (b"content-length", str(len(picture.body)).encode()),
        ]
        await send_whole(send, 200, shared, b"" if scope["method"] == "HEAD" else picture.body)
