"""DICOMweb frames: stored frames as they are, or decoded, one or many in an answer."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from hashlib import sha256

from bigpicture.access.decide import Purpose
from bigpicture.api.dicomweb_request import DicomRequest
from bigpicture.api.media import Offer, choose
from bigpicture.api.multipart import Multipart
from bigpicture.api.problem import MalformedError
from bigpicture.api.still import Still
from bigpicture.api.streaming import led_by, send_pieces
from bigpicture.dicom.elements import EXPLICIT_LITTLE
from bigpicture.dicom.syntax import NATIVE, frame_media_type
from bigpicture.viewing.frames import check_numbers
from bigpicture.viewing.stored import StoredLevel

MOST_FRAMES = 4096
FRAMES_AT_ONCE = 64
"""Read together, and held in memory together."""
_LIST = re.compile(r"[1-9][0-9]{0,9}(?:,[1-9][0-9]{0,9})*", re.ASCII)
_BYTES = "application/octet-stream"


async def answer(asked: DicomRequest) -> None:
    """Send the frames of a list, counted from 1, or all of them (`pixeldata`)."""
    named = _read_list(asked.rest)
    # A viewer asks for frames one by one; many at once are a program's.
    purpose = Purpose.VIEW if named is not None and len(named) == 1 else Purpose.STREAM
    opened, _, level = await asked.open_level(purpose)
    numbers: Sequence[int] = range(level.level.frame_count) if named is None else named
    check_numbers(level, numbers)
    syntax = await asked.node.frames.transfer_syntax(level)
    chosen = choose(_offers(syntax, is_one=named is not None and len(named) == 1), asked.accepted)
    tag = _tag(level, asked.rest, chosen)
    if asked.is_known(tag):
        await asked.answer(304, tag=tag)
        return
    if asked.is_head:
        await asked.answer(200, chosen.media_type, tag=tag)
        return
    is_decoded = chosen.transfer_syntax == EXPLICIT_LITTLE and syntax not in NATIVE
    still = Still(asked.node, asked.headers, opened.named.dataset, purpose)
    frames = _Frames(asked, level, still)
    if not chosen.is_multipart:
        (body,) = await frames.read(numbers, is_decoded=is_decoded)
        await asked.answer(200, chosen.media_type, body, tag=tag)
        return
    where = asked.address(asked.names.study, opened.named.series, level.instance_uid)
    parts = Multipart(chosen.media_type)
    async with aclosing(frames.parts(parts, where, numbers, is_decoded=is_decoded)) as pieces:
        first = await anext(pieces)  # what is damaged here is told before the answer begins
        if len(numbers) <= FRAMES_AT_ONCE:
            await asked.answer(200, parts.media_type, first + parts.end, tag=tag)
            return
        headers = asked.shared(parts.media_type, tag=tag)
        await asked.send({"type": "http.response.start", "status": 200, "headers": headers})
        await send_pieces(asked.receive, asked.send, led_by(first, pieces))


class _Frames:
    """The frames of a level, group after group, while they may still go out."""

    def __init__(self, asked: DicomRequest, level: StoredLevel, still: Still) -> None:
        self._asked = asked
        self._level = level
        self._still = still

    async def read(self, numbers: Sequence[int], *, is_decoded: bool) -> list[bytes]:
        frames = self._asked.node.frames
        for _ in numbers:
            self._asked.metrics.count_tile(was_kept=False)
        if is_decoded:
            return await frames.decoded(self._level, numbers)
        return await frames.stored(self._level, numbers)

    async def parts(
        self, parts: Multipart, where: str, numbers: Sequence[int], *, is_decoded: bool
    ) -> AsyncGenerator[bytes]:
        for start in range(0, len(numbers), FRAMES_AT_ONCE):
            await self._still.ask()
            group = numbers[start : start + FRAMES_AT_ONCE]
            read = await self.read(group, is_decoded=is_decoded)
            yield b"".join(
                parts.head(f"{where}/frames/{number + 1}", len(body)) + body
                for number, body in zip(group, read, strict=True)
            )
        yield parts.end


def _read_list(rest: str) -> list[int] | None:
    """Numbers from 0; None for all. Raises `MalformedError`."""
    if rest == "pixeldata":
        return None
    text = rest.removeprefix("frames/")
    numbers = text.split(",")
    if not _LIST.fullmatch(text) or len(numbers) > MOST_FRAMES:
        raise MalformedError(
            "the list of frames cannot be read.",
            place="frames",
            rule=f"numbers from 1, by commas, at most {MOST_FRAMES}",
        )
    return [int(number) - 1 for number in numbers]


def _offers(syntax: str, *, is_one: bool) -> list[Offer]:
    """Stored frames first; alone only where there is one of them.

    Bytes are decoded pixels, but to who takes them in any syntax (Slim does, which looks at the
    payload): why send sixteen times as much.
    """
    kinds = [Offer(_BYTES, transfer_syntax=EXPLICIT_LITTLE)]
    if syntax not in NATIVE:
        stored = Offer(frame_media_type(syntax), transfer_syntax=syntax)
        kinds = [stored, Offer(_BYTES, transfer_syntax=syntax, is_special=True), *kinds]
    offers = [replace(each, is_multipart=True) for each in kinds]
    return [*offers, *kinds] if is_one else offers


def _tag(level: StoredLevel, rest: str, chosen: Offer) -> str:
    """Known without reading a frame, since none that is published changes."""
    told = f"{level.instance_uid}/{rest}/{chosen.media_type}/{chosen.is_multipart}"
    return f'"{sha256(told.encode()).hexdigest()[:24]}"'
