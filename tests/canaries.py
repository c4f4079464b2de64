"""Canaries: invented identifiers, where they are planted, and an independent search for them."""

from __future__ import annotations

import base64
import gzip
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from bigpicture.deidentify.rules import rules_of
from bigpicture.model.errors import InputError

STEM = "ZQXKANARIE"
NUMBER = "73590417"
DAY = "18870312"
ROOT = "1.2.826.0.1.7359"

WRITINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "latin-1": lambda text: f"{text}é".encode("latin-1"),
    "utf-16": lambda text: text.encode("utf-16-le"),
    "base64": lambda text: base64.b64encode(text.encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "gzip": lambda text: gzip.compress(text.encode() * 3, mtime=0),
    "url": lambda text: quote(f"{text} ä/").encode(),
    "split": lambda text: f"{text[:7]} {text[7:]}".encode(),
}


def canary(number: int) -> str:
    return f"{STEM}{number:05d}"


def _stems() -> list[bytes]:
    """The stem in each writing; of base64 what does not depend on where it begins."""
    text = STEM.encode()
    coded = [base64.b64encode(bytes(shift) + text)[(0, 2, 3)[shift] :] for shift in range(3)]
    plain = [text, STEM.encode("utf-16-le"), STEM.encode("utf-16-be"), text.hex().encode()]
    plain += [STEM[:7].encode() + b" " + STEM[7:].encode(), text[::-1]]
    return [*plain, *(each[: len(each) - 4] for each in coded)]


_SEARCHED = re.compile(
    b"|".join(
        re.escape(each)
        for each in [*_stems(), NUMBER.encode(), DAY.encode(), ROOT.encode(),
                     struct.pack("<d", 735904.25), struct.pack("<f", 735904.25),
                     struct.pack("<I", int(NUMBER))]
    ),
    re.IGNORECASE,
)  # fmt: skip


def found_in(data: bytes) -> bool:
    """Whether a canary stands in bytes: as it is, in a writing, or inside what is compressed."""
    if _SEARCHED.search(data):
        return True
    for at in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data):
        try:
            wbits = 31 if at.group()[0] == 0x1F else 15
            inside = zlib.decompressobj(wbits).decompress(data[at.start() :], 1 << 16)
        except zlib.error:
            continue
        if _SEARCHED.search(inside):
            return True
    return False


def found_below(folder: Path) -> list[str]:
    """The files below `folder` that hold a canary, in bytes or name."""
    return [
        each.name
        for each in sorted(folder.rglob("*"))
        if found_in(each.name.encode()) or (each.is_file() and found_in(each.read_bytes()))
    ]


@dataclass
class Count:
    """What became of the plantings in slides of one format."""

    planted: int = 0
    refused: int = 0
    removed: int = 0
    survived: list[str] = field(default_factory=list)


Planting = tuple[str, object]
"""Where it stands, for people, and what the builder of the format needs to put it there."""
Build = Callable[[Path, Sequence[Planting]], Path]
Convert = Callable[[Path, Path], object]


def run(
    plantings: Sequence[Planting],
    build: Build,
    convert: Convert,
    folder: Path,
    alone: Callable[[Planting], bool] = lambda planting: False,
) -> Count:
    """Plant all in one slide; where it is refused, halve them until each refusal stands alone.

    Those that are `alone` have a slide of their own from the start.
    """
    count = Count(planted=len(plantings))
    waiting = [[each for each in plantings if not alone(each)]]
    waiting = [*filter(None, waiting), *([each] for each in plantings if alone(each))]
    number = 0
    while waiting:
        batch = waiting.pop()
        number += 1
        work = folder / f"{number}"
        (work / "in").mkdir(parents=True)
        try:
            convert(build(work / "in", batch), work / "out")
        except InputError as error:
            told = f"{error} {error!r}".encode()
            if found_in(told) or found_below(work / "out"):
                count.survived += [f"{place} (told)" for place, _ in batch[:1]]
            elif len(batch) > 1:
                half = len(batch) // 2
                waiting += [batch[:half], batch[half:]]
            else:
                count.refused += 1
            continue
        if found_below(work / "out"):
            if len(batch) == 1:
                count.survived.append(batch[0][0])
            else:
                half = len(batch) // 2
                waiting += [batch[:half], batch[half:]]
        else:
            count.removed += len(batch)
    return count


@dataclass
class _Directory:
    """One directory of a TIFF: where its pointer stands, its entries and its end."""

    pointer: int
    entries: dict[int, tuple[int, int, bytes]]
    following: bytes


