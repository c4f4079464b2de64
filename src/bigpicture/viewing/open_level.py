"""An open level: its instance, its frame index, and what it takes to draw it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from bigpicture.dicom.index import FrameIndex
from bigpicture.dicom.jpeg import RgbMarker
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.srgb import profile_of
from bigpicture.dicom.tiles import TiledInstance
from bigpicture.viewing.sealed import SealedSource


@dataclass(frozen=True, slots=True)
class OpenLevel:
    source: SealedSource
    index: FrameIndex
    transfer_syntax: str
    drawn: TiledInstance | None
    """Read only where frames must be decoded and drawn."""
    marker: RgbMarker | None
    """Of a level whose frames are RGB: a browser would take them for YCbCr."""

    def as_stored(self, frame: bytes) -> bytes:
        """A stored JPEG as a browser gets it."""
        return frame if self.marker is None else self.marker.mark(frame, place="frame")

    def read_profile(self) -> bytes | None:
        """Read from the header each time, in a few milliseconds. Blocks."""
        return profile_of(read_instance(self.source))

    def ranges(self, numbers: Iterable[int]) -> list[tuple[int, int]]:
        return [self.index.frame(number) for number in numbers]

    async def frames(self, keys: Sequence[tuple[int, ...]]) -> list[list[bytes]]:
        """The frames of several tiles, read at once."""
        if len(keys) == len(keys[0]) == 1:
            return [[await self.source.aread(*self.index.frame(keys[0][0]))]]
        read = iter(await self.source.aread_many(self.ranges(chain.from_iterable(keys))))
        return [[next(read) for _ in key] for key in keys]
