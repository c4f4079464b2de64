"""The received bytes of a file, read as one byte source across its sealed parts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from bigpicture.model.errors import IntegrityError
from bigpicture.model.source import ByteSource
from bigpicture.storage.records.tables import upload_parts
from bigpicture.vault.vault import Vault

_STRIDE = 4 << 20


class Part(NamedTuple):
    """`offset` and `length` in bytes of the file; `key` of the sealed object that holds them."""

    offset: int
    length: int
    key: str


class Parts:
    """A `ByteSource` over consecutive sealed parts; they are opened when first read."""

    def __init__(self, vault: Vault, parts: list[Part]) -> None:
        self._vault = vault
        self._parts = parts
        self._offsets = [offset for offset, _, _ in parts]
        self._open: dict[str, ByteSource] = {}
        self._size = sum(length for _, length, _ in parts)
        if self._offsets != _consecutive(parts):
            raise IntegrityError("the parts of an upload do not follow one another.")

    @property
    def size(self) -> int:
        return self._size

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes from `offset`; raises `IntegrityError` past the end."""
        if offset < 0 or length < 0 or offset + length > self._size:
            raise IntegrityError(f"bytes {offset} to {offset + length} lie past the end.")
        pieces: list[bytes] = []
        while length:
            start, extent, key = self._parts[bisect_right(self._offsets, offset) - 1]
            inside = offset - start
            take = min(length, extent - inside)
            pieces.append(self._source(key).read(inside, take))
            offset, length = offset + take, length - take
        return b"".join(pieces)

    def _source(self, key: str) -> ByteSource:
        if key not in self._open:
            if len(self._open) > 64:
                self._open.clear()
            self._open[key] = self._vault.open(key)
        return self._open[key]


def _consecutive(parts: list[Part]) -> list[int]:
    starts, at = [], 0
    for _, length, _ in parts:
        starts.append(at)
        at += length
    return starts


def parts_of(connection: Connection, vault: Vault, file: str) -> Parts:
    """Open what was received of a file."""
    rows = connection.execute(
        select(upload_parts.c.offset, upload_parts.c.length, upload_parts.c.object)
        .where(upload_parts.c.file == file)
        .order_by(upload_parts.c.offset)
    ).all()
    return Parts(vault, [Part(row.offset, row.length, row.object) for row in rows])


def release_parts(connection: Connection, vault: Vault, file: str) -> list[str]:
    """Doom the received parts of a file; returns object keys to erase after the commit."""
    keys = list(
        connection.scalars(select(upload_parts.c.object).where(upload_parts.c.file == file))
    )
    connection.execute(delete(upload_parts).where(upload_parts.c.file == file))
    return vault.doom(connection, keys)


def stream(source: ByteSource, stride: int = _STRIDE) -> Iterator[bytes]:
    """Yield a source from begin to end in pieces of at most `stride` bytes."""
    for offset in range(0, source.size, stride):
        yield source.read(offset, min(stride, source.size - offset))
