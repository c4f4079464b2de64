"""Frames: those of an instance by their numbers, as they are stored or decoded; its header."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bigpicture.dicom.json_model import as_json, find_bytes
from bigpicture.dicom.read import Instance, read_instance
from bigpicture.dicom.samples import decode_samples
from bigpicture.dicom.syntax import FrameForm
from bigpicture.model.bounded import Bounded
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.layers import Layers
from bigpicture.viewing.open_level import OpenLevel
from bigpicture.viewing.stored import StoredLevel
from bigpicture.viewing.tiles import Tiles

HEADERS_BYTES = 16 << 20
"""Headers as JSON that a process keeps."""
AT_ONCE = 4
"""Headers parsed, and groups of frames decoded, at a time."""


class Frames:
    """Reads frames and headers of published images; takes no decision about who may see them."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._headers: Bounded[str, bytes] = Bounded(HEADERS_BYTES)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._here = secrets.token_hex(16)
        """Stands in kept headers for where this node is asked."""

    def forget(self) -> None:
        """Let go of the headers that are kept."""
        self._headers.forget()

    async def transfer_syntax(self, level: StoredLevel) -> str:
        return level.transfer_syntax or (await self._tiles.opened(level)).transfer_syntax

    async def stored(self, level: StoredLevel, numbers: Sequence[int]) -> list[bytes]:
        """Frames by their numbers, from 0, untouched; raises as `Tiles.read`."""
        check_numbers(level, numbers)
        opened = await self._tiles.opened(level)
        return (await opened.frames([tuple(numbers)]))[0]

    async def decoded(self, level: StoredLevel, numbers: Sequence[int]) -> list[bytes]:
        """The samples of frames: row by row, pixel by pixel, little-endian; colours as RGB.

        Raises as `Tiles.read`, and `SlideError` where one cannot be decoded.
        """
        frames = await self.stored(level, numbers)
        opened = await self._tiles.opened(level)
        form = _form(level, opened)
        async with self._turns:
            return await asyncio.to_thread(lambda: [_samples(each, form) for each in frames])

    async def header(self, level: StoredLevel, here: str) -> bytes:
        """The header in the DICOM JSON Model; large values lie at addresses below `here`."""
        kept = self._headers.get(level.source)
        if kept is None:
            instance = await self._read(level)
            kept = await asyncio.to_thread(self._told, instance)
            self._headers.put(level.source, kept, len(kept))
        return kept.replace(self._here.encode(), here.encode())

    async def bulk(self, level: StoredLevel, path: str) -> bytes:
        """A binary value of the header; raises `UnknownError` where there is none."""
        return find_bytes((await self._read(level)).header, path)

    async def _read(self, level: StoredLevel) -> Instance:
        opened = await self._tiles.opened(level)
        async with self._turns:
            return await asyncio.to_thread(read_instance, opened.source)

    def _told(self, instance: Instance) -> bytes:
        told = as_json(instance.header, lambda path: f"{self._here}/bulkdata/{path}")
        pixels = {"vr": "OB" if instance.bits == 8 or instance.is_encapsulated else "OW"}
        told["7FE00010"] = pixels | {"BulkDataURI": f"{self._here}/pixeldata"}
        return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def check_numbers(level: StoredLevel, numbers: Sequence[int]) -> None:
    """Raises `UnknownError` where a frame, counted from 0, is none of the level's."""
    count = level.level.frame_count
    if not all(0 <= number < count for number in numbers):
        raise UnknownError(
            "there is no such frame.",
            place=f"level {level.level.index}",
            rule=f"frames 1 to {count}",
        )


def place_of(level: StoredLevel, number: int) -> tuple[int, int, Layers]:
    """Column, row and layers of a frame, counted from 0 in the order of TILED_FULL.

    Raises `UnknownError` for a further optical path of a slide in colour, which nothing shows.
    """
    check_numbers(level, [number])
    size = level.level
    layer, tile = divmod(number, size.tile_count)
    path, plane = divmod(layer, size.focal_planes)
    row, column = divmod(tile, size.tiles_across)
    if not level.is_grey and path:
        raise UnknownError("this frame cannot be drawn.", rule="the first optical path")
    return column, row, Layers(plane=plane, channels=(path,) if level.is_grey else None)


def _form(level: StoredLevel, opened: OpenLevel) -> FrameForm:
    size = level.level
    if opened.drawn is None:
        syntax = opened.transfer_syntax
        return FrameForm(syntax, level.photometric, size.tile_columns, size.tile_rows)
    form = opened.drawn.form
    # the samples as the header has them: nothing is turned over
    return replace(form, photometric="MONOCHROME2") if level.is_grey else form


def _samples(frame: bytes, form: FrameForm) -> bytes:
    samples = decode_samples(frame, form)
    return samples.astype("<u2" if samples.dtype == np.uint16 else np.uint8, copy=False).tobytes()
