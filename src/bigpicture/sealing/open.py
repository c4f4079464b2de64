"""Open: read a sealed body, whole or by ranges, decrypting no more than is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bigpicture.model.errors import IntegrityError, StorageError
from bigpicture.model.source import ByteSource
from bigpicture.sealing.header import read_header
from bigpicture.sealing.keys import KeyPair
from bigpicture.sealing.memory import SegmentMemory
from bigpicture.sealing.segments import NONCE, SEALED_SEGMENT, SEGMENT, nonce, regroup, sealed_size

PATIENCE_SECONDS = 20.0
"""For a read from afar by who waits for it; it goes on meanwhile, for who asks again."""
_LOOKED_AT = 64
"""Segments of one read that are kept: who takes more at once takes the file, and comes not back."""


class RangedReader(ByteSource, Protocol):
    """A byte source that can also be read without blocking the event loop.

    `is_near` says that a read costs microseconds, so that nobody gains by waiting for another's.
    """

    @property
    def is_near(self) -> bool: ...

    async def aread(self, offset: int, length: int) -> bytes: ...

    async def aread_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Several ranges (offset, length), in about the time of one."""
        ...


def open_header(header: bytes, pair: KeyPair) -> bytes:
    """The data key; raises `IntegrityError` when the header is damaged or for another key.

    Costs about 100 µs: keep the data key for as long as the object is read.
    """
    return read_header(header, pair)


