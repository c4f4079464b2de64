"""Hamamatsu NDPI, NDPIS and VMS slides, after OpenSlide's page on the format, with exact truth."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from slide_making import pattern

REFERENCE = "S-2031-4711 Mustermann"
SERIAL = "770042"
PROPERTIES = (
    "Created=2031/05/23\r\nUpdated=2031/06/27\r\nProduct=C9600-12\r\nNDP.S/N=770042\r\n"
    "Macro.S/N=770043\r\nAHEX[0]=79141800C52A811A\r\nroi.barcode.macro=948,281,1253,682\r\n"
    ";NDP Shading Data\r;Version=0004\r;SerialNumber=770042\r;Date=2031/06/27\r"
)
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


def tissue(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """A picture in which every unit looks different."""
    noise = np.random.default_rng(seed).integers(0, 40, (rows, columns, 1))
    return np.clip(pattern(rows, columns).astype(int) + noise, 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray, *, interval: int = 0, quality: int = 90, **more) -> bytes:
    """A JPEG as the scanner writes it, a restart every `interval` units."""
    made = io.BytesIO()
    options = {"subsampling": "4:4:4", "comment": b"Hamamatsu NanoZoomer", **more}
    if interval:
        options["restart_marker_blocks"] = interval
    Image.fromarray(pixels).save(made, "JPEG", quality=quality, **options)
    return made.getvalue()


def decoded(stream: bytes) -> np.ndarray:
    """By Pillow, all of it at once."""
    return np.asarray(Image.open(io.BytesIO(stream)))


def scan_start(stream: bytes) -> int:
    at = stream.index(b"\xff\xda")
    return at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big")


def intervals(stream: bytes) -> list[bytes]:
    """What stands between its markers."""
    return _RESTART.split(stream[scan_start(stream) : stream.rindex(b"\xff\xd9")])


def starts(stream: bytes) -> list[int]:
    begin = scan_start(stream)
    return [begin, *(begin + found.end() for found in _RESTART.finditer(stream[begin:]))]


def beside(streams: Sequence[bytes], across: Sequence[int]) -> bytes:
    """JPEGs of equal tables side by side in one, which is wider than JPEG can say: it says 0."""
    rows = [intervals(stream) for stream in streams]
    pieces: list[bytes] = []
    for row in range(len(rows[0]) // across[0]):
        for part, wide in zip(rows, across, strict=True):
            pieces += part[row * wide : (row + 1) * wide]
    head = bytearray(streams[0][: scan_start(streams[0])])
    size = head.index(b"\xff\xc0") + 5
    head[size + 2 : size + 4] = b"\0\0"
    body = b"".join(
        piece + bytes((0xFF, 0xD0 + number % 8)) for number, piece in enumerate(pieces[:-1])
    )
    return bytes(head) + body + pieces[-1] + b"\xff\xd9"


@dataclass
class Page:
    """One image of an NDPI. `tags` are added to what every page has, or take its place."""

    stream: bytes
    columns: int
    rows: int
    lens: float = 20.0
    focus: int = 0
    listed: list[int] | None = None
    tags: dict = field(default_factory=dict)
    without: tuple[int, ...] = ()

    def entries(self, mpp: float) -> list[tuple[int, int, object]]:
        """(code, type, value), in the order of the scanner."""
        found: dict[int, tuple[int, object]] = {
            256: (4, [self.columns]), 257: (4, [self.rows]), 258: (3, [8, 8, 8]), 259: (3, [7]),
            262: (3, [6]), 271: (2, "Hamamatsu"), 272: (2, "C9600-12"), 273: (4, [0]),
            277: (3, [3]), 278: (4, [self.rows]), 279: (4, [len(self.stream)]),
            282: (5, [round(10_000_000 / mpp), 1000]), 283: (5, [round(10_000_000 / mpp), 1000]),
            296: (3, [3]), 305: (2, "NDP.scan 2.5.89"), 306: (2, "2031:06:27 13:06:43"),
            65420: (3, [1]), 65421: (11, [self.lens]), 65422: (9, [1_500_000]),
            65423: (9, [-250_000]), 65424: (9, [self.focus]), 65425: (4, [0]),
            65427: (2, REFERENCE), 65428: (4, [1560790560]), 65442: (2, SERIAL),
            65449: (2, PROPERTIES),
        }  # fmt: skip
        if self.listed is not None:
            found[65426] = (4, [start & 0xFFFFFFFF for start in self.listed])
            found[65432] = (4, [start >> 32 for start in self.listed])
        found.update(self.tags)
        return [(code, *entry) for code, entry in found.items() if code not in self.without]


def page(pixels: np.ndarray, *, interval: int = 0, lists: bool = True, **more) -> Page:
    """A page of `pixels`, its restart positions listed where it has them."""
    given = {key: more.pop(key) for key in ("quality", "subsampling", "optimize") if key in more}
    stream = jpeg(pixels, interval=interval, **given)
    listed = starts(stream) if interval and lists else None
    rows, columns = pixels.shape[:2]
    return Page(stream, columns, rows, listed=listed, **more)


def macro() -> Page:
    """The whole glass, its label to be read."""
    return page(tissue(40, 120, 9), lens=-1.0)


def pyramid(rows: int, columns: int, *, interval: int, seed: int = 0, **more) -> list[Page]:
    """Three levels, each a quarter of the last, and the macro."""
    base = tissue(rows, columns, seed)
    small, tiny = base[::4, ::4], tissue(rows // 16, columns // 16, seed)
    return [
        page(base, interval=interval, **more),
        page(np.ascontiguousarray(small), interval=interval // 4, lens=5.0),
        page(tiny, lens=1.25),
        macro(),
    ]


def write_ndpi(path: Path, pages: Sequence[Page], *, mpp: float = 0.5, after: int = 0) -> Path:
    """Write `pages`, with a gap of `after` bytes before the first: the file is sparse there."""
    link, at = 4, 12 + after
    with path.open("wb") as file:
        file.write(b"II*\0" + bytes(8))
        for each in pages:
            at += -at % 2
            file.seek(at)
            file.write(each.stream)
            where = at
            entries, data = [], b""
            at += len(each.stream)
            for code, kind, value in each.entries(mpp):
                raw, count = _packed(kind, value)
                if code == 273 and value == [0]:
                    raw = struct.pack("<Q", where)
                if code == 273 or (kind != 2 and len(raw) <= 4):
                    entries.append((code, kind, count, raw[:4], raw[4:]))
                else:
                    entries.append((code, kind, count, *_halves(at + len(data))))
                    data += raw + bytes(len(raw) % 2)
            file.write(data)
            at += len(data)
            directory = struct.pack("<H", len(entries))
            for code, kind, count, low, _ in entries:
                directory += struct.pack("<HHI", code, kind, count) + low.ljust(4, b"\0")
            directory += bytes(8) + b"".join(high.ljust(4, b"\0") for *_, high in entries)
            file.write(directory)
            end = file.tell()
            file.seek(link)
            file.write(struct.pack("<Q", at))
            link, at = at + 2 + 12 * len(entries), end
    return path


def _packed(kind: int, value: object) -> tuple[bytes, int]:
    if isinstance(value, bytes):
        return value, len(value)
    if isinstance(value, str):
        return value.encode() + b"\0", len(value.encode()) + 1
    letter = {1: "B", 3: "H", 4: "I", 5: "I", 9: "i", 11: "f", 12: "d"}[kind]
    count = len(value) // 2 if kind == 5 else len(value)
    return struct.pack(f"<{len(value)}{letter}", *value), count


def _halves(offset: int) -> tuple[bytes, bytes]:
    raw = struct.pack("<Q", offset)
    return raw[:4], raw[4:]


def write_ndpis(path: Path, names: Sequence[str]) -> Path:
    lines = ["[NanoZoomer Digital Pathology Image Set]", f"NoImages={len(names)}"]
    lines += [f"Image{number}={name}" for number, name in enumerate(names)]
    path.write_bytes("\r\n".join([*lines, ""]).encode())
    return path


def write_vms(
    path: Path,
    grid: Sequence[Sequence[np.ndarray]],
    *,
    interval: int,
    small: np.ndarray | None = None,
    small_interval: int = 0,
    extra: str = "",
    without: tuple[str, ...] = (),
    layers: Sequence[Sequence[Sequence[np.ndarray]]] = (),
    **more,
) -> list[list[bytes]]:
    """A VMS of `grid[row][column]` images (and further `layers`); returns their streams."""
    stem = path.stem
    height = sum(row[0].shape[0] for row in grid)
    width = sum(each.shape[1] for each in grid[0])
    values = {
        "NoLayers": 1 + len(layers), "NoJpegColumns": len(grid[0]), "NoJpegRows": len(grid),
        "ImageFile": f"{stem}.jpg", "MapFile": f"{stem}_map2.jpg",
        "OptimisationFile": f"{stem}.opt", "AuthCode": 1432, "SourceLens": 40,
        "PhysicalWidth": width * 250, "PhysicalHeight": height * 250, "LayerSpacing": 1500,
        "MacroImage": f"{stem}_macro.jpg", "PhysicalMacroWidth": 75_800_000,
        "PhysicalMacroHeight": "25950000;", "XOffsetFromSlideCentre": 1_500_000,
        "YOffsetFromSlideCentre": -250_000, "Reference": REFERENCE,
    }  # fmt: skip
    streams: list[list[bytes]] = []
    listed = b""
    for layer, images in enumerate((grid, *layers)):
        for row, parts in enumerate(images):
            streams.append([])
            for column, pixels in enumerate(parts):
                stream = jpeg(pixels, interval=interval, **more)
                streams[-1].append(stream)
                key, name = f"ImageFile({column},{row})", f"{stem}({column},{row}).jpg"
                if layer:
                    key = f"ImageFile({layer},{column},{row})"
                    name = f"{stem}({layer},{column},{row}).jpg"
                elif row == column == 0:
                    key, name = "ImageFile", f"{stem}.jpg"
                values[key] = name
                (path.parent / name).write_bytes(stream)
                across = -(-pixels.shape[1] // 8) // interval if interval else 1
                listed += b"".join(
                    struct.pack("<Q", start) + bytes(32) for start in starts(stream)[::across]
                )
    (path.parent / f"{stem}.opt").write_bytes(listed[:-40])
    first = grid[0][0] if small is None else small
    reduced = np.ascontiguousarray(first[::4, ::4]) if small is None else small
    small_stream = jpeg(reduced, interval=small_interval)
    (path.parent / f"{stem}_map2.jpg").write_bytes(small_stream)
    (path.parent / f"{stem}_macro.jpg").write_bytes(jpeg(tissue(40, 120, 9)))
    lines = [f"{key}={value}" for key, value in values.items() if key not in without]
    path.write_text("\r\n".join(["[Virtual Microscope Specimen]", *lines, extra]), newline="")
    return streams


def picture(level, layer: int = 0) -> np.ndarray:
    """One focal plane of one channel of a level, put together from its tiles."""
    across = -(-level.columns // level.tile_columns)
    down = -(-level.rows // level.tile_rows)
    made = [
        [level.pixels((layer * down + row) * across + column) for column in range(across)]
        for row in range(down)
    ]
    whole = np.concatenate([np.concatenate(row, axis=1) for row in made])
    return whole[: level.rows, : level.columns]