_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
}
"""Bytes of a value of each type (TIFF 6.0, and BigTIFF's)."""


class Tiff:
    """Rewrites the directories of a TIFF by hand: new ones at the end, pointers set to them."""

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.order = "<" if data[:2] == b"II" else ">"
        self.is_big = struct.unpack_from(self.order + "H", data, 2)[0] == 43
        self.word = "Q" if self.is_big else "I"
        self.inline = 8 if self.is_big else 4

    def directories(self) -> Iterator[_Directory]:
        pointer = 8 if self.is_big else 4
        while offset := struct.unpack_from(self.order + self.word, self.data, pointer)[0]:
            head = "Q" if self.is_big else "H"
            (count,) = struct.unpack_from(self.order + head, self.data, offset)
            at = offset + struct.calcsize(head)
            size = 4 + 2 * self.inline
            entries = {}
            for number in range(count):
                tag, kind, length = struct.unpack_from(
                    f"{self.order}HH{self.word}", self.data, at + number * size
                )
                start = at + number * size + 4 + self.inline
                entries[tag] = kind, length, bytes(self.data[start : start + self.inline])
            end = at + count * size
            yield _Directory(pointer, entries, bytes(self.data[end : end + self.inline]))
            pointer = end

    def value(self, entry: tuple[int, int, bytes]) -> bytes:
        kind, count, raw = entry
        size = _SIZES[kind] * count
        if size <= self.inline:
            return raw[:size]
        (offset,) = struct.unpack(self.order + self.word, raw)
        return bytes(self.data[offset : offset + size])

    def add(self, data: bytes) -> int:
        self.data += bytes(-len(self.data) % 8)
        at = len(self.data)
        self.data += data
        return at

    def plant(self, number: int, tags: dict[int, tuple[int, bytes]]) -> None:
        """Set tags, each (type, bytes), in directory `number`."""
        directory = list(self.directories())[number]
        for tag, (kind, value) in tags.items():
            raw = value.ljust(self.inline, b"\0")
            if len(value) > self.inline:
                raw = struct.pack(self.order + self.word, self.add(value))
            directory.entries[tag] = kind, len(value) // _SIZES[kind], raw
        head = struct.pack(self.order + ("Q" if self.is_big else "H"), len(directory.entries))
        body = b"".join(
            struct.pack(f"{self.order}HH{self.word}", tag, kind, count) + raw
            for tag, (kind, count, raw) in sorted(directory.entries.items())
        )
        at = self.add(head + body + directory.following + bytes(8))
        struct.pack_into(self.order + self.word, self.data, directory.pointer, at)

    def plant_in_tiles(self, segments: bytes) -> bool:
        """Put JPEG segments behind the first marker of every tile of the first directory."""
        entries = next(self.directories()).entries
        if 324 not in entries or 325 not in entries:
            return False
        letter = {3: "H", 4: "I", 16: "Q"}
        lists = []
        for tag in (324, 325):
            kind, count, _ = entries[tag]
            code = f"{self.order}{count}{letter[kind]}"
            lists.append(struct.unpack(code, self.value(entries[tag])))
        offsets, sizes = [], []
        for offset, size in zip(*lists, strict=True):
            tile = bytes(self.data[offset : offset + size])
            is_jpeg = tile[:2] == b"\xff\xd8"
            tile = tile[:2] + segments + tile[2:] if is_jpeg else tile
            offsets.append(self.add(tile) if tile else offset)
            sizes.append(len(tile))
        pack = lambda values: struct.pack(f"{self.order}{len(values)}I", *values)  # noqa: E731
        self.plant(0, {324: (4, pack(offsets)), 325: (4, pack(sizes))})
        return True


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def row_names(slide_format: str, prefix: str) -> list[str]:
    """The names of a format's rows without their prefix; of an ending something invented."""
    rules = rules_of(slide_format)
    names = [*rules.exact, *(rule.name for rule in rules.beginnings)]
    return [
        name.removeprefix(prefix).replace("*", "Zzz") for name in names if name.startswith(prefix)
    ]


def as_element(name: str, value: str) -> str:
    """A row's name as XML: `A.B@c` is the attribute c of B within A."""
    path, _, attribute = name.partition("@")
    *outer, last = path.split(".")
    inner = f'<{last} {attribute}="{value}"/>' if attribute else f"<{last}>{value}</{last}>"
    for each in reversed(outer):
        inner = f"<{each}>{inner}</{each}>"
    return inner
