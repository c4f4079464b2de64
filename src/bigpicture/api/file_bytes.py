"""File bytes: the bare ASGI route to a whole file or a range of it, plain or sealed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bigpicture.access.decide import Purpose
from bigpicture.access.deliveries import NOBODY
from bigpicture.api.asking import read_secret
from bigpicture.api.file_answer import (
    ATTACHED,
    PIECE,
    Delivery,
    FileOpened,
    plain_headers,
    send_file,
    told_of,
)
from bigpicture.api.files import read_recipient
from bigpicture.api.node import Node
from bigpicture.api.picture_answer import HeaderList
from bigpicture.api.still import decide_for
from bigpicture.catalogue.files import find_file
from bigpicture.model.errors import UnknownError
from bigpicture.sealing.memory import SegmentMemory

PREFIX = "/files/"
_PATH = re.compile(r"/files/([a-z0-9_-]{1,80})/([A-Za-z0-9_-]{1,40})")


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
        await send_file(self._node, scope, receive, send, found, Delivery(actor, dataset, by.grant))

    def _open(self, dataset: str, name: str, recipient: bytes | None) -> FileOpened:
        with self._node.records.read() as connection:
            file = find_file(connection, dataset, name)
        if recipient is None:
            memory = SegmentMemory(2 * PIECE)  # what viewers come back to stays where it is
            opened = self._node.vault.open(file.object, memory=memory)
            return FileOpened(opened, f'"{file.sha256}"', plain_headers(file), told_of(file))
        sealed = self._node.vault.open_for(file.object, recipient)
        header = hashlib.sha256(sealed.header).hexdigest()[:16]
        told = {**told_of(file), "recipient": base64.b64encode(recipient).decode()}
        return FileOpened(sealed, f'"{file.sha256}.{header}"', _SEALED, told)


def _recipient(query: bytes) -> bytes | None:
    given = parse_qs(query.decode("latin-1")).get("recipient")
    return read_recipient(given[0]) if given else None


_SEALED: HeaderList = [(b"content-type", b"application/octet-stream"), ATTACHED]
