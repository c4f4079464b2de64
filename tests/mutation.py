"""Damage to files: of one to four kinds at once, the same for the same random numbers."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from random import Random

BOUNDARIES = tuple(
    sorted({
        value + near
        for bits in (0, 7, 8, 15, 16, 24, 31, 32, 33, 48, 63, 64)
        for value in (1 << bits,)
        for near in (-2, -1, 0, 1)
        if value + near >= 0
    })
)  # fmt: skip
"""Where counts, lengths and offsets of every width turn over."""
NUMBERS = (
    "0", "-1", "1e400", "-0.0", "nan", "inf", "1e-320", "2147483648", "4294967295", "65536",
    "99999999999999999999", "0x10", "1" * 5000, "", "٣", "1_0", " 7", "3.5", "\0",
)  # fmt: skip
_LONGEST = 2 << 20
"""A mutant grows no further than this."""

Change = Callable[[Random, bytearray, bytes], None]


def mutate(
    random: Random, files: dict[str, bytes], other: dict[str, bytes]
) -> dict[str, bytes]:  # fmt: skip
    """Damaged copies of a slide's `files`; pieces of the `other` slide may come in.

    One file as a rule; companions may also be renamed, swapped or missing.
    """
    made = dict(files)
    if len(made) > 1 and random.random() < 0.15:
        _shuffle(random, made)
        if random.random() < 0.5:
            return made
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        name = random.choice(sorted(made))
        data = bytearray(made[name])
        foreign = other[random.choice(sorted(other))]
        random.choice(CHANGES)(random, data, foreign)
        made[name] = bytes(data[:_LONGEST])
    return made


def _shuffle(random: Random, made: dict[str, bytes]) -> None:
    one, two = random.sample(sorted(made), 2)
    kind = random.randrange(4)
    if kind == 0:
        del made[two]
    elif kind == 1:
        made[one], made[two] = made[two], made[one]
    elif kind == 2:
        made[f"{two}x"] = made.pop(two)
    else:
        made[two] = made[one]


def _flip(random: Random, data: bytearray, foreign: bytes) -> None:
    for _ in range(random.choice((1, 1, 3, 20))):
        if data:
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _flip_head(random: Random, data: bytearray, foreign: bytes) -> None:
    for _ in range(random.choice((1, 2, 5))):
        if data:
            data[random.randrange(min(len(data), 512))] = random.randrange(256)


def _run(random: Random, data: bytearray, foreign: bytes) -> None:
    at, length = _stretch(random, data)
    data[at : at + length] = random.choice((b"\0", b"\xff")) * length


def _integer(random: Random, data: bytearray, foreign: bytes) -> None:
    if len(data) >= 8:
        _put(random, data, random.randrange(len(data) - 7))


def _structure(random: Random, data: bytearray, foreign: bytes) -> None:
    places = structure(data)
    for _ in range(random.choice((1, 1, 2))):
        if places:
            _put(random, data, random.choice(places))


def _put(random: Random, data: bytearray, at: int) -> None:
    letter, length = random.choice((("H", 2), ("I", 4), ("Q", 8)))
    order = random.choice("<<>")
    if at + length > len(data):
        return
    kind = random.randrange(4)
    if kind == 0:
        value = len(data) + random.randrange(-8, 9)
    elif kind == 1:
        value = struct.unpack_from(f"{order}{letter}", data, at)[0] + random.choice((-1, 1, 8))
    elif kind == 2:
        value = random.randrange(300)
    else:
        value = random.choice(BOUNDARIES)
    struct.pack_into(f"{order}{letter}", data, at, value % (1 << 8 * length))


def _word(random: Random, data: bytearray, foreign: bytes) -> None:
    """A number in a text becomes another one, or a letter of markup goes."""
    found = [each.span() for each in re.finditer(rb"(?<=[ =\"|(>,:])-?\d[\d.]*", bytes(data))]
    if found and random.random() < 0.8:
        start, end = random.choice(found)
        data[start:end] = random.choice(NUMBERS).encode()
        return
    marks = [each.start() for each in re.finditer(rb"[<>\"=|;\[\]&]", bytes(data))]
    if marks:
        at = random.choice(marks)
        data[at : at + 1] = random.choice((b"", b"<", b">", b'"', b"|", b"\0", b"\xc3", b"&x;"))


def _cut(random: Random, data: bytearray, foreign: bytes) -> None:
    del data[random.randrange(len(data) + 1) :]


def _remove(random: Random, data: bytearray, foreign: bytes) -> None:
    at, length = _stretch(random, data)
    del data[at : at + length]


def _repeat(random: Random, data: bytearray, foreign: bytes) -> None:
    at, length = _stretch(random, data)
    data[at:at] = data[at : at + length] * random.choice((1, 1, 50))


def _swap(random: Random, data: bytearray, foreign: bytes) -> None:
    at, length = _stretch(random, data)
    to = random.randrange(len(data) + 1)
    part = data[at : at + length]
    data[at : at + length] = data[to : to + length]
    data[to : to + len(part)] = part


def _splice(random: Random, data: bytearray, foreign: bytes) -> None:
    at, length = _stretch(random, data)
    start = random.randrange(len(foreign) + 1)
    part = foreign[start : start + length]
    data[at : at + (len(part) if random.random() < 0.7 else 0)] = part


def _stretch(random: Random, data: bytearray) -> tuple[int, int]:
    """A place and a length: short stretches are as likely as long ones."""
    if not data:
        return 0, 0
    at = random.randrange(len(data))
    return at, min(len(data) - at, 1 << random.randrange(max(1, len(data).bit_length() - 1)))


CHANGES: tuple[Change, ...] = (
    _flip, _flip_head, _run, _integer, _structure, _structure, _structure, _word, _word, _cut,
    _remove, _repeat, _swap, _splice,
)  # fmt: skip


def structure(data: bytes | bytearray) -> list[int]:
    """Offsets of numbers that hold a file together: entries of directories, markers, tags."""
    head = bytes(data[:4])
    if head in {b"II*\0", b"II+\0", b"MM\0*", b"MM\0+"}:
        return _directories(bytes(data)) or list(range(16))
    if head[:2] == b"\xff\xd8":
        return _markers(data)
    if data[128:132] == b"DICM":
        return list(range(132, min(len(data) - 8, 6000)))
    return list(range(max(0, min(len(data) - 8, 1024))))


def _directories(data: bytes) -> list[int]:
    """The places of code, kind, count and value of every entry, of the heads and of the links."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = data[2:4] in {b"+\0", b"\0+"}
    # An NDPI is classic, with links of 64 bits: its high halves are taken for further entries.
    link, count_letter, step, word = (8, "Q", 20, "Q") if is_big else (4, "H", 12, "I")
    places, seen = [link], set()
    try:
        (at,) = struct.unpack_from(order + word, data, link)
        while at and at not in seen:
            seen.add(at)
            (count,) = struct.unpack_from(order + count_letter, data, at)
            first = at + struct.calcsize(count_letter)
            end = first + count * step
            for entry in range(first, min(end, len(data) - step), step):
                values = entry + (12 if is_big else 8)
                places += [entry, entry + 2, entry + 4, values, values]
                if not is_big:
                    (where,) = struct.unpack_from(order + "I", data, values)
                    places += [where] if where < len(data) - 8 else []
            places += [at, end]
            (at,) = struct.unpack_from(order + word, data, end)
    except (struct.error, OverflowError):
        pass
    return [each for each in places if each < len(data) - 8]


def _markers(data: bytes | bytearray) -> list[int]:
    """Where segments begin up to the scan, and the first bytes of their bodies."""
    places, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        places += range(at, min(at + 24, at + 2 + length, len(data) - 8))
        if data[at + 1] == 0xDA:
            break
        at += 2 + length
    return places
