"""A viewport: which part of a picture is rendered, and how large (PS3.18 8.3.5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bigpicture.api.problem import MalformedError
from bigpicture.dicom.region import Box
from bigpicture.viewing.picture_file import QUALITY, PictureFormat
from bigpicture.viewing.pictures import Colour, PictureAsked

THUMBNAIL_SIDE = 256
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", re.ASCII)
_COLOURS = {"no": Colour.STORED, "srgb": Colour.SRGB}


def read_rendered(
    query: Mapping[str, str],
    *,
    whole: tuple[int, int],
    picture: PictureFormat,
    most: int,
    side: int | None = None,
) -> PictureAsked:
    """What a query asks of a picture of `whole` (width, height) pixels.

    A part of it keeps its shape and fills the viewport as far as it can. With no viewport it
    comes as large as it is, or smaller where it has more than `most` pixels, or a side longer than
    `side`. Raises `MalformedError` naming the parameter that is wrong.
    """
    wide, high, box = _viewport(query.get("viewport", ""), whole)
    if side is not None:
        wide, high = wide or side, high or side
        shrink = min(1.0, wide / box.width, high / box.height)
    elif wide and high:
        shrink = min(wide / box.width, high / box.height)
    else:
        shrink = min(1.0, (most / (box.width * box.height)) ** 0.5)
    if shrink == 1:
        size = box.width, box.height
    else:
        size = max(1, int(box.width * shrink + 1e-6)), max(1, int(box.height * shrink + 1e-6))
    return PictureAsked(
        box,
        size,
        format=picture,
        colour=_colour(query.get("iccprofile", "no")),
        compression=_quality(query.get("quality")),
    )


def _viewport(text: str, whole: tuple[int, int]) -> tuple[int, int, Box]:
    """Width and height of the viewport (0: not told), and the part of the picture in it."""
    everything = Box(0, 0, *whole)
    if not text:
        return 0, 0, everything
    parts = text.split(",")
    if len(parts) not in (2, 6) or not all(not each or _NUMBER.fullmatch(each) for each in parts):
        raise _wrong()
    wide, high = (int(float(each or 0)) for each in parts[:2])
    if wide < 1 or high < 1:
        raise _wrong()
    if len(parts) == 2:
        return wide, high, everything
    x, y = (round(float(each or 0)) for each in parts[2:4])
    given = [round(float(each)) if each else 0 for each in parts[4:]]
    across = min(given[0] or whole[0], whole[0] - x)
    down = min(given[1] or whole[1], whole[1] - y)
    if across < 1 or down < 1:
        raise MalformedError(
            "the viewport does not lie in the picture.",
            place="viewport",
            rule=f"within {whole[0]} × {whole[1]} pixels",
        )
    return wide, high, Box(x, y, across, down)


def _wrong() -> MalformedError:
    return MalformedError(
        "the viewport cannot be read.",
        place="viewport",
        rule="width,height or width,height,x,y,width,height, nothing mirrored",
    )


def _quality(text: str | None) -> int:
    if text is None:
        return QUALITY
    if not text.isdecimal() or not 1 <= int(text[:4]) <= 100:
        raise MalformedError("the quality cannot be read.", place="quality", rule="1 to 100")
    return int(text)


def _colour(text: str) -> Colour:
    try:
        return _COLOURS[text]
    except KeyError:
        raise MalformedError(
            "colours cannot be had so.", place="iccprofile", rule="no, or srgb"
        ) from None
