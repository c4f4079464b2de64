"""Converting slides, beside copying the file and beside wsidicomizer."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import simplejpeg
import tifffile

from benchmarks.claim import Claim
from bigpicture.dicom.convert import convert
from bigpicture.dicom.jpeg import END, START, read_head
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.subject import Subject
from bigpicture.model.allowance import Action, AllowList

SIDE, TILE = 24_576, 256
ROUNDS = 3
MEGA = 1_000_000


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_noise(folder / "invented.svs")
        found = [_against_copy(source, folder)]
        if importlib.util.find_spec("wsidicomizer"):
            found.append(_against_wsidicomizer(source, folder))
        return found


def _against_copy(source: Path, folder: Path) -> Claim:
    """Conversion with digests and fsync against a bare copy in the kernel."""
    ours = _speed(source, lambda: _convert(source, folder / "ours"))
    peer = _speed(source, lambda: shutil.copyfile(source, folder / "copy"))
    return Claim.of(
        "convert an SVS, against shutil.copyfile", ours=ours, peer=peer, unit="MB/s", target=0.25
    )


def _against_wsidicomizer(source: Path, folder: Path) -> Claim:
    from wsidicomizer import WsiDicomizer

    ours = _speed(source, lambda: _convert(source, folder / "ours"))
    peer = _speed(
        source, lambda: WsiDicomizer.convert(source, _fresh(folder / "peer"), tile_size=TILE)
    )
    return Claim.of(
        "convert an SVS, against wsidicomizer", ours=ours, peer=peer, unit="MB/s", target=5.0
    )


def _speed(source: Path, act: Callable[[], object]) -> float:
    """Megabytes of the source a second, the median of some rounds."""
    seconds: list[float] = []
    for _ in range(ROUNDS):
        start = perf_counter()
        act()
        seconds.append(perf_counter() - start)
    return source.stat().st_size / MEGA / median(seconds)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _convert(source: Path, folder: Path) -> None:
    with open_slide(source) as slide:
        names = {field.name: Action.DROP for field in slide.fields}
        allowed = AllowList(slide.format, names)
    subject = Subject(_uid, "image", "patient", "case", "specimen", "slide")
    convert(source, _fresh(folder), allowed=allowed, subject=subject)


def _uid(text: str) -> str:
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"


def write_noise(path: Path) -> Path:
    """An Aperio-like slide of noise and glass: a third of the tiles carry 16 kB, the rest 1 kB."""
    random = np.random.default_rng(1)
    noise = random.normal(200, 18, (TILE, TILE, 3)).clip(0, 255).astype(np.uint8)
    glass = np.full((TILE, TILE, 3), 243, np.uint8)
    streams = [simplejpeg.encode_jpeg(tile, 80, "RGB", "420") for tile in (noise, glass, glass)]
    heads = [read_head(stream, place="tile") for stream in streams]
    # As scanners do: tables once for all tiles, which are abbreviated streams.
    encoded = [
        START + head.tail + stream[head.length :]
        for head, stream in zip(heads, streams, strict=True)
    ]
    tables = START + heads[0].tables + END
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for number, side in enumerate((SIDE, SIDE // 4, SIDE // 16)):
            writer.write(
                _tiles(encoded, side),
                shape=(side, side, 3),
                dtype=np.uint8,
                tile=(TILE, TILE),
                photometric="ycbcr",
                subsampling=(2, 2),
                compression="jpeg",
                description=f"Aperio Image Library v1\n{side}x{side}|AppMag = 20|MPP = 0.5",
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


if __name__ == "__main__":
    for claim in claims():
        print(claim)
