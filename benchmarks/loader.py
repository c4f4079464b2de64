"""The stream of patches of 256 pixels beside the decoder alone, OpenSlide, and itself from afar.

The decoder alone gets its frames in memory, one after the other. OpenSlide is a dataset of torch
that a `DataLoader` shuffles and collates in this process; where patches are resampled, it reads its
finest level and OpenCV makes them small. From afar is a node whose every byte is 10 ms under way in
each direction; its CPU is this machine's as well.
"""

from __future__ import annotations

import gc
import random
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
import torch
from openslide import OpenSlide
from torch.utils.data import DataLoader, Dataset

import bigpicture
from benchmarks.claim import Claim
from benchmarks.node import free_port, interleaved, wait_for
from benchmarks.shown import TILE, Shown, shown
from bigpicture.app.demo import served
from bigpicture.phantom.datasets import Kind

ROUNDS = 5
SECONDS = 0.02
BATCH = 64
RESAMPLED = 1.6
"""Of the finest scale: between stored levels."""
MANY = 200_000
"""Patches over which memory is watched."""
_SMALL = 32


def claims() -> list[Claim]:
    """Patches a second, medians of rounds in turns; every patch was compared with OpenSlide."""
    slide = shown(Kind.NONCLINICAL)
    torch.set_num_threads(1)  # as in the workers of a loader: more of them only wait for each other
    return [*_here(slide), _far(slide), _memory(slide)]


def _here(slide: Shown) -> list[Claim]:
    level, mpp = slide.levels[0].level, slide.levels[0].level.mpp_x
    across, down = level.columns // TILE, level.rows // TILE
    places = [(x * TILE, y * TILE) for x in range(across) for y in range(down)]
    random.Random(1).shuffle(places)
    frames = [slide.levels[0].frame(x // TILE, y // TILE) for x, y in places]
    peer = OpenSlide(slide.finest)

    def decode():
        for frame in frames:
            simplejpeg.decode_jpeg(frame, "RGB")

    def stream(scale, threads):
        made = bigpicture.patches(
            slide.finest.parent, mpp=mpp * scale, size=TILE, batch=BATCH, threads=threads
        )
        return lambda: sum(batch.count for batch in made)

    def openslide(side):
        patches = OpenSlidePatches(slide.finest, places if side == TILE else coarse, side)
        loader = DataLoader(patches, batch_size=BATCH, shuffle=True)
        return lambda: sum(len(batch) for batch in loader)

    side = round(TILE * RESAMPLED)
    coarse = [
        (x, y)
        for x in range(0, level.columns - side, side)
        for y in range(0, level.rows - side, side)
    ]
    _compare(slide, peer, mpp)
    acts = (
        decode, stream(1, 1), stream(1, 2), openslide(TILE), stream(RESAMPLED, 1), openslide(side),
    )  # fmt: skip
    pure, one, two, theirs, made, theirs_made = interleaved(*acts, rounds=ROUNDS)
    many, few = len(places), stream(RESAMPLED, 1)()

    def claim(name, ours, peer, target):
        return Claim.of(name, ours=ours, peer=peer, unit="patches/s", target=target)

    return [
        claim("aligned, one thread reads, against the decoder alone", many / one, many / pure, 0.9),
        claim(
            "aligned, one thread reads, against a DataLoader over OpenSlide",
            many / one, many / theirs, 5,
        ),
        claim("aligned, two threads read, against one", many / two, many / one, 1),
        claim("resampled, one thread reads, against aligned", few / made, many / one, 0.3),
        claim(
            "resampled, one thread reads, against a DataLoader over OpenSlide and OpenCV",
            few / made, len(coarse) / theirs_made, 1,
        ),
    ]  # fmt: skip


class OpenSlidePatches(Dataset[torch.Tensor]):
    """What training over OpenSlide usually is: a patch (TILE, TILE, 3), uint8, by its number."""

    def __init__(self, path: Path, places: Sequence[tuple[int, int]], side: int) -> None:
        self._slide, self._places, self._side = OpenSlide(path), places, side

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> torch.Tensor:
        size = self._side, self._side
        read = np.asarray(self._slide.read_region(self._places[number], 0, size))[..., :3]
        if self._side != TILE:
            read = cv2.resize(read, (TILE, TILE), interpolation=cv2.INTER_AREA)
        return torch.from_numpy(np.ascontiguousarray(read))


def _compare(slide: Shown, peer: OpenSlide, mpp: float) -> None:
    for batch in bigpicture.patches(slide.finest.parent, mpp=mpp, size=TILE, batch=BATCH):
        for corner, pixels in zip(batch.corners.astype(int), batch.pixels, strict=True):
            theirs = np.asarray(peer.read_region(tuple(corner), 0, (TILE, TILE)))
            if not np.array_equal(pixels, theirs[..., :3]):
                raise RuntimeError("a patch is not what OpenSlide shows")


def _far(slide: Shown) -> Claim:
    mpp = slide.levels[0].level.mpp_x
    here = bigpicture.patches(slide.finest.parent, mpp=mpp, size=TILE, batch=BATCH, threads=2)
    with _node_far_away(slide) as url, bigpicture.connect(url, slide.token) as node:
        there = node.patches([slide.image], mpp=mpp, size=TILE, batch=BATCH)
        near, far = interleaved(
            lambda: sum(batch.count for batch in here),
            lambda: sum(batch.count for batch in there),
            rounds=ROUNDS,
        )
        many = sum(batch.count for batch in there)
    return Claim.of(
        "aligned, from a node 20 ms away, against this disk",
        ours=many / far, peer=many / near, unit="patches/s", target=0.7,
    )  # fmt: skip


def _memory(slide: Shown) -> Claim:
    """The process after many patches, against the same after a fiftieth of them."""
    mpp = slide.levels[0].level.mpp_x
    stream = bigpicture.patches(slide.finest.parent, mpp=mpp, size=_SMALL, batch=BATCH)
    seen, early = 0, 0.0
    while seen < MANY:
        for batch in stream:
            seen += batch.count
            if not early and seen > MANY // 50:
                early = _resident()
    gc.collect()
    return Claim.of(
        f"resident memory after {MANY:,} patches, against after {MANY // 50:,}",
        ours=_resident(), peer=early, unit="MB", target=0.95, more_is_better=False,
    )  # fmt: skip


def _resident() -> float:
    try:
        status = Path("/proc/self/statm").read_text().split()
        return int(status[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@contextmanager
def _node_far_away(slide: Shown) -> Iterator[str]:
    port, far = free_port(), free_port()
    settings = slide.stores.settings.model_copy(
        update={"port": port, "segment_cache_bytes": 128 << 20, "slot": f"loader-{port}"}
    )
    with served(settings):
        words = ["-m", "benchmarks.delay", str(far), str(port), str(SECONDS)]
        process = subprocess.Popen([sys.executable, *words])
        try:
            wait_for(far)
            yield f"http://127.0.0.1:{far}"
        finally:
            process.terminate()
            process.wait()
