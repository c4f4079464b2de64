"""DICOMweb instances: whole DICOM files taken away, on record before their first byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from bigpicture.access.decide import Purpose
from bigpicture.access.deliveries import NOBODY
from bigpicture.api.dicomweb_request import VARY, DicomRequest, OpenedImage
from bigpicture.api.file_answer import (
    PIECE,
    Delivery,
    FileOpened,
    Pieces,
    plain_headers,
    send_file,
    told_of,
)
from bigpicture.api.media import Offer, choose
from bigpicture.api.multipart import Multipart
from bigpicture.api.still import Still
from bigpicture.api.streaming import led_by, send_pieces
from bigpicture.catalogue.files import find_instance
from bigpicture.sealing.memory import SegmentMemory
from bigpicture.viewing.stored import StoredLevel

_DICOM = "application/dicom"


async def answer(asked: DicomRequest) -> None:
    """Send every instance of a study, a series, or one, in the transfer syntax it is stored in."""
    opened = await asked.open(Purpose.DOWNLOAD)
    levels = [
        (each, level)
        for each in opened
        for level in asked.levels_of(await asked.node.tiles.image(each.named.accession))
    ]
    syntaxes = {await asked.node.frames.transfer_syntax(level) for _, level in levels}
    chosen = choose(_offers(syntaxes, is_one=len(levels) == 1), asked.accepted)
    if not chosen.is_multipart:
        await _send_one(asked, *levels[0])
    elif asked.is_head:
        await asked.answer(200, Multipart(_DICOM).media_type)
    else:
        await _send_all(asked, opened, levels)


def _offers(syntaxes: set[str], *, is_one: bool) -> list[Offer]:
    """Several syntaxes are told only to who takes any."""
    syntax = next(iter(syntaxes)) if len(syntaxes) == 1 else ""
    offers = [Offer(_DICOM, is_multipart=True, transfer_syntax=syntax)]
    if is_one:
        offers.append(Offer(_DICOM, transfer_syntax=syntax))
    return offers


async def _send_one(asked: DicomRequest, opened: OpenedImage, level: StoredLevel) -> None:
    """As a file, of which ranges may be asked for."""
    found = await asyncio.to_thread(_open, asked, opened, level)
    await send_file(
        asked.node,
        asked.scope,
        asked.receive,
        asked.send,
        found,
        Delivery(_actor(opened), opened.named.dataset, opened.decision.grant),
        more=[header for header in asked.shared() if header[0].startswith(_FOREIGN)],
        vary=VARY,
    )


_FOREIGN = (b"access-control", b"cross-origin")


async def _send_all(
    asked: DicomRequest,
    opened: Sequence[OpenedImage],
    levels: Sequence[tuple[OpenedImage, StoredLevel]],
) -> None:
    parts = Multipart(_DICOM)
    stills = asked.stills(opened, Purpose.DOWNLOAD)
    headers = asked.shared(parts.media_type)
    async with aclosing(_parts(asked, parts, levels, stills)) as pieces:
        first = await anext(pieces)  # what is damaged here is told before the answer begins
        await asked.send({"type": "http.response.start", "status": 200, "headers": headers})
        await send_pieces(asked.receive, asked.send, led_by(first, pieces))


async def _parts(
    asked: DicomRequest,
    parts: Multipart,
    levels: Sequence[tuple[OpenedImage, StoredLevel]],
    stills: Mapping[str, Still],
) -> AsyncGenerator[bytes]:
    for opened, level in levels:
        dataset = opened.named.dataset
        await stills[dataset].ask()
        found = await asyncio.to_thread(_open, asked, opened, level)
        details = {**found.told, "grant": opened.decision.grant, "from": 0}
        await asked.node.deliveries.begin(_actor(opened), dataset, details)
        body = Pieces(found.bytes, stills[dataset])
        try:
            where = asked.address(asked.names.study, opened.named.series, level.instance_uid)
            lead = parts.head(where, found.bytes.size)
            async with aclosing(body.read(0, found.bytes.size)) as pieces:
                async for piece in pieces:
                    yield lead + piece
                    lead = b""
        finally:
            end = {**details, "bytes": body.handed}
            await asked.node.deliveries.end(_actor(opened), dataset, end)
    yield parts.end


def _actor(opened: OpenedImage) -> str:
    return opened.person.id if opened.person else NOBODY


def _open(asked: DicomRequest, opened: OpenedImage, level: StoredLevel) -> FileOpened:
    node = asked.node
    with node.records.read() as connection:
        file = find_instance(connection, opened.named.dataset, level.source)
    memory = SegmentMemory(2 * PIECE)  # what viewers come back to stays where it is
    opening = node.vault.open(file.object, memory=memory)
    return FileOpened(opening, f'"{file.sha256}"', plain_headers(file), told_of(file))
