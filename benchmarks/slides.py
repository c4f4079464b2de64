"""Converting slides, beside copying the file, beside wsidicomizer and beside the codecs alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import openslide
import tifffile

from benchmarks.claim import Claim
from benchmarks.memory import peak_memory
from benchmarks.peers import wsidicomizer
from benchmarks.svs_of_noise import TILE, write_many, write_noise
from bigpicture.dicom.background import Background
from bigpicture.dicom.codecs import encode_jpeg, encode_jpeg2000
from bigpicture.dicom.convert import convert
from bigpicture.dicom.header import build_header
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.optical_path import Optics
from bigpicture.dicom.recode import storage_of
from bigpicture.dicom.slide import Scanner, VendorSlide
from bigpicture.dicom.subject import Subject
from bigpicture.dicom.write import write_instance
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.image import Level

SIDE = 46_080
"""Of the slide that is copied: about 330 MB."""
LARGE_SIDE = 256_000
"""Of the slide that shows how much memory it takes: more than 10 GB."""
ROUNDS = 5
MEGA = 1_000_000
ROOM = 30 << 30
"""Bytes of disk that the large slide and its conversion need."""


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        return [
            *_copying(folder),
            *_encoding(folder),
            _opening(folder),
            *_memory(folder),
        ]


def _copying(folder: Path) -> list[Claim]:
    """The complete conversion (both digests, comparison, fsync), and the frame copy alone."""
    source = write_noise(folder / "invented.svs", SIDE)
    size = source.stat().st_size / MEGA
    with wsidicomizer() as peer:
        seconds = _interleaved(
            {
                "whole": lambda: _convert(source, _fresh(folder / "ours")),
                "alone": lambda: _copy_frames(source, _fresh(folder / "alone")),
                "copy": lambda: shutil.copyfile(source, folder / "copy"),
                **({"peer": lambda: peer.convert(source, folder / "peer", TILE)} if peer else {}),
            }
        )
    speed = {name: size / each for name, each in seconds.items()}
    found = [
        Claim.of(
            f"convert an SVS of {size:.0f} MB with both digests, against shutil.copyfile",
            ours=speed["whole"], peer=speed["copy"], unit="MB/s", target=0.25,
        )
    ]  # fmt: skip
    if "peer" in speed:
        for name, what, target in (
            ("whole", "convert an SVS with both digests, against wsidicomizer", 2.5),
            ("alone", "the frame copy alone, against wsidicomizer", 5.0),
        ):
            found.append(
                Claim.of(what, ours=speed[name], peer=speed["peer"], unit="MB/s", target=target)
            )
    shutil.rmtree(folder / "peer", ignore_errors=True)
    return found


def _encoding(folder: Path) -> list[Claim]:
    """What must be encoded again, against decoding and encoding alone on all cores."""
    random = np.random.default_rng(2)
    tissue = random.normal(200, 18, (TILE, TILE, 3)).clip(0, 255).astype(np.uint8)
    found: list[Claim] = []
    for name, compression, across, encode, options in (
        ("LZW to JPEG 2000 without loss", "lzw", 40, encode_jpeg2000, {"tile": (TILE, TILE)}),
        (
            "JPEG strips to JPEG",
            "jpeg",
            48,
            lambda pixels: encode_jpeg(pixels, is_subsampled=True),
            {"rowsperstrip": 64},
        ),
    ):
        # A reduced image stands beside the first one, so that no level has to be made.
        whole = np.tile(tissue, (across, across, 1))
        source = folder / f"{compression}.tif"
        with tifffile.TiffWriter(source) as writer:
            for number, picture in enumerate((whole, whole[:: across // 4, :: across // 4])):
                writer.write(
                    picture, photometric="rgb", compression=compression, metadata=None,
                    subfiletype=min(number, 1), resolution=(20000, 20000),
                    resolutionunit="CENTIMETER", **options,
                )  # fmt: skip
        size = whole.nbytes / MEGA
        out = folder / "recoded"
        seconds = _interleaved(
            {
                "ours": lambda source=source, out=out: _convert(source, _fresh(out)),
                "codec": lambda source=source, encode=encode: _codec_alone(source, encode),
            },
            rounds=3,
        )
        found.append(
            Claim.of(
                f"encode again: {name}, against the codecs alone on {os.cpu_count()} cores",
                ours=size / seconds["ours"],
                peer=size / seconds["codec"],
                unit="MB/s of pixels",
                target=0.8,
            )
        )
    return found


def _codec_alone(source: Path, encode: Callable[[np.ndarray], bytes]) -> None:
    """Decode and encode every tile of every level; nothing is kept."""
    with open_slide(source) as slide, ThreadPoolExecutor(os.cpu_count()) as pool:
        for level in slide.levels:
            across = -(-level.columns // level.tile_columns)
            count = across * -(-level.rows // level.tile_rows)
            for _ in pool.map(lambda index, level=level: encode(level.pixels(index)), range(count)):
                pass


def _opening(folder: Path) -> Claim:
    source = write_many(folder / "many.svs", 1000)

    def ours() -> None:
        with open_slide(source) as slide:
            assert slide.levels[0].columns == 64_000

    def peer() -> None:
        with openslide.OpenSlide(source) as slide:
            assert slide.dimensions == (64_000, 64_000)

    seconds = _interleaved({"ours": ours, "peer": peer}, rounds=4 * ROUNDS)
    return Claim.of(
        "open a slide of 1,000,000 frames (20 ms wanted), against OpenSlide",
        ours=seconds["ours"] * 1000,
        peer=seconds["peer"] * 1000,
        unit="ms",
        target=1.0,
        more_is_better=False,
    )


def _memory(folder: Path) -> list[Claim]:
    """Peak memory of a process that converts a slide of more than 10 GB."""
    if shutil.disk_usage(folder).free < ROOM:
        print(f"no room for a slide of 10 GB: {ROOM >> 30} GiB are needed (BENCH_FOLDER)")
        return []
    source = write_noise(folder / "large.svs", LARGE_SIDE)
    size = source.stat().st_size / 1e9
    command = [sys.executable, "-m", "benchmarks.slides", source, folder / "large"]
    peak = peak_memory(command) / MEGA
    return [
        Claim.of(
            f"memory while a slide of {size:.1f} GB is converted, against 300 MB",
            ours=peak, peer=300.0, unit="MB", target=1.0, more_is_better=False,
        )
    ]  # fmt: skip


def _interleaved(acts: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The median seconds of each, taken in turn, so that all meet the same machine.

    What an act answers as a float counts instead of the time that we see: a peer's own.
    """
    seconds: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(rounds):
        for name, act in acts.items():
            start = perf_counter()
            told = act()
            seconds[name].append(told if isinstance(told, float) else perf_counter() - start)
    return {name: median(each) for name, each in seconds.items()}


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _subject() -> Subject:
    return Subject(_uid, "image", "patient", "case", "specimen", "slide")


