"""Unpack: what bytes hold inside: compressed streams, base64, hex, and escaped letters.

Whatever says that it is compressed is taken apart as far as it goes, without trusting a length;
what is too large or too deep to be searched is told, and the caller lets it not through.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import html
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

CONTAINERS = ("gzip", "zlib", "zip", "bzip2", "xz")
CODINGS = ("base64", "hex", "escapes")
DEEPEST = 3
"""Codings and containers inside each other."""
_PIECE = 16 << 10
_ROOM = 64 << 20
"""Bytes that all containers of one file may hold together; no header of a slide comes near."""
_LEAST = 4
"""Bytes; shorter ones hold no string that is searched."""
_MOST_PRINTABLE = 0.95

_MAGIC = re.compile(
    rb"\x1f\x8b\x08[\x00-\x1f]|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x78[\x01\x5e\x9c\xda]"
)
_ESCAPE = re.compile(
    rb"%[0-9a-fA-F]{2}|&\#[0-9]{1,7};|&\#[xX][0-9a-fA-F]{1,6};|&[a-zA-Z][a-zA-Z0-9]{1,30};"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}"
    rb"|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2}|=[0-9a-fA-F]{2}|=\r?\n"
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{6,}(?:\r?\n[A-Za-z0-9+/_-]+)*")
_HEX = re.compile(
    rb"[0-9a-fA-F]{2}[ :-]?[0-9a-fA-F]{2}[ :-]?[0-9a-fA-F]{2}(?:[ :-]?[0-9a-fA-F]{2})+"
)
# One byte and one or three zeros: of both byte orders, but for a zero before or behind.
_WIDE = re.compile(
    rb"[\x20-\x7e\xa0-\xff]\x00(?:\x00\x00)?(?:[\x20-\x7e\xa0-\xff]\x00(?:\x00\x00)?){4,}"
    rb"[\x20-\x7e\xa0-\xff]?"
)
_BREAK = b"\0\n\0"
_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")


class _Decompressor(Protocol):
    def decompress(self, _data: bytes, _most: int = ..., /) -> bytes: ...


@dataclass(slots=True)
class Room:
    """How much may still be unpacked. `is_spent`: something could not be unpacked to its end."""

    left: int = _ROOM
    is_spent: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Layer:
    """Bytes found inside others, and `how` they were written there; from `offset` on, or where
    there are many, after it.

    `is_text` where they read as text, so that short strings count; else they may be chance.
    """

    data: bytes
    offset: int
    how: str
    is_text: bool


def layers(data: bytes, room: Room, depth: int = 0) -> Iterator[Layer]:
    """What `data` holds inside, one layer down; the caller asks again of each layer.

    Beyond `DEEPEST` a container is no longer opened, and `room` says so.
    """
    yield from containers(data, room, depth)
    if depth < DEEPEST:
        yield from _codings(data)


def containers(data: bytes, room: Room, depth: int = 0) -> Iterator[Layer]:
    """The compressed streams in `data`; of truncated ones what is there."""
    for found in _MAGIC.finditer(data):
        how, opened = _opened(data, found.start())
        held, is_whole = _inflated(opened, data, found.start(), room)
        if len(held) < _LEAST:
            continue
        is_text = is_whole or reads_as_text(held)
        if depth >= DEEPEST and is_text:
            room.is_spent = True
            continue
        yield Layer(held, found.start(), how, is_text)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A decompressor, and how many bytes of the container come before its stream."""

    make: Callable[[], _Decompressor]
    skipped: int


def _opened(data: bytes, start: int) -> tuple[str, _Opened]:
    first = data[start : start + 2]
    if first == b"\x1f\x8b":
        return "gzip", _Opened(lambda: zlib.decompressobj(31), 0)
    if first == b"PK":
        return "zip", _zip_entry(data, start)
    if first == b"BZ":
        return "bzip2", _Opened(bz2.BZ2Decompressor, 0)
    if first == b"\xfd7":
        return "xz", _Opened(lzma.LZMADecompressor, 0)
    return "zlib", _Opened(lambda: zlib.decompressobj(15), 0)


class _Stored:
    """What a zip holds without compression stands in plain sight, and was searched."""

    def decompress(self, _data: bytes, _most: int = 0, /) -> bytes:
        return b""


