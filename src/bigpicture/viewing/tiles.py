"""Tiles: from an image, a level, a column and a row to the stored frame."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from bigpicture.dicom.codecs import decode_frame, encode_jpeg
from bigpicture.dicom.index import FrameIndex
from bigpicture.dicom.jpeg import as_rgb, read_head
from bigpicture.dicom.read import Instance, read_instance
from bigpicture.storage.records import Records
from bigpicture.viewing.bounded import Bounded
from bigpicture.viewing.indexes import open_index
from bigpicture.viewing.sealed import OpenSealed, SealedSource
from bigpicture.viewing.stored import JPEG, StoredImage, StoredLevel, read_stored

IMAGES_KEPT = 4096
LEVELS_OPEN = 256
"""Each holds a descriptor (the mapped index) and a few opened segments."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Tile:
    """What a browser gets; `was_kept` when it came from memory."""

    body: bytes
    media_type: str
    was_kept: bool = False


@dataclass(frozen=True, slots=True)
class _OpenLevel:
    source: SealedSource
    index: FrameIndex
    instance: Instance | None
    """Read only where frames must be decoded."""


class Tiles:
    """Reads tiles of published images; takes no decision about who may see them.

    JPEG frames leave as they are stored. Other encodings no browser shows: they are decoded and
    leave as JPEG (quality 95, full chroma), for looking at only.
    """

    def __init__(
        self, records: Records, open_sealed: OpenSealed, *, cache: Path, cache_bytes: int
    ) -> None:
        self._records = records
        self._open_sealed = open_sealed
        self._folder = cache / "indexes"
        self._images: Bounded[str, StoredImage] = Bounded(IMAGES_KEPT)
        self._levels: Bounded[str, _OpenLevel] = Bounded(LEVELS_OPEN)
        self._tiles: Bounded[tuple[str, int], Tile] = Bounded(cache_bytes)
        self._under_way: dict[str, asyncio.Task[object]] = {}

    async def image(self, accession: str) -> StoredImage:
        """Where an image lies; raises `UnknownError`."""
        known = self._images.get(accession)
        return known or await self._once(
            accession, lambda: asyncio.to_thread(self._read_image, accession)
        )

    async def read(self, level: StoredLevel, column: int, row: int) -> Tile:
        """One tile of a level.

        Raises `UnknownError` outside the level, `IntegrityError` or `StorageError` where it
        cannot be read as it was stored.
        """
        number = level.frame(column, row)
        kept = self._tiles.get((level.source, number))
        if kept is not None:
            return kept
        opened = self._levels.get(level.source) or await self._once(
            level.source, lambda: asyncio.to_thread(self._open_level, level)
        )
        offset, length = opened.index.frame(number)
        frame = await opened.source.aread(offset, length)
        tile = await _show(frame, level, opened.instance)
        weight = len(tile.body) + 200
        self._tiles.put((level.source, number), Tile(tile.body, tile.media_type, True), weight)
        return tile

    async def _once(self, key: str, begin: Callable[[], Awaitable[_T]]) -> _T:
        """Do the same thing once for all who wait for it; who goes away stops nobody else."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(begin())
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)  # type: ignore[return-value]  the key names the type

    def _read_image(self, accession: str) -> StoredImage:
        with self._records.read() as connection:
            image = read_stored(connection, accession)
        self._images.put(accession, image)
        return image

    def _open_level(self, level: StoredLevel) -> _OpenLevel:
        source = self._open_sealed(level.source)
        index = open_index(level, self._open_sealed, self._folder)
        instance = None if level.media_type == JPEG else read_instance(source)
        opened = _OpenLevel(source, index, instance)
        self._levels.put(level.source, opened)
        return opened


def tag_tile(level: StoredLevel, column: int, row: int) -> str:
    """The entity tag of a tile: known without reading it, since no published frame changes."""
    name = f"{level.instance_uid}/{level.frame(column, row)}"
    return f'"{sha256(name.encode()).hexdigest()[:24]}"'


async def _show(frame: bytes, level: StoredLevel, instance: Instance | None) -> Tile:
    if instance is not None:
        return Tile(await asyncio.to_thread(_decode, frame, level, instance), JPEG)
    if level.photometric == "RGB" and not _is_marked(frame):
        return Tile(as_rgb(frame, place="frame"), JPEG)  # a browser would take it for YCbCr
    return Tile(frame, JPEG)


def _is_marked(frame: bytes) -> bool:
    """Whether a browser sees by itself that the components are RGB: Adobe's word, no JFIF."""
    head = read_head(frame, place="frame")
    return head.adobe_transform == 0 and not head.is_jfif


def _decode(frame: bytes, level: StoredLevel, instance: Instance) -> bytes:
    pixels = decode_frame(
        frame,
        transfer_syntax=instance.transfer_syntax,
        photometric=instance.photometric,
        columns=level.level.tile_columns,
        rows=level.level.tile_rows,
        samples=instance.samples,
    )
    return encode_jpeg(pixels)