def _convert(source: Path, folder: Path) -> None:
    with open_slide(source) as slide:
        names = {field.name: Action.DROP for field in slide.fields}
        allowed = AllowList(slide.format, names)
    convert(source, folder, allowed=allowed, subject=_subject())


def _copy_frames(source: Path, folder: Path) -> None:
    """Every stored level into DICOM, durable, without any digest or comparison."""
    with open_slide(source) as slide:
        levels = _levels(slide)
        for level, from_level in zip(levels, slide.levels, strict=True):
            storage = storage_of(
                from_level.encoding, from_level.stack, is_resampled=level.index > 0
            )
            header = build_header(
                subject=_subject(),
                scanner=Scanner(),
                level=level,
                base=levels[0],
                storage=storage,
                optics=Optics(profile=b"\0" * 128),
            )
            frames = Background(from_level.encoding, level, from_level.stack).fill(from_level)
            path = folder / f"level-{level.index}.dcm"
            write_instance(path, header, frames, check=lambda _: None)


def _levels(slide: VendorSlide) -> list[Level]:
    return [
        Level(index, one.columns, one.rows, one.tile_columns, one.tile_rows, 0.5, 0.5)
        for index, one in enumerate(slide.levels)
    ]


def _uid(text: str) -> str:
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"


if __name__ == "__main__":
    _convert(Path(sys.argv[1]), _fresh(Path(sys.argv[2])))
