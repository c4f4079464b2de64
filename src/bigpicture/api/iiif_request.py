"""A IIIF request: region, size, rotation, quality and format out of a path (Image API 3.0, 4)."""

from __future__ import annotations

import re

from bigpicture.api.problem import MalformedError
from bigpicture.dicom.region import Box
from bigpicture.viewing.picture_file import PictureFormat, Quality
from bigpicture.viewing.pictures import PictureAsked

_NUMBER = r"(?:\d{1,9})"
_DECIMAL = r"(?:\d{1,9}(?:\.\d{1,10})?)"
_PIXELS = re.compile(rf"({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})", re.ASCII)
_PERCENT = re.compile(rf"pct:({_DECIMAL}),({_DECIMAL}),({_DECIMAL}),({_DECIMAL})", re.ASCII)
_SIZE = re.compile(rf"(\^?)(?:(max)|pct:({_DECIMAL})|(!?)({_NUMBER}?),({_NUMBER}?))", re.ASCII)
_ROTATION = re.compile(rf"(!?)({_DECIMAL})", re.ASCII)
_QUARTER = 90


def read_asked(path: str, *, width: int, height: int, most: int) -> PictureAsked:
    """What `{region}/{size}/{rotation}/{quality}.{format}` asks of an image of this size.

    `most` is the number of pixels of the largest answer. Raises `MalformedError` naming the part
    that is wrong.
    """
    parts = path.split("/")
    quality, _, picture = (parts[3] if len(parts) == 4 else "").rpartition(".")
    if len(parts) != 4 or not quality:
        raise MalformedError(
            "this is no request for a picture.",
            rule="{region}/{size}/{rotation}/{quality}.{format}",
        )
    box = _region(parts[0], width, height)
    size = _size(parts[1], box, most)
    is_mirrored, quarters = _rotation(parts[2])
    try:
        return PictureAsked(
            box, size, is_mirrored, quarters, Quality(quality), PictureFormat(picture)
        )
    except ValueError as error:
        raise MalformedError(
            "there is no such quality or format.",
            place="quality.format",
            rule="default, color, gray or bitonal; jpg, png or webp",
        ) from error


def _region(text: str, width: int, height: int) -> Box:
    if text == "full":
        return Box(0, 0, width, height)
    if text == "square":
        side = min(width, height)
        return Box((width - side) // 2, (height - side) // 2, side, side)
    if found := _PIXELS.fullmatch(text):
        x, y, wide, high = map(int, found.groups())
    elif found := _PERCENT.fullmatch(text):
        across, down, wide_share, high_share = (float(each) / 100 for each in found.groups())
        x, y = round(across * width), round(down * height)
        wide, high = round(wide_share * width), round(high_share * height)
    else:
        raise _wrong("region", "full, square, x,y,w,h or pct:x,y,w,h")
    wide, high = min(wide, width - x), min(high, height - y)
    if wide < 1 or high < 1:
        raise _wrong("region", f"within {width} × {height} pixels, and not empty")
    return Box(x, y, wide, high)


def _size(text: str, box: Box, most: int) -> tuple[int, int]:
    found = _SIZE.fullmatch(text)
    rule = "max, pct:n, w,h or w, or ,h or !w,h; with ^ before it also larger"
    if found is None:
        raise _wrong("size", rule)
    larger, whole, percent, within, wide, high = found.groups()
    if whole:
        size = box.width, box.height
        shrink = min(1.0, (most / (size[0] * size[1])) ** 0.5)
        size = max(1, int(size[0] * shrink)), max(1, int(size[1] * shrink))
    elif percent:
        size = round(box.width * float(percent) / 100), round(box.height * float(percent) / 100)
    elif within and wide and high:
        shrink = min(int(wide) / box.width, int(high) / box.height)
        shrink = shrink if larger else min(shrink, 1.0)
        size = max(1, round(box.width * shrink)), max(1, round(box.height * shrink))
    elif (wide or high) and not within:
        size = (
            int(wide) if wide else max(1, round(box.width * int(high) / box.height)),
            int(high) if high else max(1, round(box.height * int(wide) / box.width)),
        )
    else:
        raise _wrong("size", rule)
    if min(size) < 1:
        raise _wrong("size", "at least one pixel")
    if not larger and (size[0] > box.width or size[1] > box.height):
        raise _wrong("size", "no larger than the region, unless ^ stands before it")
    return size


def _rotation(text: str) -> tuple[bool, int]:
    found = _ROTATION.fullmatch(text)
    degrees = float(found[2]) if found else -1.0
    if found is None or degrees > 360 or degrees % _QUARTER:
        raise _wrong("rotation", "0, 90, 180 or 270 degrees; ! before it mirrors first")
    return bool(found[1]), int(degrees // _QUARTER) % 4


def _wrong(part: str, rule: str) -> MalformedError:
    return MalformedError(f"the {part} cannot be read.", place=part, rule=rule)
