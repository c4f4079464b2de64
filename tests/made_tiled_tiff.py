"""Writes tiled TIFFs and BigTIFFs by hand (TIFF 6.0 and the BigTIFF design), each tag as told."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 16: 8}
_LETTERS = {3: "H", 4: "I", 16: "Q"}


@dataclass
class Page:
    """One directory: `tags` by code as (type, values), and its tiles (b"" where one is missing)."""

    tags: dict[int, tuple[int, object]]
    tiles: list[bytes] = field(default_factory=list)
    strips: list[bytes] = field(default_factory=list)


def rational(value: float) -> tuple[int, object]:
    return 5, struct.pack("<II", round(value * 1000), 1000)


def text(value: str) -> tuple[int, object]:
    return 2, value.encode() + b"\0"


def tiled(
    columns: int, rows: int, tiles: list[bytes], *, tile=256, samples=3, photometric=6,
    compression=7, sampling=(2, 2), mpp=0.5, **more,
) -> Page:  # fmt: skip
    """A page of JPEG tiles, YCbCr unless said otherwise. `more` are tags as `t270=text(...)`."""
    tags: dict[int, tuple[int, object]] = {
        256: (4, [columns]), 257: (4, [rows]), 258: (3, [8] * samples), 259: (3, [compression]),
        262: (3, [photometric]), 277: (3, [samples]), 282: rational(10_000 / mpp),
        283: rational(10_000 / mpp), 284: (3, [1]), 296: (3, [3]), 322: (3, [tile]),
        323: (3, [tile]),
    }  # fmt: skip
    if photometric == 6:
        tags[530] = (3, list(sampling))
    tags.update({int(name[1:]): value for name, value in more.items()})
    return Page(tags, tiles)


def write_tiff(path: Path, pages: list[Page], *, big=True) -> None:
    """The pages as a little-endian file: tiles first, then each directory with its values."""
    body = bytearray(b"II+\0" + struct.pack("<HHQ", 8, 0, 0) if big else b"II*\0" + bytes(4))
    head_at, pointer = (8, "<Q") if big else (4, "<I")
    for page in pages:
        for data, (offsets, counts) in ((page.tiles, (324, 325)), (page.strips, (273, 279))):
            if data:
                places = []
                for part in data:
                    places.append(len(body) if part else 0)
                    body += part
                page.tags[offsets] = (16 if big else 4, places)
                page.tags[counts] = (4, [len(part) for part in data])
    link_at = head_at
    for page in pages:
        entries, values = [], {}
        for code, (kind, value) in sorted(page.tags.items()):
            raw = _packed(kind, value)
            values[code] = (kind, len(raw) // _SIZES[kind], raw)
        body += b"\0" * (len(body) % 2)
        for code, (kind, count, raw) in values.items():
            room = 8 if big else 4
            if len(raw) > room:
                at = len(body)
                body += raw + b"\0" * (len(raw) % 2)
                raw = struct.pack(pointer, at)
            shape = "<HHQ" if big else "<HHI"
            entries.append(struct.pack(shape, code, kind, count) + raw.ljust(room, b"\0"))
        struct.pack_into(pointer, body, link_at, len(body))
        body += struct.pack("<Q" if big else "<H", len(entries)) + b"".join(entries)
        link_at = len(body)
        body += struct.pack(pointer, 0)
    path.write_bytes(body)


def _packed(kind: int, value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return struct.pack(f"<{len(value)}{_LETTERS[kind]}", *value)


def cut(picture: np.ndarray, tile: int) -> list[np.ndarray]:
    """The tiles of a picture, row by row, the last ones filled up with their edge."""
    rows, columns = picture.shape[:2]
    found = []
    for top in range(0, rows, tile):
        for left in range(0, columns, tile):
            part = picture[top : top + tile, left : left + tile]
            room = [(0, tile - part.shape[0]), (0, tile - part.shape[1])]
            part = np.pad(part, room + [(0, 0)] * (picture.ndim - 2), mode="edge")
            found.append(np.ascontiguousarray(part))
    return found


def jpegs(picture: np.ndarray, tile=256, quality=85, sampling="420") -> list[bytes]:
    """YCbCr streams with their own tables."""
    return [simplejpeg.encode_jpeg(part, quality, "RGB", sampling) for part in cut(picture, tile)]


def grey_jpegs(picture: np.ndarray, tile=256, quality=90) -> list[bytes]:
    """One-component streams."""
    return [bytes(imagecodecs.jpeg8_encode(part, level=quality)) for part in cut(picture, tile)]


def rgb_jpegs(picture: np.ndarray, tile=256, quality=90) -> list[bytes]:
    """RGB without a transform and without Adobe's or JFIF's segment."""
    streams = [
        bytes(imagecodecs.jpeg8_encode(part, level=quality, colorspace="RGB", outcolorspace="RGB"))
        for part in cut(picture, tile)
    ]
    return [stream[:2] + stream[18:] for stream in streams]


def abbreviated(stream: bytes) -> tuple[bytes, bytes]:
    """A stream's tables as TIFF's JPEGTables, and the stream without them (Technical Note 2)."""
    tables, rest, position = bytearray(), bytearray(stream[:2]), 2
    while stream[position + 1] != 0xDA:
        length = 2 + struct.unpack_from(">H", stream, position + 2)[0]
        into = tables if stream[position + 1] in {0xDB, 0xC4} else rest
        into += stream[position : position + length]
        position += length
    return b"\xff\xd8" + bytes(tables) + b"\xff\xd9", bytes(rest) + stream[position:]


def scan_of(stream: bytes) -> bytes:
    """The entropy-coded data of a stream, with the marker that ends it."""
    at = stream.index(b"\xff\xda")
    return stream[at + 2 + struct.unpack_from(">H", stream, at + 2)[0] :]


def tissue(rows: int, columns: int, seed=1) -> np.ndarray:
    """Noise on a smooth ground: no tile and no pixel row equals another."""
    noise = np.random.default_rng(seed).integers(-20, 20, (rows, columns, 3))
    y, x = np.mgrid[0:rows, 0:columns]
    ground = np.stack([x % 200 + 30, y % 180 + 40, (x + y) % 160 + 60], axis=-1)
    return (ground + noise).clip(0, 255).astype(np.uint8)


def halved(picture: np.ndarray, factor: int) -> np.ndarray:
    """Every `factor`-th pixel; a size that does not divide is rounded down."""
    rows, columns = picture.shape[0] // factor, picture.shape[1] // factor
    return np.ascontiguousarray(picture[::factor, ::factor][:rows, :columns])
