"""Regions: any rectangle of a slide, in pixels or micrometres, at any scale, as a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import Scope, Send

from bigpicture.access.decide import Purpose
from bigpicture.api.looking import open_image
from bigpicture.api.picture_answer import PictureDoor
from bigpicture.api.problem import MalformedError
from bigpicture.dicom.region import Box
from bigpicture.model.errors import UnknownError
from bigpicture.viewing.picture_file import PictureFormat
from bigpicture.viewing.pictures import Colour, PictureAsked
from bigpicture.viewing.stored import StoredImage

PREFIX = "/regions/"
_PATH = re.compile(r"/regions/([a-z0-9_-]{1,80})")
_DECIMAL = r"\d{1,9}(?:\.\d{1,6})?"
_REGION = re.compile(rf"({_DECIMAL}),({_DECIMAL}),({_DECIMAL}),({_DECIMAL})", re.ASCII)
_SIZE = re.compile(r"(\d{1,6})?,(\d{1,6})?", re.ASCII)
_NUMBER = re.compile(_DECIMAL, re.ASCII)
_FORMATS = {"jpeg": PictureFormat.JPEG, "png": PictureFormat.PNG, "webp": PictureFormat.WEBP}
_KNOWN = frozenset({"region", "unit", "size", "mpp", "format", "colour", "plane", "channels"})


class RegionDoor(PictureDoor):
    """`GET /regions/{image}?region=x,y,width,height`, and how it is wanted.

    `unit` is `px` (of the finest level, the default) or `um`; both count from its upper left
    corner. `mpp` is micrometres a pixel of the answer, `size` its width and height (either may be
    left out); with neither, pixels come as they were scanned. `format` is `jpeg`, `png` or `webp`;
    `colour=srgb` takes the colours through the scanner's ICC profile.
    """

    async def answer(self, scope: Scope, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"])
        if found is None:
            raise UnknownError("there is no such image.", rule="/regions/{image}?region=x,y,w,h")
        headers = Headers(scope=scope)
        image = await open_image(self.node, headers, found[1], Purpose.STREAM)
        await self.send_picture(scope, send, image, read_region(scope["query_string"], image))


def read_region(query: bytes, image: StoredImage) -> PictureAsked:
    """What a query asks of an image; raises `MalformedError` naming the part that is wrong."""
    asked = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
    if not _KNOWN.issuperset(asked):  # what it is instead is not repeated: somebody typed it
        raise MalformedError("there is no such parameter.", rule=", ".join(sorted(_KNOWN)))
    box = _box(asked, image)
    try:
        picture = _FORMATS[asked.get("format", "jpeg")]
        colour = Colour(asked.get("colour", "stored"))
    except (KeyError, ValueError):
        raise MalformedError(
            "there is no such format or colour.",
            rule=f"format={'|'.join(_FORMATS)}, colour={'|'.join(Colour)}",
        ) from None
    return PictureAsked(box, _size(asked, box, image), format=picture, colour=colour)


def _box(asked: Mapping[str, str], image: StoredImage) -> Box:
    found = _REGION.fullmatch(asked.get("region", ""))
    unit = asked.get("unit", "px")
    if found is None or unit not in ("px", "um"):
        raise MalformedError(
            "the region cannot be read.", place="region", rule="region=x,y,width,height&unit=px|um"
        )
    base = image.at(0).level
    across, down = (base.mpp_x, base.mpp_y) if unit == "um" else (1.0, 1.0)
    x, y, width, height = map(float, found.groups())
    left, top = round(x / across), round(y / down)
    right, bottom = round((x + width) / across), round((y + height) / down)
    box = Box(left, top, min(right, base.columns) - left, min(bottom, base.rows) - top)
    if box.width < 1 or box.height < 1:
        most = base.columns * across, base.rows * down
        raise UnknownError(
            "the region does not lie in the image, or is empty.",
            place="region",
            rule=f"within {most[0]:g} × {most[1]:g} {unit}",
        )
    return box


def _size(asked: Mapping[str, str], box: Box, image: StoredImage) -> tuple[int, int]:
    if "size" in asked and "mpp" in asked:
        raise MalformedError("ask for a size or for mpp, not for both.", place="size, mpp")
    if "mpp" in asked:
        scale = float(asked["mpp"]) if _NUMBER.fullmatch(asked["mpp"]) else 0.0
        if scale <= 0:
            raise MalformedError("mpp cannot be read.", place="mpp", rule="micrometres a pixel")
        base = image.at(0).level
        return (
            max(1, round(box.width * base.mpp_x / scale)),
            max(1, round(box.height * base.mpp_y / scale)),
        )
    if "size" not in asked:
        return box.width, box.height
    found = _SIZE.fullmatch(asked["size"])
    width, height = (int(each or 0) for each in found.groups()) if found else (0, 0)
    if not width and not height:
        raise MalformedError(
            "the size cannot be read.", place="size", rule="width,height or width, or ,height"
        )
    return (
        width or max(1, round(box.width * height / box.height)),
        height or max(1, round(box.height * width / box.width)),
    )
