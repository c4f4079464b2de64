"""Codes one restart interval of one colour with the tables of a JPEG stream (ITU-T T.81 F.1.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from bigpicture.dicom.jpeg import JpegHead

_DQT, _DHT = 0xDB, 0xC4
_END_OF_BLOCK = 0x00

Codes = dict[int, str]
"""The bits of each symbol, as text of 0 and 1."""


def segments(tables: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment in `tables`, as `read_head` collected them."""
    position = 0
    while position + 4 <= len(tables):
        marker = tables[position + 1]
        (length,) = struct.unpack_from(">H", tables, position + 2)
        yield marker, tables[position + 4 : position + 2 + length]
        position += 2 + length


def flat_interval(head: JpegHead, value: int, *, mcus: int) -> bytes | None:
    """The entropy-coded bytes of `mcus` units whose first component is about `value` everywhere.

    Further components are neutral where the stream is YCbCr, and like the first where it is RGB
    (`value` 255 is white either way). None where the stream's tables have no code for it.
    """
    try:
        return _packed("".join(_bits(head, value, mcus)))
    except (KeyError, IndexError, struct.error):  # a table is missing, cut short or too thrifty
        return None


def _bits(head: JpegHead, value: int, mcus: int) -> Iterator[str]:
    quantisers, codes = _quantisers(head.tables), dict(_huffman(head.tables))
    frame, scan = head.tail, head.tail[10 + 3 * len(head.components) :]
    first, further = "", ""
    for number in range(len(head.components)):
        across, down = head.sampling[number]
        blocks = across * down if len(head.components) > 1 else 1
        table = scan[6 + 2 * number]
        levels, runs = codes[0, table >> 4], codes[1, table & 15]
        is_coloured = number == 0 or head.is_rgb(declared=False)
        step = quantisers[frame[12 + 3 * number]]
        wanted = 8 * (value - 128) if is_coloured else 0
        same = levels[0] + runs[_END_OF_BLOCK]
        first += levels[_size(wanted, step)] + _amplitude(wanted, step) + runs[_END_OF_BLOCK]
        first += same * (blocks - 1)
        further += same * blocks
    yield first
    yield further * (mcus - 1)


def _level(wanted: int, step: int) -> int:
    return round(wanted / step)


def _size(wanted: int, step: int) -> int:
    return abs(_level(wanted, step)).bit_length()


def _amplitude(wanted: int, step: int) -> str:
    """The bits behind the size of a difference (T.81 F.1.2.1.1); none for 0."""
    level, size = _level(wanted, step), _size(wanted, step)
    if size == 0:
        return ""
    return format(level if level > 0 else level + (1 << size) - 1, f"0{size}b")


def _quantisers(tables: bytes) -> dict[int, int]:
    """The divisor of the mean of a block, by table."""
    found: dict[int, int] = {}
    for marker, content in segments(tables):
        position = 0
        while marker == _DQT and position < len(content):
            wide = content[position] >> 4
            shape = ">H" if wide else ">B"
            (step,) = struct.unpack_from(shape, content, position + 1)
            found[content[position] & 15] = max(1, step)
            position += 65 + 64 * (wide > 0)
    return found


def _huffman(tables: bytes) -> Iterator[tuple[tuple[int, int], Codes]]:
    """Class (0: means, 1: the rest) and number of each table, with its codes (T.81 C.2)."""
    for marker, content in segments(tables):
        position = 0
        while marker == _DHT and position < len(content):
            counts = content[position + 1 : position + 17]
            symbols = iter(content[position + 17 : position + 17 + sum(counts)])
            codes: Codes = {}
            code = 0
            for length, count in enumerate(counts, 1):
                for _, symbol in zip(range(count), symbols, strict=False):
                    codes[symbol] = format(code, f"0{length}b")
                    code += 1
                code <<= 1
            yield (content[position] >> 4, content[position] & 15), codes
            position += 17 + sum(counts)


def _packed(bits: str) -> bytes:
    """The bits in bytes, filled with ones, a zero after each FF (T.81 F.1.2.3)."""
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
