"""Open: read a sealed body, whole or by ranges, decrypting no more than is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bigpicture.model.errors import IntegrityError
from bigpicture.model.source import ByteSource
from bigpicture.sealing.header import read_header
from bigpicture.sealing.keys import KeyPair
from bigpicture.sealing.segments import NONCE, SEALED_SEGMENT, SEGMENT, nonce, regroup, sealed_size


class RangedReader(ByteSource, Protocol):
    """A byte source that can also be read without blocking the event loop."""

    async def aread(self, offset: int, length: int) -> bytes: ...


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
    bodies carry random ones, and a swap inside them cannot be told. The last `cached` opened
    segments (64 KiB each) are kept for readers who come back to them.
    """

    def __init__(
        self,
        source: RangedReader,
        data_key: bytes,
        size: int,
        *,
        cached: int = 2,
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
        self._capacity = cached
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self._lock = Lock()

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` plaintext bytes from `offset`; `IntegrityError` past the end."""
        wanted = self._wanted(offset, length)
        known = self._recall(wanted)
        start, count = self._missing(wanted, known)
        if count:
            known |= self._open(start, self._source.read(*self._span(start, count)))
        return _cut(known, wanted, offset, length)

    async def aread(self, offset: int, length: int) -> bytes:
        """As `read`, waiting without blocking where the source can."""
        wanted = self._wanted(offset, length)
        known = self._recall(wanted)
        start, count = self._missing(wanted, known)
        if count:
            known |= self._open(start, await self._source.aread(*self._span(start, count)))
        return _cut(known, wanted, offset, length)

    def _wanted(self, offset: int, length: int) -> range:
        """Numbers of the segments that hold the range."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise IntegrityError(
                f"bytes {offset} to {offset + length} were asked of an object of {self.size}."
            )
        return range(offset // SEGMENT, -(-(offset + length) // SEGMENT)) if length else range(0)

    def _recall(self, wanted: range) -> dict[int, bytes]:
        if not self._cache:
            return {}
        with self._lock:
            known = {index: self._cache[index] for index in wanted if index in self._cache}
            for index in known:
                self._cache.move_to_end(index)
        return known

    @staticmethod
    def _missing(wanted: range, known: dict[int, bytes]) -> tuple[int, int]:
        """First segment to read and how many: one request, even if it brings a known one."""
        missing = [index for index in wanted if index not in known] if known else wanted
        return (missing[0], missing[-1] - missing[0] + 1) if missing else (0, 0)

    def _span(self, start: int, count: int) -> tuple[int, int]:
        offset = start * SEALED_SEGMENT
        return offset, min(count * SEALED_SEGMENT, self._source.size - offset)

    def _open(self, start: int, sealed: bytes) -> dict[int, bytes]:
        view = memoryview(sealed)
        opened = {
            index: self._open_segment(index, view[place : place + SEALED_SEGMENT])
            for index, place in enumerate(range(0, len(sealed), SEALED_SEGMENT), start)
        }
        if self._capacity:
            with self._lock:
                self._cache.update(list(opened.items())[-self._capacity :])
                while len(self._cache) > self._capacity:
                    self._cache.popitem(last=False)
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


def _cut(known: dict[int, bytes], wanted: range, offset: int, length: int) -> bytes:
    if len(wanted) == 1:
        start = offset - wanted[0] * SEGMENT
        return known[wanted[0]][start : start + length]
    start = offset - wanted.start * SEGMENT
    whole = b"".join([known[index] for index in wanted])
    return whole[start : start + length]


def _wrong_length(size: int) -> IntegrityError:
    return IntegrityError(f"the sealed body does not hold the {size} bytes that belong in it.")