def _zip_entry(data: bytes, start: int) -> _Opened:
    """The local header of an entry (APPNOTE 4.3.7): its method, and where its stream begins."""
    head = data[start : start + 30]
    if len(head) < 30:
        return _Opened(_Stored, 0)
    method, name, extra = struct.unpack_from("<8xH16xHH", head)
    makers: dict[int, Callable[[], _Decompressor]] = {
        8: lambda: zlib.decompressobj(-15),
        12: bz2.BZ2Decompressor,
    }
    return _Opened(makers.get(method, _Stored), 30 + name + extra)


def _inflated(opened: _Opened, data: bytes, start: int, room: Room) -> tuple[bytes, bool]:
    """What the stream holds, and whether it ended as its format says it must."""
    made = opened.make()
    held = bytearray()
    position = start + opened.skipped
    source = b""
    try:
        while True:
            if not source and getattr(made, "needs_input", True):
                source = data[position : position + _PIECE]
                position += len(source)
                if not source:
                    break
            held += made.decompress(source, _PIECE)
            if len(held) > room.left:
                room.is_spent = True
                break
            if getattr(made, "eof", True):
                room.left -= len(held)
                return bytes(held), True
            # zlib gives back what it has not read; the others keep it until they need more.
            source = bytes(getattr(made, "unconsumed_tail", b""))
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
        pass
    held = held[: room.left]
    room.left -= len(held)
    return bytes(held), False


def _codings(data: bytes) -> Iterator[Layer]:
    if _ESCAPE.search(data):
        plain = _ESCAPE.sub(_unescaped, data)
        if plain != data:
            yield Layer(plain, 0, "escapes", True)
    yield from _joined("base64", (_from_base64(run.group()) for run in _BASE64.finditer(data)))
    yield from _joined("hex", (_from_hex(run.group()) for run in _HEX.finditer(data)))
    wide = [run.group().replace(b"\0", b"") for run in _WIDE.finditer(data)]
    if wide:
        yield Layer(_BREAK.join(wide), 0, "utf-16", True)


def _joined(how: str, decoded: Iterable[Iterable[bytes]]) -> Iterator[Layer]:
    """All that was decoded, in two layers: what reads as text, and what begins a container."""
    texts: list[bytes] = []
    packed: list[bytes] = []
    for piece in (piece for pieces in decoded for piece in pieces):
        if len(piece) >= _LEAST and reads_as_text(piece):
            texts.append(piece)
        elif _MAGIC.match(piece):
            packed.append(piece)
    if texts:
        yield Layer(_BREAK.join(texts), 0, how, True)
    if packed:
        yield Layer(_BREAK.join(packed), 0, how, False)


def _unescaped(found: re.Match[bytes]) -> bytes:
    text = found.group()
    if text[:1] == b"&":
        return html.unescape(text.decode("ascii")).encode("utf-8", "replace")
    if text[:1] in b"%=":
        return (
            bytes.fromhex(text[1:].decode("ascii")) if len(text) == 3 and text[2:] != b"\n" else b""
        )
    if text[1:2] == b"x":
        return bytes.fromhex(text[2:].decode("ascii"))
    units = [int(unit, 16) for unit in re.findall(rb"\\[uU]([0-9a-fA-F]+)", text)]
    if len(units) == 1:
        return chr(units[0]).encode("utf-8", "replace") if units[0] < 0x110000 else text
    return struct.pack("<2H", *units).decode("utf-16-le").encode("utf-8")


def _from_base64(run: bytes) -> Iterator[bytes]:
    letters = run.translate(_URL_ALPHABET, b"\r\n")
    for skipped in range(4):
        part = letters[skipped:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        yield base64.b64decode(part + b"=" * (-len(part) % 4))


def _from_hex(run: bytes) -> Iterator[bytes]:
    digits = run.translate(None, b" :-")
    for skipped in range(2):
        part = digits[skipped:]
        yield binascii.unhexlify(part[: len(part) // 2 * 2])


def reads_as_text(data: bytes) -> bool:
    """Whether nearly all of it is printable, in one byte, UTF-8 or UTF-16 of Latin letters."""
    start = data[:4096]
    letters = start.translate(None, _UNPRINTABLE)
    narrow = start.replace(b"\0", b"")
    is_wide = 0.4 * len(start) <= len(start) - len(narrow) <= 0.8 * len(start)
    whole = narrow if is_wide else start
    return len(whole) > 1 and len(letters) >= _MOST_PRINTABLE * len(whole) and _is_language(whole)


_UNPRINTABLE = bytes([*range(9), 11, 12, *range(14, 32), 127])


def _is_language(data: bytes) -> bool:
    """Bytes above ASCII are letters of UTF-8, or few among others, not noise."""
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if not high:
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return high <= len(data) // 3
    return True
