"""Tiles: from an image, a level, a column and a row to the frame as it is looked at."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from bigpicture.dicom.codecs import JPEG_BASELINE
from bigpicture.dicom.elements import read_layout
from bigpicture.dicom.jpeg import RgbMarker
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.slide import Pixels
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.model.bounded import Bounded
from bigpicture.model.errors import BigpictureError, StorageError
from bigpicture.storage.records import Records
from bigpicture.viewing.ahead import Ahead
from bigpicture.viewing.drawing import decode_reduced, draw, paint
from bigpicture.viewing.indexes import IndexFolder
from bigpicture.viewing.layers import USUAL, Layers
from bigpicture.viewing.memories import Sizes, Uses
from bigpicture.viewing.open_level import OpenLevel
from bigpicture.viewing.sealed import OpenSealed
from bigpicture.viewing.stored import JPEG, StoredImage, StoredLevel, read_stored

IMAGES_KEPT = 4096
AHEAD_AT_ONCE = 8
"""Reads of what nobody asked for yet; more would be in the way of those who did."""
DRAWN_AT_ONCE = min(4, os.cpu_count() or 1)
"""Tiles decoded at a time: stored frames need no turn, and the rest must not take all memory."""
DECODED_TOGETHER = 4
"""Tiles in one thread at most, one after the other: a change of threads costs 90 µs, a tile 100.
More of them are shared out among all threads: somebody waits for the picture."""
OPENED_AT_ONCE = 8
PATIENCE_SECONDS = 20.0
"""For the opening of a level by who waits for it."""

_T = TypeVar("_T")
_Key = tuple[str, tuple[int, ...]]
"""The object of a level, and the numbers of the frames that a tile is drawn from."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What a browser gets; `was_kept` when it came from memory."""

    body: bytes
    media_type: str
    was_kept: bool = False


