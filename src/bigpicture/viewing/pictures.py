"""Pictures: a region drawn, turned and encoded as somebody asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256

import numpy as np

from bigpicture.dicom.region import Box
from bigpicture.dicom.slide import Pixels
from bigpicture.dicom.srgb import to_srgb
from bigpicture.model.bounded import Bounded, Use
from bigpicture.viewing.layers import USUAL, Layers
from bigpicture.viewing.picture_file import QUALITY, PictureFormat, Quality, encode_picture
from bigpicture.viewing.regions import Regions
from bigpicture.viewing.stored import StoredImage
from bigpicture.viewing.tiles import Tile, Tiles


class Colour(StrEnum):
    """As the scanner stored them, or as its profile says that a screen shows them."""

    STORED = "stored"
    SRGB = "srgb"


@dataclass(frozen=True, slots=True)
class PictureAsked:
    """`box` in pixels of the finest level, `size` (width, height) before it is turned clockwise."""

    box: Box
    size: tuple[int, int]
    is_mirrored: bool = False
    quarters: int = 0
    quality: Quality = Quality.DEFAULT
    format: PictureFormat = PictureFormat.JPEG
    layers: Layers = USUAL
    colour: Colour = Colour.STORED
    compression: int = QUALITY
    """Of JPEG and WebP, 1 to 100."""

    @property
    def is_plain(self) -> bool:
        """Whether a stored JPEG could be the answer."""
        is_upright = not self.is_mirrored and self.quarters == 0
        is_colour = self.quality in (Quality.DEFAULT, Quality.COLOR)
        is_stored = self.colour is Colour.STORED and self.compression == QUALITY
        return is_upright and is_colour and is_stored and self.format is PictureFormat.JPEG


class Pictures:
    """Draws pictures of published images, and keeps the last ones up to `cache_bytes`."""

    def __init__(self, tiles: Tiles, *, cache_bytes: int) -> None:
        self._tiles = tiles
        self._regions = Regions(tiles)
        self._kept: Bounded[tuple[str, PictureAsked], Tile] = Bounded(cache_bytes)

    @property
    def use(self) -> Use:
        return self._kept.use

    def forget(self) -> None:
        """Let go of all that is kept."""
        self._kept.forget()

    async def draw(self, image: StoredImage, asked: PictureAsked, *, who: str = "") -> Tile:
        """The picture; one that is stored just so leaves untouched. Raises as `Regions.draw`.

        `who` asks: turns at drawing go round by person.
        """
        key = image.accession, asked
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        if asked.is_plain:
            stored = await self._regions.stored(image, asked.box, asked.size, asked.layers)
            if stored is not None:
                return stored
        profile = None
        if asked.colour is Colour.SRGB:
            profile = await self._tiles.profile(image.at(0))
        body = await self._regions.draw(
            image, asked.box, asked.size, partial(_encoded, asked, profile), asked.layers, who=who
        )
        picture = Tile(body, asked.format.media_type)
        self._kept.put(key, Tile(body, picture.media_type, was_kept=True), len(body) + 400)
        return picture


def tag_picture(image: StoredImage, asked: PictureAsked) -> str:
    """The entity tag of a picture: known without drawing it, since no published image changes."""
    told = f"{image.at(0).instance_uid}/{asked!r}"
    return f'"{sha256(told.encode()).hexdigest()[:24]}"'


def _encoded(asked: PictureAsked, profile: bytes | None, pixels: Pixels) -> bytes:
    if profile is not None:
        pixels = to_srgb(pixels, profile)
    if asked.is_mirrored:
        pixels = pixels[:, ::-1]
    turned = np.ascontiguousarray(np.rot90(pixels, -asked.quarters))
    return encode_picture(turned, asked.format, asked.quality, asked.compression)
