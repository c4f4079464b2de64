"""The answer that carries a file: whole or a range of it (RFC 9110), on record, while it may go."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.access.decide import Purpose
from bigpicture.api.byte_range import RangeError, read_range
from bigpicture.api.looking import CACHING, read_tags
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import HeaderList, send_whole
from bigpicture.api.still import Still
from bigpicture.api.streaming import led_by, send_pieces
from bigpicture.catalogue.files import DatasetFile

PIECE = 256 << 10
"""Bytes handed on at once: what is under way when a client is cut off is sent to it again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who takes a file of which dataset, and the grant it rests on, if on one."""

    actor: str
    dataset: str
    grant: str | None


async def send_file(
    node: Node,
    scope: Scope,
    receive: Receive,
    send: Send,
    found: FileOpened,
    to: Delivery,
    *,
    more: Sequence[tuple[bytes, bytes]] = (),
    vary: bytes = b"cookie, authorization",
) -> None:
    """Send a file that the caller's decision lets out; `more` are headers of every answer."""
    headers = Headers(scope=scope)
    shared = [
        (b"etag", found.tag.encode()),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", CACHING),
        (b"vary", vary),
        *more,
    ]
    if found.tag in read_tags(headers.get("if-none-match")):
        await send_whole(send, 304, shared)
        return
    size = found.bytes.size
    try:
        asked = read_range(_range_header(headers, found.tag), size)
    except RangeError:
        shared.append((b"content-range", f"bytes */{size}".encode()))
        await send_whole(send, 416, [*shared, (b"content-length", b"0")])
        return
    start, length = asked or (0, size)
    shared += [*found.headers, (b"content-length", str(length).encode())]
    if asked:
        place = f"bytes {start}-{start + length - 1}/{size}"
        shared.append((b"content-range", place.encode()))
    status = 206 if asked else 200
    if scope["method"] == "HEAD" or not length:
        await send_whole(send, status, shared)
        return
    details = {**found.told, "grant": to.grant, "from": start}
    await node.deliveries.begin(to.actor, to.dataset, details)
    pieces = Pieces(found.bytes, Still(node, headers, to.dataset, Purpose.DOWNLOAD))
    try:
        async with aclosing(pieces.read(start, length)) as body:
            first = await anext(body)  # what is damaged here is told before the answer begins
            await send({"type": "http.response.start", "status": status, "headers": shared})
            await send_pieces(receive, send, led_by(first, body))
    finally:
        await node.deliveries.end(to.actor, to.dataset, {**details, "bytes": pieces.handed})


class Readable(Protocol):
    @property
    def size(self) -> int: ...

    async def aread(self, offset: int, length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FileOpened:
    """A file as it goes out: its bytes, their entity tag, and what is recorded of them."""

    bytes: Readable
    tag: str
    headers: HeaderList
    told: Mapping[str, object]


@dataclass(slots=True)
class Pieces:
    """The bytes of a file, piece after piece, while they may still go out."""

    opened: Readable
    still: Still
    handed: int = 0
    """Bytes that were taken."""

    async def read(self, start: int, length: int) -> AsyncGenerator[bytes]:
        end = start + length
        while start < end:
            await self.still.ask()
            piece = min(PIECE - start % PIECE, end - start)
            body = await self.opened.aread(start, piece)
            yield body
            start += piece
            self.handed += piece


def _range_header(headers: Headers, tag: str) -> str | None:
    """The Range, unless If-Range names another file than there is now."""
    condition = headers.get("if-range")
    return headers.get("range") if condition in (None, tag) else None


ATTACHED = (b"content-disposition", b"attachment")  # no browser shows what others wrote
_KINDS = {
    "dcm": b"application/dicom",
    "xml": b"application/xml",
    "geojson": b"application/geo+json",
}


def plain_headers(file: DatasetFile) -> HeaderList:
    kind = _KINDS.get(file.path.rpartition(".")[2].lower(), b"application/octet-stream")
    digest = base64.b64encode(bytes.fromhex(file.sha256))
    return [(b"content-type", kind), ATTACHED, (b"repr-digest", b"sha-256=:" + digest + b":")]


def told_of(file: DatasetFile) -> dict[str, object]:
    return {"file": file.id, "image": file.image}
