"""Aperio-like slides of noise and glass, of any size, as fast as a disk takes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import simplejpeg
import tifffile

from bigpicture.dicom.jpeg import END, START, read_head

TILE = 256


def write_noise(path: Path, side: int) -> Path:
    """Half of the tiles carry 18 kB as tissue does, the others 1.5 kB as glass does."""
    random = np.random.default_rng(1)
    noise = random.normal(200, 18, (TILE, TILE, 3)).clip(0, 255).astype(np.uint8)
    glass = random.normal(243, 2, (TILE, TILE, 3)).clip(0, 255).astype(np.uint8)
    streams = [simplejpeg.encode_jpeg(tile, 80, "RGB", "420") for tile in (noise, glass)]
    heads = [read_head(stream, place="tile") for stream in streams]
    # As scanners do: tables once for all tiles, which are abbreviated streams.
    encoded = [
        START + head.tail + stream[head.length :]
        for head, stream in zip(heads, streams, strict=True)
    ]
    tables = START + heads[0].tables + END
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for number, scale in enumerate((1, 4, 16, 64)):
            size = max(side // scale, TILE)
            writer.write(
                _tiles(encoded, size),
                shape=(size, size, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="ycbcr",
                subsampling=(2, 2),
                compression="jpeg",
                description=f"Aperio Image Library v1\n{size}x{size}|AppMag = 20|MPP = 0.5",
                metadata=None,
                software=False,
                extratags=[(347, 7, len(tables), tables, True)],
            )
            if number == 0:
                small = np.full((192, 192, 3), 243, np.uint8)
                writer.write(
                    small, photometric="rgb", compression="jpeg", rowsperstrip=192, metadata=None
                )
    return path


def _tiles(encoded: list[bytes], side: int) -> Iterator[bytes]:
    across = -(-side // TILE)
    return (encoded[number % len(encoded)] for number in range(across * across))


def write_many(path: Path, across: int) -> Path:
    """A slide of across² tiles, all of which are the same 64 × 64 pixels at the same place."""
    tile = 64
    stream = simplejpeg.encode_jpeg(np.full((tile, tile, 3), 240, np.uint8), 80, "RGB", "420")
    text = b"Aperio Image Library v1\nmany|AppMag = 20|MPP = 0.5\0"
    count, side = across * across, across * tile
    start = 16
    at_text, at_bits = start + len(stream), start + len(stream) + len(text)
    at_offsets = at_bits + 8
    at_lengths = at_offsets + 8 * count
    entries = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 3, 0x0008_0008_0008), (259, 3, 1, 7),
        (262, 3, 1, 6), (270, 2, len(text), at_text), (277, 3, 1, 3), (284, 3, 1, 1),
        (322, 3, 1, tile), (323, 3, 1, tile), (324, 16, count, at_offsets),
        (325, 4, count, at_lengths),
    ]  # fmt: skip
    at = at_lengths + 4 * count
    with path.open("wb") as file:
        file.write(b"II+\0" + struct.pack("<HHQ", 8, 0, at) + stream + text + bytes(8))
        file.write(np.full(count, start, "<u8").tobytes())
        file.write(np.full(count, len(stream), "<u4").tobytes())
        file.write(struct.pack("<Q", len(entries)))
        file.write(b"".join(struct.pack("<HHQQ", *entry) for entry in entries))
        file.write(bytes(8))
    return path
