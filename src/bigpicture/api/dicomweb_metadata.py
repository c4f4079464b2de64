"""DICOMweb metadata: the headers of a study, a series or an instance as JSON, without pixels."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from hashlib import sha256

from bigpicture.api.dicomweb_request import DicomRequest, OpenedImage
from bigpicture.api.media import Offer, choose
from bigpicture.api.streaming import led_by, send_pieces

JSON = (Offer("application/dicom+json"), Offer("application/json"))


async def answer(asked: DicomRequest) -> None:
    """Send the header of every instance; large values by the addresses where they lie."""
    chosen = choose(JSON, asked.accepted)
    opened = await asked.open()
    tag = _tag(asked, chosen, opened)
    if asked.is_known(tag):
        await asked.answer(304, tag=tag)
        return
    headers = asked.shared(chosen.type, tag=tag)
    async with aclosing(_pieces(asked, opened)) as pieces:
        first = await anext(pieces)  # what fails here is told before the answer begins
        await asked.send({"type": "http.response.start", "status": 200, "headers": headers})
        if asked.is_head:
            await asked.send({"type": "http.response.body", "body": b""})
        else:
            await send_pieces(asked.receive, asked.send, led_by(first, pieces))


async def _pieces(asked: DicomRequest, opened: Sequence[OpenedImage]) -> AsyncGenerator[bytes]:
    lead = b"["
    stills = asked.stills(opened)
    for each in opened:
        await stills[each.named.dataset].ask()
        image = await asked.read(each)
        for level in asked.levels_of(image):
            here = asked.address(asked.names.study, each.named.series, level.instance_uid)
            yield lead + await asked.node.frames.header(level, here)
            lead = b","
    yield b"]"


def _tag(asked: DicomRequest, chosen: Offer, opened: Sequence[OpenedImage]) -> str:
    """Known without reading: no published image changes."""
    told = [chosen.type, asked.root, str(asked.names), *(each.named.accession for each in opened)]
    return f'"{sha256("/".join(told).encode()).hexdigest()[:24]}"'
