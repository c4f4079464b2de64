"""File bytes: the bare ASGI route to a whole file or a range of it, plain or sealed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.access.decide import Purpose
from bigpicture.access.deliveries import NOBODY
from bigpicture.api.asking import read_secret
from bigpicture.api.byte_range import RangeError, read_range
from bigpicture.api.files import read_recipient
from bigpicture.api.looking import CACHING, read_tags
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import HeaderList, send_whole
from bigpicture.api.still import Still, decide_for
from bigpicture.api.streaming import send_pieces
from bigpicture.catalogue.files import DatasetFile, find_file
from bigpicture.model.errors import UnknownError
from bigpicture.sealing.memory import SegmentMemory

PREFIX = "/files/"
_PATH = re.compile(r"/files/([a-z0-9_-]{1,80})/([A-Za-z0-9_-]{1,40})")
_PIECE = 256 << 10
"""Bytes handed on at once: what is under way when a client is cut off is sent to it again."""


class FileDoor:
    """`GET /files/{dataset}/{file}`, whole or one range of bytes (RFC 9110).

    The entity tag is the file's SHA-256, and Repr-Digest (RFC 9530) says so too. With
    `?recipient=` it is a Crypt4GH file that the owner of this public key opens: its header is made
    for them, its body is the one in the store. What goes out is on record before its first byte;
    a grant that ends breaks the connection.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        named = _PATH.fullmatch(scope["path"])
        if named is None or scope["method"] not in ("GET", "HEAD"):
            raise UnknownError("there is no such file.", rule="/files/{dataset}/{file}")
        headers = Headers(scope=scope)
        dataset = named[1]
        person, by = await decide_for(self._node, read_secret(headers), dataset, Purpose.DOWNLOAD)
        actor = person.id if person else NOBODY
        recipient = _recipient(scope["query_string"])
        found = await asyncio.to_thread(self._open, dataset, named[2], recipient)
        shared = [
            (b"etag", found.tag.encode()),
            (b"accept-ranges", b"bytes"),
            (b"cache-control", CACHING),
            (b"vary", b"cookie, authorization"),
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
        details = {**found.told, "grant": by.grant, "from": start}
        await self._node.deliveries.begin(actor, dataset, details)
        pieces = _Pieces(found.bytes, Still(self._node, headers, dataset, Purpose.DOWNLOAD))
        try:
            async with aclosing(pieces.read(start, length)) as body:
                first = await anext(body)  # what is damaged here is told before the answer begins
                await send({"type": "http.response.start", "status": status, "headers": shared})
                await send_pieces(receive, send, _led_by(first, body))
        finally:
            await self._node.deliveries.end(actor, dataset, {**details, "bytes": pieces.handed})

    def _open(self, dataset: str, name: str, recipient: bytes | None) -> _Opened:
        with self._node.records.read() as connection:
            file = find_file(connection, dataset, name)
        if recipient is None:
            memory = SegmentMemory(2 * _PIECE)  # what viewers come back to stays where it is
            opened = self._node.vault.open(file.object, memory=memory)
            return _Opened(opened, f'"{file.sha256}"', _plain_headers(file), _told(file))
        sealed = self._node.vault.open_for(file.object, recipient)
        header = hashlib.sha256(sealed.header).hexdigest()[:16]
        told = {**_told(file), "recipient": base64.b64encode(recipient).decode()}
        return _Opened(sealed, f'"{file.sha256}.{header}"', _SEALED, told)


class _Readable(Protocol):
    @property
    def size(self) -> int: ...

    async def aread(self, offset: int, length: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file as it goes out: its bytes, their entity tag, and what is recorded of them."""

    bytes: _Readable
    tag: str
    headers: HeaderList
    told: Mapping[str, object]


@dataclass(slots=True)
class _Pieces:
    """The bytes of a file, piece after piece, while they may still go out."""

    opened: _Readable
    still: Still
    handed: int = 0
    """Bytes that were taken."""

    async def read(self, start: int, length: int) -> AsyncGenerator[bytes]:
        end = start + length
        while start < end:
            await self.still.ask()
            piece = min(_PIECE - start % _PIECE, end - start)
            body = await self.opened.aread(start, piece)
            yield body
            start += piece
            self.handed += piece


async def _led_by(first: bytes, others: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for each in others:
        yield each


def _range_header(headers: Headers, tag: str) -> str | None:
    """The Range, unless If-Range names another file than there is now."""
    condition = headers.get("if-range")
    return headers.get("range") if condition in (None, tag) else None


def _recipient(query: bytes) -> bytes | None:
    given = parse_qs(query.decode("latin-1")).get("recipient")
    return read_recipient(given[0]) if given else None


_ATTACHED = (b"content-disposition", b"attachment")  # no browser shows what others wrote
_SEALED: HeaderList = [(b"content-type", b"application/octet-stream"), _ATTACHED]
_KINDS = {
    "dcm": b"application/dicom",
    "xml": b"application/xml",
    "geojson": b"application/geo+json",
}


def _plain_headers(file: DatasetFile) -> HeaderList:
    kind = _KINDS.get(file.path.rpartition(".")[2].lower(), b"application/octet-stream")
    digest = base64.b64encode(bytes.fromhex(file.sha256))
    return [(b"content-type", kind), _ATTACHED, (b"repr-digest", b"sha-256=:" + digest + b":")]


def _told(file: DatasetFile) -> dict[str, object]:
    return {"file": file.id, "image": file.image}