class Tiles:
    """Reads tiles of published images; takes no decision about who may see them.

    JPEG frames in colour leave as they are stored. Other encodings no browser shows, nor the
    channels of a fluorescence slide as one picture: they are decoded, the channels added up, and
    leave as JPEG (quality 95, full chroma), for looking at only.
    """

    def __init__(
        self,
        records: Records,
        open_sealed: OpenSealed,
        *,
        cache: Path,
        sizes: Sizes,
        ahead: Ahead | None = None,
    ) -> None:
        """`ahead` guesses what to bring near before it is asked for; None where all is near."""
        self._records = records
        self._open_sealed = open_sealed
        self._indexes = IndexFolder(cache / "indexes", most=sizes.indexes)
        self._images: Bounded[str, StoredImage] = Bounded(IMAGES_KEPT)
        self._levels: Bounded[str, OpenLevel] = Bounded(sizes.levels)
        self._tiles: Bounded[_Key, Tile] = Bounded(sizes.tiles)
        self._pixels: Bounded[tuple[_Key, int], Pixels] = Bounded(sizes.pixels)
        self._drawing = ThreadPoolExecutor(DRAWN_AT_ONCE, thread_name_prefix="drawing")
        # of its own: a store that hangs must not take the threads of everything else
        self._opening = ThreadPoolExecutor(OPENED_AT_ONCE, thread_name_prefix="opening")
        self._under_way: dict[str, asyncio.Task[object]] = {}
        self._ahead = ahead
        self._bringing: set[asyncio.Task[None]] = set()
        self._forgotten = 0
        self.brought = 0
        """Segments that were brought near before anybody asked."""

    @property
    def uses(self) -> Uses:
        return {
            "images": self._images.use,
            "levels": self._levels.use,
            "tiles": self._tiles.use,
            "pixels": self._pixels.use,
        }

    def forget(self) -> None:
        """Let go of all that is kept: who comes next opens anew, and may not be able to."""
        self._forgotten += 1  # what is being opened at this moment is not kept either
        for kept in (self._images, self._levels, self._tiles, self._pixels):
            kept.forget()
        self._indexes.forget()

    async def image(self, accession: str) -> StoredImage:
        """Where an image lies; raises `UnknownError`, or `ErasedError` once it was erased."""
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
        if self._ahead is not None:
            self._look_ahead(level, self._ahead.guess(level, (column, row)), layers)
        kept = self._tiles.get(key)
        if kept is not None:
            return kept
        opened = await self.opened(level)
        frames = await opened.frames([key[1]])
        return await self._as_shown(key, opened, frames[0])

    async def read_many(
        self, level: StoredLevel, places: Sequence[tuple[int, int]], layers: Layers = USUAL
    ) -> list[Tile]:
        """Tiles (column, row) in the order asked for, for about the price of one read.

        From afar, neighbours travel together and the rest side by side. Raises as `read` does.
        """
        keys = [(level.source, level.frames(*place, layers)) for place in places]
        found = {key: kept for key in keys if (kept := self._tiles.get(key)) is not None}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            opened = await self.opened(level)
            read = await opened.frames([numbers for _, numbers in missing])
            shown = [
                self._as_shown(key, opened, frames)
                for key, frames in zip(missing, read, strict=True)
            ]
            found |= dict(zip(missing, await asyncio.gather(*shown), strict=True))
        return [found[key] for key in keys]

    async def decoded(
        self,
        level: StoredLevel,
        places: Sequence[tuple[int, int]],
        act: Callable[[list[Pixels]], _T],
        layers: Layers = USUAL,
        *,
        reduced: int = 1,
    ) -> _T:
        """What `act` makes of tiles (column, row) as they are looked at, decoded.

        It is given RGB, each of shape (tile_rows, tile_columns, 3) over `reduced`. Few tiles are
        decoded in the thread that acts on them, many are shared out among all threads before.
        Raises as `read` does, and `SlideError` where a frame cannot be decoded.
        """
        keys = [(level.source, level.frames(*place, layers)) for place in places]
        found = {
            key: known for key in keys if (known := self._pixels.get((key, reduced))) is not None
        }
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if not missing:
            return await self._draw(act, [found[key] for key in keys])
        opened = await self.opened(level)
        read = await opened.frames([numbers for _, numbers in missing])
        waiting = list(zip(missing, read, strict=True))
        decode = partial(self._decode, opened, level, reduced)

        def decode_and_act() -> _T:
            known = found | decode(waiting)
            return act([known[key] for key in keys])

        if len(waiting) <= DECODED_TOGETHER:
            return await self._draw(decode_and_act)
        size = min(DECODED_TOGETHER, -(-len(waiting) // DRAWN_AT_ONCE))
        shares = [waiting[start : start + size] for start in range(0, len(waiting), size)]
        for share in await asyncio.gather(*(self._draw(decode, share) for share in shares)):
            found |= share
        return await self._draw(act, [found[key] for key in keys])

    async def profile(self, level: StoredLevel) -> bytes | None:
        """The ICC profile of a level, if it is in colour and has one for RGB."""
        if level.is_grey:
            return None
        opened = await self.opened(level)
        return await asyncio.to_thread(opened.read_profile)

    async def _as_shown(self, key: _Key, opened: OpenLevel, frames: Sequence[bytes]) -> Tile:
        if opened.drawn is None:
            tile = Tile(opened.as_stored(frames[0]), JPEG)
        else:
            tile = Tile(await self._draw(draw, opened.drawn, frames, key[1]), JPEG)
        self._tiles.put(key, Tile(tile.body, tile.media_type, True), len(tile.body) + 200)
        return tile

    def _decode(
        self,
        opened: OpenLevel,
        level: StoredLevel,
        reduced: int,
        share: Sequence[tuple[_Key, list[bytes]]],
    ) -> dict[_Key, Pixels]:
        """Decode some tiles, one after the other, in a thread of their own."""
        sides = {"columns": level.level.tile_columns, "rows": level.level.tile_rows}
        decoded: dict[_Key, Pixels] = {}
        for key, frames in share:
            if opened.drawn is None:
                body = opened.as_stored(frames[0])
                pixels = decode_reduced(body, reduced=reduced, **sides)
            else:
                whole = paint(opened.drawn, frames, key[1])
                pixels = whole if reduced == 1 else _shrunk(whole, reduced)
            self._pixels.put((key, reduced), pixels, pixels.nbytes)
            decoded[key] = pixels
        return decoded

    def _look_ahead(
        self, level: StoredLevel, places: Sequence[tuple[int, int]], layers: Layers
    ) -> None:
        """Bring tiles near in the background; whatever fails is met again by who asks for it."""
        if not places or len(self._bringing) >= AHEAD_AT_ONCE:
            return
        bringing = asyncio.ensure_future(self._bring(level, places, layers))
        self._bringing.add(bringing)
        bringing.add_done_callback(self._bringing.discard)

    async def _bring(
        self, level: StoredLevel, places: Sequence[tuple[int, int]], layers: Layers
    ) -> None:
        with suppress(BigpictureError):
            opened = await self.opened(level)
            numbers = chain.from_iterable(level.frames(*place, layers) for place in places)
            self.brought += await opened.source.fetch(opened.ranges(numbers))

    async def opened(self, level: StoredLevel) -> OpenLevel:
        """A level that is ready to be read; raises as `read`."""
        known = self._levels.get(level.source)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._once(
                    level.source,
                    lambda: loop.run_in_executor(self._opening, self._open_level, level),
                )
        except TimeoutError:
            raise StorageError(
                f"the object store did not answer in {PATIENCE_SECONDS:g} seconds."
            ) from None

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
        forgotten = self._forgotten
        with self._records.read() as connection:
            image = read_stored(connection, accession)
        if forgotten == self._forgotten:
            self._images.put(accession, image)
        return image

    def _open_level(self, level: StoredLevel) -> OpenLevel:
        forgotten = self._forgotten
        source = self._open_sealed(level.source)
        index = self._indexes.open(level, self._open_sealed)
        drawn = None
        syntax = read_layout(source, place="level").transfer_syntax
        if level.is_grey or syntax != JPEG_BASELINE:
            drawn = TiledInstance(source, read_instance(source), index)
        marker = RgbMarker() if level.photometric == "RGB" else None
        opened = OpenLevel(source, index, syntax, drawn, marker)
        if forgotten == self._forgotten:
            self._levels.put(level.source, opened)
        return opened


def tag_tile(level: StoredLevel, column: int, row: int, layers: Layers = USUAL) -> str:
    """The entity tag of a tile: known without reading it, since no published frame changes."""
    numbers = "-".join(map(str, level.frames(column, row, layers)))
    return f'"{_tag_level(level.instance_uid)}-{numbers}"'


@lru_cache(1024)
def _tag_level(instance: str) -> str:
    return sha256(instance.encode()).hexdigest()[:24]


def _shrunk(pixels: Pixels, reduced: int) -> Pixels:
    rows, columns = pixels.shape[:2]
    size = columns // reduced, rows // reduced
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
