"""DICOMweb rendered: a series, an instance or a frame as a picture for people; thumbnails."""

from __future__ import annotations

from hashlib import sha256

from bigpicture.api.dicomweb_request import DicomRequest
from bigpicture.api.dicomweb_viewport import THUMBNAIL_SIDE, read_rendered
from bigpicture.api.looking import who_asks
from bigpicture.api.media import Offer, choose
from bigpicture.api.problem import MalformedError
from bigpicture.dicom.region import Box
from bigpicture.dicom.scale import level_factor
from bigpicture.viewing.frame_pictures import draw_frame
from bigpicture.viewing.frames import check_numbers
from bigpicture.viewing.picture_file import PictureFormat
from bigpicture.viewing.pictures import PictureAsked
from bigpicture.viewing.regions import MOST_PIXELS
from bigpicture.viewing.stored import StoredImage, StoredLevel
from bigpicture.viewing.tiles import Tile

_FORMATS = (PictureFormat.JPEG, PictureFormat.PNG, PictureFormat.WEBP)
_OFFERS = {each: Offer(each.media_type) for each in _FORMATS}
_IGNORED = ("annotation", "window")


async def answer(asked: DicomRequest) -> None:
    """Draw and send; of a study or a series its first image, of which the whole is seen."""
    chosen = choose(tuple(_OFFERS.values()), asked.accepted)
    picture = next(each for each, offer in _OFFERS.items() if offer == chosen)
    frame = _read_frame(asked.rest)
    _, image, level = await asked.open_level()
    size = level.level
    if frame is None:
        whole = size.columns, size.rows
    else:
        check_numbers(level, [frame])
        whole = size.tile_columns, size.tile_rows
    is_thumbnail = asked.rest.endswith("thumbnail")
    wanted = read_rendered(
        asked.query,
        whole=whole,
        picture=picture,
        most=MOST_PIXELS,
        side=THUMBNAIL_SIDE if is_thumbnail else None,
    )
    tag = _tag(level, frame, wanted)
    warning = ", ".join(each for each in _IGNORED if each in asked.query)
    if warning:
        warning = f"The following parameters are not supported: {warning}"
    if asked.is_known(tag):
        await asked.answer(304, tag=tag)
        return
    drawn = await _draw(asked, image, level, frame, wanted)
    asked.metrics.count_tile(was_kept=drawn.was_kept)
    await asked.answer(200, drawn.media_type, drawn.body, tag=tag, warning=warning)


async def _draw(
    asked: DicomRequest,
    image: StoredImage,
    level: StoredLevel,
    frame: int | None,
    wanted: PictureAsked,
) -> Tile:
    if frame is not None:
        return await draw_frame(asked.node.tiles, level, frame, wanted)
    inside = _in_finest(image, level, wanted)
    return await asked.node.pictures.draw(image, inside, who=who_asks(asked.scope))


def _in_finest(image: StoredImage, level: StoredLevel, wanted: PictureAsked) -> PictureAsked:
    """A box of a level in the pixels of the finest, which pictures are asked for in."""
    base, size, box = image.at(0).level, level.level, wanted.box
    across, down = level_factor((base.columns, base.rows), (size.columns, size.rows))
    left, top = round(box.x * across), round(box.y * down)
    right = (
        base.columns if box.x + box.width == size.columns else round((box.x + box.width) * across)
    )
    bottom = base.rows if box.y + box.height == size.rows else round((box.y + box.height) * down)
    inside = Box(left, top, min(right, base.columns) - left, min(bottom, base.rows) - top)
    return PictureAsked(
        inside,
        wanted.size,
        format=wanted.format,
        colour=wanted.colour,
        compression=wanted.compression,
    )


def _read_frame(rest: str) -> int | None:
    """The number of a frame, from 0, that is asked for; raises `MalformedError`."""
    if not rest.startswith("frames/"):
        return None
    text = rest.split("/")[1]
    if not (text.isascii() and text.isdecimal()) or len(text) > 10 or int(text) < 1:
        raise MalformedError(
            "the number of the frame cannot be read.", place="frames", rule="one number from 1"
        )
    return int(text) - 1


def _tag(level: StoredLevel, frame: int | None, wanted: PictureAsked) -> str:
    """Known without drawing: no published image changes."""
    told = f"{level.instance_uid}/{frame}/{wanted!r}"
    return f'"{sha256(told.encode()).hexdigest()[:24]}"'
