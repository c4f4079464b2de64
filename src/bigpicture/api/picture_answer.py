"""The answer that carries a picture: entity tag, caching, and what foreign viewers need to see."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope, Send

from bigpicture.api.looking import CACHING, read_tags
from bigpicture.api.metrics import Metrics
from bigpicture.api.node import Node
from bigpicture.viewing.pictures import PictureAsked, tag_picture
from bigpicture.viewing.stored import StoredImage

HeaderList = list[tuple[bytes, bytes]]

FOREIGN: HeaderList = [
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""Viewers live on other sites. A browser sends them no cookie of ours: they bring a token."""
PREFLIGHT: HeaderList = [
    *FOREIGN,
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, if-none-match"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]


async def send_whole(send: Send, status: int, headers: HeaderList, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_picture(
    scope: Scope,
    send: Send,
    *,
    node: Node,
    metrics: Metrics,
    image: StoredImage,
    asked: PictureAsked,
    more: HeaderList,
) -> None:
    """Draw and send a picture, or say that the one the client has is still it."""
    tag = tag_picture(image, asked)
    shared = [
        (b"etag", tag.encode()),
        (b"cache-control", CACHING),
        (b"vary", b"cookie, authorization"),
        *FOREIGN,
        *more,
    ]
    if tag in read_tags(Headers(scope=scope).get("if-none-match")):
        await send_whole(send, 304, shared)
        return
    picture = await node.pictures.draw(image, asked)
    metrics.count_tile(was_kept=picture.was_kept)
    shared += [
        (b"content-type", picture.media_type.encode()),
        (b"content-length", str(len(picture.body)).encode()),
    ]
    await send_whole(send, 200, shared, b"" if scope["method"] == "HEAD" else picture.body)
