"""Tiles: from an image, a level, a column and a row to the frame as it is looked at."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from bigpicture.dicom.codecs import JPEG_BASELINE
from bigpicture.dicom.elements import read_layout
from bigpicture.dicom.index import FrameIndex
from bigpicture.dicom.jpeg import as_rgb, read_head
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.slide import Pixels
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.storage.records import Records
from bigpicture.viewing.bounded import Bounded
from bigpicture.viewing.drawing import decode_reduced, draw, paint
from bigpicture.viewing.indexes import open_index
from bigpicture.viewing.layers import USUAL, Layers
from bigpicture.viewing.sealed import OpenSealed, SealedSource
from bigpicture.viewing.stored import JPEG, StoredImage, StoredLevel, read_stored

IMAGES_KEPT = 4096
LEVELS_OPEN = 256
"""Each holds a descriptor (the mapped index) and a few opened segments."""
DRAWN_AT_ONCE = min(4, os.cpu_count() or 1)
"""Tiles decoded at a time: stored frames need no turn, and the rest must not take all memory."""

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
    drawn: TiledInstance | None
    """Read only where frames must be decoded and drawn."""

    async def frames(self, numbers: Sequence[int]) -> list[bytes]:
        return [await self.source.aread(*self.index.frame(number)) for number in numbers]


class Tiles:
    """Reads tiles of published images; takes no decision about who may see them.

    JPEG frames in colour leave as they are stored. Other encodings no browser shows, nor the
    channels of a fluorescence slide as one picture: they are decoded, the channels added up, and
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
        self._tiles: Bounded[tuple[str, tuple[int, ...]], Tile] = Bounded(cache_bytes)
        self._drawing = ThreadPoolExecutor(DRAWN_AT_ONCE, thread_name_prefix="drawing")
        self._under_way: dict[str, asyncio.Task[object]] = {}

    async def image(self, accession: str) -> StoredImage:
        """Where an image lies; raises `UnknownError`."""
        known = self._images.get(accession)
        return known or await self._once(
            accession, lambda: asyncio.to_thread(self._read_image, accession)
        )

    async def read(self, level: StoredLevel, column: int, row: int, layers: Layers = USUAL) -> Tile:
        """One tile of a level.

        Raises `UnknownError` outside the level, `IntegrityError` or `StorageError` where it
        cannot be read as it was stored.
        """
        key = (level.source, level.frames(column, row, layers))
        kept = self._tiles.get(key)
        if kept is not None:
            return kept
        opened = await self._opened(level)
        frames = await opened.frames(key[1])
        if opened.drawn is None:
            tile = _as_stored(frames[0], level)
        else:
            tile = Tile(await self._draw(draw, opened.drawn, frames, key[1]), JPEG)
        self._tiles.put(key, Tile(tile.body, tile.media_type, True), len(tile.body) + 200)
        return tile

    async def pixels(
        self,
        level: StoredLevel,
        column: int,
        row: int,
        layers: Layers = USUAL,
        *,
        reduced: int = 1,
    ) -> Pixels:
        """One tile as it is looked at, RGB, shape (tile_rows, tile_columns, 3) over `reduced`.

        Raises as `read` does, and `SlideError` where a frame cannot be decoded.
        """
        sides = {"columns": level.level.tile_columns, "rows": level.level.tile_rows}
        opened = await self._opened(level)
        if opened.drawn is None:
            tile = await self.read(level, column, row, layers)
            return await self._draw(partial(decode_reduced, reduced=reduced, **sides), tile.body)
        numbers = level.frames(column, row, layers)
        frames = await opened.frames(numbers)
        whole = await self._draw(paint, opened.drawn, frames, numbers)
        return whole if reduced == 1 else _shrunk(whole, reduced)

    async def _opened(self, level: StoredLevel) -> _OpenLevel:
        return self._levels.get(level.source) or await self._once(
            level.source, lambda: asyncio.to_thread(self._open_level, level)
        )

    async def _draw(self, act: Callable[..., _T], *given: object) -> _T:
        """Decode in one of a few threads: pixels must not take all memory."""
        return await asyncio.get_running_loop().run_in_executor(self._drawing, act, *given)

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
        drawn = None
        if level.is_grey or read_layout(source, place="level").transfer_syntax != JPEG_BASELINE:
            drawn = TiledInstance(source, read_instance(source), index)
        opened = _OpenLevel(source, index, drawn)
        self._levels.put(level.source, opened)
        return opened


def tag_tile(level: StoredLevel, column: int, row: int, layers: Layers = USUAL) -> str:
    """The entity tag of a tile: known without reading it, since no published frame changes."""
    numbers = ",".join(map(str, level.frames(column, row, layers)))
    return f'"{sha256(f"{level.instance_uid}/{numbers}".encode()).hexdigest()[:24]}"'


def _shrunk(pixels: Pixels, reduced: int) -> Pixels:
    rows, columns = pixels.shape[:2]
    size = columns // reduced, rows // reduced
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _as_stored(frame: bytes, level: StoredLevel) -> Tile:
    if level.photometric == "RGB" and not _is_marked(frame):
        return Tile(as_rgb(frame, place="frame"), JPEG)  # a browser would take it for YCbCr
    return Tile(frame, JPEG)


def _is_marked(frame: bytes) -> bool:
    """Whether a browser sees by itself that the components are RGB: Adobe's word, no JFIF."""
    head = read_head(frame, place="frame")
    return head.adobe_transform == 0 and not head.is_jfif
