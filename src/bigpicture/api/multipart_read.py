"""Reads a multipart body (RFC 2046 5.1) piece by piece, in flat memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from bigpicture.api.problem import MalformedError

HEAD_BYTES = 16 << 10
"""Of the headers of one part."""
_LONGEST_BOUNDARY = 200
"""RFC 2046 allows 70; Orthanc sends 73."""
_PREAMBLE = 64 << 10


class MultipartReader:
    """One part after another: its headers by `next`, then its body by `pieces`, to the end."""

    def __init__(self, body: AsyncIterator[bytes], boundary: str) -> None:
        if not 1 <= len(boundary) <= _LONGEST_BOUNDARY or not boundary.isascii():
            raise _wrong()
        self._body = body
        self._delimiter = b"\r\n--" + boundary.encode()
        self._held = bytearray(b"\r\n")
        """What came and was not handed on; a boundary may stand at the very beginning."""
        self._is_first = True

    async def next(self) -> Mapping[str, str] | None:
        """The headers of the next part, None after the last; raises `MalformedError`."""
        if self._is_first:
            await self._skip_preamble()
            self._is_first = False
        while len(self._held) < 2:
            await self._more()
        if self._held.startswith(b"--"):
            return None
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > HEAD_BYTES:
                raise _wrong()
            await self._more()
        if end > HEAD_BYTES:
            raise _wrong()
        lines = bytes(self._held[:end]).decode("latin-1").split("\r\n")[1:]
        del self._held[: end + 4]
        pairs = (line.partition(":") for line in lines)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body of the part whose headers were read."""
        while (end := self._held.find(self._delimiter)) < 0:
            safe = len(self._held) - len(self._delimiter) + 1
            if safe > 0:
                yield bytes(self._held[:safe])
                del self._held[:safe]
            await self._more()
        if end:
            yield bytes(self._held[:end])
        del self._held[: end + len(self._delimiter)]

    async def _skip_preamble(self) -> None:
        while (found := self._held.find(self._delimiter)) < 0:
            if len(self._held) > _PREAMBLE:
                raise _wrong()
            await self._more()
        del self._held[: found + len(self._delimiter)]

    async def _more(self) -> None:
        piece = await anext(self._body, None)
        if piece is None:
            raise MalformedError(
                "the body ends in the middle of a part.", rule="RFC 2046 5.1", remedy="Send again."
            )
        self._held += piece


def _wrong() -> MalformedError:
    return MalformedError("the multipart body cannot be read.", rule="RFC 2046 5.1")
