"""IIIF: the Image API 3.0, level 2, for viewers that speak it (https://iiif.io/api/image/3.0/)."""

from __future__ import annotations

import json
import re

from starlette.datastructures import Headers
from starlette.types import Scope, Send

from bigpicture.api.iiif_request import read_asked
from bigpicture.api.looking import open_image, origin_of
from bigpicture.api.picture_answer import FOREIGN, HeaderList, PictureDoor, send_whole
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.regions import MOST_PIXELS
from bigpicture.viewing.stored import StoredImage

ROOT, PREFIX = "/iiif/", "/iiif/3/"
_PATH = re.compile(r"/iiif/3/([a-z0-9_-]{1,80})(?:/?|/(info\.json)|/(.{1,200}))")
_CONTEXT = "http://iiif.io/api/image/3/context.json"
_PROFILE: HeaderList = [(b"link", b'<http://iiif.io/api/image/3/level2.json>;rel="profile"')]
_LD_JSON = f'application/ld+json;profile="{_CONTEXT}"'
_SMALLEST = 256
"""Pixels of the longer side of what the last scale factor gives, about."""


class IiifDoor(PictureDoor):
    """`GET /iiif/3/{image}/info.json` and `/{region}/{size}/{rotation}/{quality}.{format}`.

    `?plane=` and `?channels=` choose layers as they do for tiles.
    """

    more = _PROFILE

    async def answer(self, scope: Scope, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"])
        if found is None:
            raise UnknownError("there is no such picture.", rule="/iiif/3/{image}/info.json")
        name, info, rest = found.groups()
        headers = Headers(scope=scope)
        image = await open_image(self.node, headers, name)
        base = f"{origin_of(self.node, scope, headers)}{PREFIX}{name}"
        if info:
            body = json.dumps(describe(image, base), separators=(",", ":")).encode()
            is_linked = "application/ld+json" in headers.get("accept", "")
            media_type = _LD_JSON if is_linked else "application/json"
            await self.send_document(scope, send, body, media_type)
        elif rest is None:
            place = (b"location", f"{base}/info.json".encode())
            await send_whole(send, 303, [place, *FOREIGN, (b"content-length", b"0")])
        else:
            size = image.at(0).level
            asked = read_asked(rest, width=size.columns, height=size.rows, most=MOST_PIXELS)
            await self.send_picture(scope, send, image, asked)


def describe(image: StoredImage, base: str) -> dict[str, object]:
    """The information document (5): stored levels as sizes, tiles at every power of two."""
    level = image.at(0).level
    factors = [1]
    while max(level.columns, level.rows) / factors[-1] > _SMALLEST:
        factors.append(2 * factors[-1])
    return {
        "@context": _CONTEXT,
        "id": base,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": level.columns,
        "height": level.rows,
        "maxArea": MOST_PIXELS,
        "sizes": [
            {"width": one.level.columns, "height": one.level.rows}
            for one in reversed(image.levels)
            if one.level.columns * one.level.rows <= MOST_PIXELS
        ],
        "tiles": [
            {"width": level.tile_columns, "height": level.tile_rows, "scaleFactors": factors}
        ],
        "extraFormats": ["webp"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["mirroring", "rotationBy90s", "sizeUpscaling", "profileLinkHeader"],
    }