class RangeOpener:
    """The plaintext of a sealed body as a byte source, read anywhere.

    `size` is the plaintext's, as recorded when it was sealed: a body that was cut or extended
    is refused with `IntegrityError` at once, a changed or swapped segment when it is read.
    `is_ours` tells that the body was sealed here, so that nonces number the segments; others'
    bodies carry random ones, and a swap inside them cannot be told. Opened segments (64 KiB each)
    are kept in `memory` under `name` for readers who come back to them.
    """

    def __init__(
        self,
        source: RangedReader,
        data_key: bytes,
        size: int,
        *,
        memory: SegmentMemory | None = None,
        name: str = "",
        is_ours: bool = True,
    ) -> None:
        if source.size != sealed_size(size):
            raise IntegrityError(
                f"the sealed body has {source.size} bytes where {sealed_size(size)} belong."
            )
        self.size = size
        self._source = source
        self._cipher = ChaCha20Poly1305(data_key)
        self._is_ours = is_ours
        self._memory = memory or SegmentMemory.of(2)
        self._name = name
        self._coming: dict[int, asyncio.Future[dict[int, bytes]]] = {}

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` plaintext bytes from `offset`; `IntegrityError` past the end."""
        wanted = self._wanted(offset, length)
        known, missing = self._recall(wanted)
        if missing:
            start, count = missing[0], missing[-1] - missing[0] + 1
            known |= self._open(start, self._source.read(*self._span(start, count)))
        return _cut(known, wanted, offset, length)

    async def aread(self, offset: int, length: int) -> bytes:
        """As `read`, waiting without blocking where the source can; `StorageError` if too long."""
        wanted = self._wanted(offset, length)
        if len(wanted) == 1:  # most tiles, and most of those are next to one that was read
            segment = self._memory.get(self._name, wanted[0])
            if segment is not None:
                start = offset - wanted[0] * SEGMENT
                return segment[start : start + length]
        known, missing = self._recall(wanted)
        if missing:
            known |= await self._bring(missing)
        return _cut(known, wanted, offset, length)

    async def aread_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Several ranges (offset, length): what is missing of them is asked for at once."""
        wanted = [self._wanted(offset, length) for offset, length in ranges]
        known, missing = self._recall(sorted({number for one in wanted for number in one}))
        if missing:
            known |= await self._bring(missing)
        return [
            _cut(known, numbers, offset, length)
            for numbers, (offset, length) in zip(wanted, ranges, strict=True)
        ]

    async def fetch(self, ranges: Sequence[tuple[int, int]]) -> int:
        """Bring the segments of some ranges into the memory; returns how many were missing."""
        numbers = {number for each in ranges for number in self._wanted(*each)}
        missing = sorted(each for each in numbers if not self._memory.has(self._name, each))
        if missing:
            await self._bring(missing)
        return len(missing)

    def _wanted(self, offset: int, length: int) -> range:
        """Numbers of the segments that hold the range."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise IntegrityError(
                f"bytes {offset} to {offset + length} were asked of an object of {self.size}."
            )
        return range(offset // SEGMENT, -(-(offset + length) // SEGMENT)) if length else range(0)

    def _recall(self, wanted: Sequence[int]) -> tuple[dict[int, bytes], Sequence[int]]:
        """What the memory holds of the segments, and the numbers of the others."""
        known: dict[int, bytes] = {}
        for number in wanted:
            segment = self._memory.get(self._name, number)
            if segment is not None:
                known[number] = segment
        return known, [number for number in wanted if number not in known] if known else wanted

    async def _bring(self, missing: Sequence[int]) -> dict[int, bytes]:
        """Read and open segments; from afar, those that somebody waits for already only once."""
        if self._source.is_near:
            return await self._bring_alone(missing)
        alone = [number for number in missing if number not in self._coming]
        if alone:
            coming = asyncio.ensure_future(self._bring_alone(alone))  # who goes away stops nobody
            self._coming |= dict.fromkeys(alone, coming)
            coming.add_done_callback(lambda done: self._arrived(alone, done))
        known: dict[int, bytes] = {}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                for coming in {self._coming[number] for number in missing}:
                    known |= await asyncio.shield(coming)
        except TimeoutError:
            raise StorageError(
                f"the object store did not answer in {PATIENCE_SECONDS:g} seconds."
            ) from None
        return known

    async def _bring_alone(self, missing: Sequence[int]) -> dict[int, bytes]:
        return self._opened(missing, await self._source.aread_many(self._spans(missing)))

    def _arrived(self, numbers: Sequence[int], done: asyncio.Future[dict[int, bytes]]) -> None:
        for number in numbers:
            self._coming.pop(number, None)
        if not done.cancelled():
            done.exception()  # those who waited were told

    def _spans(self, numbers: Sequence[int]) -> list[tuple[int, int]]:
        return [self._span(start, count) for start, count in _runs(numbers)]

    def _span(self, start: int, count: int) -> tuple[int, int]:
        offset = start * SEALED_SEGMENT
        return offset, min(count * SEALED_SEGMENT, self._source.size - offset)

    def _opened(self, numbers: Sequence[int], sealed: Sequence[bytes]) -> dict[int, bytes]:
        opened: dict[int, bytes] = {}
        for (start, _), body in zip(_runs(numbers), sealed, strict=True):
            opened |= self._open(start, body)
        return opened

    def _open(self, start: int, sealed: bytes) -> dict[int, bytes]:
        view = memoryview(sealed)
        opened = {
            index: self._open_segment(index, view[place : place + SEALED_SEGMENT])
            for index, place in enumerate(range(0, len(sealed), SEALED_SEGMENT), start)
        }
        if len(opened) <= _LOOKED_AT:
            for index, segment in opened.items():
                self._memory.put(self._name, index, segment)
        return opened

    def _open_segment(self, index: int, sealed: memoryview) -> bytes:
        return _open_segment(self._cipher, index, sealed, is_ours=self._is_ours)


def open_body(
    sealed: Iterable[bytes], data_key: bytes, size: int, *, is_ours: bool = True
) -> Iterator[bytes]:
    """The whole plaintext, segment by segment in flat memory.

    Raises `IntegrityError` at the first segment that is changed, swapped, missing or too many.
    """
    cipher = ChaCha20Poly1305(data_key)
    got = 0
    for index, segment in enumerate(regroup(sealed, SEALED_SEGMENT)):
        opened = _open_segment(cipher, index, segment, is_ours=is_ours)
        got += len(opened)
        if got > size or (len(opened) < SEGMENT and got < size):
            raise _wrong_length(size)
        yield opened
    if got != size:
        raise _wrong_length(size)


def _open_segment(
    cipher: ChaCha20Poly1305, index: int, sealed: memoryview, *, is_ours: bool
) -> bytes:
    number = bytes(sealed[:NONCE])
    if is_ours and number != nonce(index):
        raise IntegrityError(f"segment {index} of the sealed body is not in its place.")
    try:
        return cipher.decrypt(number, sealed[NONCE:], None)
    except (InvalidTag, ValueError):
        raise IntegrityError(
            f"segment {index} of the sealed body was changed, or sealed with another key."
        ) from None


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """First number and length of each run without a gap."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][0] + runs[-1][1] == number:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((number, 1))
    return runs


def _cut(known: dict[int, bytes], wanted: range, offset: int, length: int) -> bytes:
    if not wanted:
        return b""
    start = offset - wanted.start * SEGMENT
    if len(wanted) == 1:
        return known[wanted[0]][start : start + length]
    pieces = [known[index] for index in wanted]
    pieces[-1] = pieces[-1][: start + length - (len(pieces) - 1) * SEGMENT]
    pieces[0] = pieces[0][start:]
    return b"".join(pieces)


def _wrong_length(size: int) -> IntegrityError:
    return IntegrityError(f"the sealed body does not hold the {size} bytes that belong in it.")
