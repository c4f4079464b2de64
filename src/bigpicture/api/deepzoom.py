"""DeepZoom: `.dzi` and its tiles, for viewers that speak it; no level is missing."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import Scope, Send

from bigpicture.api.looking import open_image
from bigpicture.api.picture_answer import PictureDoor
from bigpicture.dicom.region import Box
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.picture_file import PictureFormat
from bigpicture.viewing.pictures import PictureAsked
from bigpicture.viewing.stored import StoredImage

PREFIX = "/deepzoom/"
_NAME = r"/deepzoom/([a-z0-9_-]{1,80}?)"
_DOCUMENT = re.compile(rf"{_NAME}\.dzi")
_TILE = re.compile(
    rf"{_NAME}_files/(\d{{1,2}})/(\d{{1,7}})_(\d{{1,7}})\.(jpe?g|png|webp)", re.ASCII
)


class DeepZoomDoor(PictureDoor):
    """`GET /deepzoom/{image}.dzi` and `/deepzoom/{image}_files/{level}/{column}_{row}.jpeg`."""

    async def answer(self, scope: Scope, send: Send) -> None:
        path: str = scope["path"]
        document, tile = _DOCUMENT.fullmatch(path), _TILE.fullmatch(path)
        found = document or tile
        if found is None:
            raise UnknownError("there is no such picture.", rule="/deepzoom/{image}.dzi")
        image = await open_image(self.node, Headers(scope=scope), found[1])
        if tile is None:
            await self.send_document(scope, send, describe(image), "application/xml")
            return
        level, column, row = (int(tile[part]) for part in (2, 3, 4))
        await self.send_picture(scope, send, image, tile_asked(image, level, column, row, tile[5]))


def describe(image: StoredImage) -> bytes:
    """The document that tells a viewer how large the image and its tiles are."""
    level = image.at(0).level
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpeg" Overlap="0" '
        f'TileSize="{level.tile_columns}">'
        f'<Size Width="{level.columns}" Height="{level.rows}"/></Image>\n'
    ).encode()


def tile_asked(image: StoredImage, level: int, column: int, row: int, ending: str) -> PictureAsked:
    """What a tile shows: level 0 is one pixel, each next one twice as large, up to the finest.

    Tiles are squares of the stored tiles' width. Raises `UnknownError` outside.
    """
    finest = image.at(0).level
    most = (max(finest.columns, finest.rows) - 1).bit_length()
    scale = 1 << max(0, most - level)
    wide, high = -(-finest.columns // scale), -(-finest.rows // scale)
    side = finest.tile_columns
    left, top = column * side, row * side
    if level > most or left >= wide or top >= high:
        raise UnknownError("there is no such tile.", place=f"level {level}, {column}_{row}")
    size = min(side, wide - left), min(side, high - top)
    x, y = left * scale, top * scale
    right = min(x + size[0] * scale, finest.columns)
    bottom = min(y + size[1] * scale, finest.rows)
    picture = PictureFormat("jpg" if ending.startswith("jp") else ending)
    return PictureAsked(Box(x, y, right - x, bottom - y), size, format=picture)
