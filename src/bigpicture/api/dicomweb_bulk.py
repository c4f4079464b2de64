"""DICOMweb bulk data: a large value of a header, such as a colour profile, by its address."""

from __future__ import annotations

from hashlib import sha256

from bigpicture.api.dicomweb_request import DicomRequest
from bigpicture.api.media import Offer, choose
from bigpicture.api.multipart import Multipart

_BYTES = "application/octet-stream"
_OFFERS = (Offer(_BYTES, is_multipart=True), Offer(_BYTES))


async def answer(asked: DicomRequest) -> None:
    """Send the bytes at a path of tags and item numbers, as metadata name it."""
    opened, _, level = await asked.open_level()
    chosen = choose(_OFFERS, asked.accepted)
    told = f"{level.instance_uid}/{asked.rest}/{chosen.is_multipart}"
    tag = f'"{sha256(told.encode()).hexdigest()[:24]}"'
    body = await asked.node.frames.bulk(level, asked.rest.removeprefix("bulkdata/"))
    if asked.is_known(tag):
        await asked.answer(304, tag=tag)
        return
    if not chosen.is_multipart:
        await asked.answer(200, _BYTES, body, tag=tag)
        return
    where = asked.address(asked.names.study, opened.named.series, level.instance_uid)
    parts = Multipart(_BYTES)
    whole = parts.head(f"{where}/{asked.rest}", len(body)) + body + parts.end
    await asked.answer(200, parts.media_type, whole, tag=tag)
