"""Train the detector on invented pictures, made while it learns, and write its weights and ONNX.

Usage: python -m training.detector.train OUT --stock FOLDER [--seconds 420] [--start WEIGHTS]
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import os
import time
from contextlib import suppress
from multiprocessing.pool import IMapIterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from training.detector import fonts, grounds, scene, scenes
from training.detector.net import CHANNELS, STRIDE, Net, export, levelled

SIDE = 256
CHUNK = 32
SEEDS = 1_000_000_000
"""Scenes of smaller seeds are for training; those above for evaluation."""
_HELD_BACK = 0.02
"""Share of the hardest pixels of a clean picture that count again: a false alarm is costly."""

Batch = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("out", type=Path)
    words.add_argument("--stock", type=Path, required=True)
    words.add_argument("--seconds", type=float, default=420)
    words.add_argument("--start", type=Path)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--batch", type=int, default=256)
    words.add_argument("--room", type=int, default=60_000)
    words.add_argument("--rate", type=float, default=4e-3)
    given = words.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    shelf, held = fonts.shelves(fonts.fonts())
    print(
        "fonts:",
        *sorted(
            {
                font.family
                for part in (shelf.printed, shelf.written)
                for row in part.values()
                for font in row
            }
        ),
    )
    print(
        "held out, not used:",
        *sorted(
            {
                font.family
                for part in (held.printed, held.written)
                for row in part.values()
                for font in row
            }
        ),
    )
    means = scene.train_means(shelf, grounds.load(given.stock))
    jobs = max(1, (os.cpu_count() or 2) - 1)
    with multiprocessing.get_context("fork").Pool(jobs, _ready, (means,)) as pool:
        seeds = range(given.seed * 1_000_000, given.seed * 1_000_000 + SEEDS // 2)
        chunks = pool.imap_unordered(_chunk, seeds)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net = Net().to(device)
        if given.start:
            net.load_state_dict(torch.load(given.start, map_location=device))
        best = learn(net, chunks, given, device)
        pool.terminate()
    torch.save(best.state_dict(), given.out / "weights.pt")
    export(best, given.out / "detector.onnx")


_MEANS: list[scene.Means] = []


def _ready(means: scene.Means) -> None:
    cv2.setNumThreads(1)
    _MEANS[:] = [means]


def _chunk(seed: int) -> Batch:
    """Scenes of one seed: pictures (n, side, side, 3), truth and ignored (n, side/4, side/4, 6)."""
    chance = np.random.default_rng(seed)
    pictures = np.empty((CHUNK, SIDE, SIDE, 3), np.uint8)
    truths = np.empty((CHUNK, SIDE // STRIDE, SIDE // STRIDE, 2 * CHANNELS), np.uint8)
    size = SIDE // STRIDE, SIDE // STRIDE
    for k in range(CHUNK):
        pictures[k], truth, ignored = scenes.training_scene(chance, SIDE, _MEANS[0])
        truths[k, ..., :CHANNELS] = cv2.resize(truth, size, interpolation=cv2.INTER_AREA)
        truths[k, ..., CHANNELS:] = cv2.resize(ignored, size, interpolation=cv2.INTER_AREA)
    return pictures, truths


class Ring:
    """The last `room` scenes, kept on the device; new ones take the place of the oldest."""

    def __init__(self, room: int, device: torch.device) -> None:
        self.pictures = torch.empty((room, 3, SIDE, SIDE), dtype=torch.uint8, device=device)
        self.truths = torch.empty(
            (room, 2 * CHANNELS, SIDE // STRIDE, SIDE // STRIDE), dtype=torch.uint8, device=device
        )
        self.room, self.made = room, 0

    def take(self, chunk: Batch) -> None:
        first = self.made % (self.room - CHUNK)
        for store, new in zip((self.pictures, self.truths), chunk, strict=True):
            store[first : first + CHUNK] = (
                torch.from_numpy(new).to(store.device, non_blocking=True).permute(0, 3, 1, 2)
            )
        self.made += CHUNK

    def draw(self, number: int) -> tuple[Tensor, Tensor]:
        """Scenes by chance, turned, mirrored and tinted anew."""
        held = min(self.made, self.room - CHUNK)
        chosen = torch.randint(0, held, (number,), device=self.pictures.device)
        pictures, truths = self.pictures[chosen].float() / 255, self.truths[chosen].float() / 255
        if torch.rand(()) < 0.5:
            pictures, truths = pictures.flip(-1), truths.flip(-1)
        turns = int(torch.randint(0, 4, ()))
        pictures, truths = pictures.rot90(turns, (2, 3)), truths.rot90(turns, (2, 3))
        gain = 1 + 0.12 * torch.randn((number, 3, 1, 1), device=pictures.device)
        shift = 0.06 * torch.randn((number, 3, 1, 1), device=pictures.device)
        return (pictures * gain + shift).clamp(0, 1), truths


def learn(
    net: Net, chunks: IMapIterator[Batch], given: argparse.Namespace, device: torch.device
) -> Net:
    """Train until the time is over; returns the running mean of the weights."""
    ring = Ring(given.room, device)
    began = time.monotonic()
    while ring.made < 16 * given.batch:
        ring.take(next(chunks))
    optimiser = torch.optim.AdamW(net.parameters(), lr=given.rate, weight_decay=1e-3)
    best, step, told, total = copy.deepcopy(net), 0, began, 0.0
    net.to(memory_format=torch.channels_last)
    while (spent := (time.monotonic() - began) / given.seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = (
                given.rate * min(1, step / 200 + 0.02) * (0.5 + 0.5 * np.cos(np.pi * spent)) + 1e-5
            )
        _take_ready(ring, chunks)
        for _ in range(2):
            pictures, truths = ring.draw(given.batch)
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                maps = net(levelled(pictures).contiguous(memory_format=torch.channels_last))
            loss = loss_of(maps.float(), truths)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            step += 1
            _follow(best, net, min(0.999, step / (step + 20)))
        total = 0.98 * total + 0.02 * float(loss.detach()) if step > 2 else float(loss.detach())
        if time.monotonic() - told > 15:
            told = time.monotonic()
            torch.save(best.state_dict(), given.out / "weights.pt")
            print(f"{spent:6.1%} step {step} scenes {ring.made} loss {total:.4f}", flush=True)
    return best


def _take_ready(ring: Ring, chunks: IMapIterator[Batch], most: int = 6) -> None:
    """Take the scenes that wait, and wait for none."""
    with suppress(multiprocessing.TimeoutError):
        for _ in range(most):
            ring.take(chunks.next(timeout=0))


def loss_of(maps: Tensor, truths: Tensor) -> Tensor:
    """Cross-entropy where it counts, edges a little, the worst of clean pictures once more."""
    truth, ignored = truths[:, :CHANNELS], truths[:, CHANNELS:]
    is_edge = (truth > 0.1) & (truth < 0.9)
    weight = torch.where(is_edge, 0.25, 1.0) * (ignored < 0.1)
    plain = functional.binary_cross_entropy_with_logits(maps, truth, reduction="none") * weight
    weighed = plain * torch.where(truth > 0.5, 2.0, 1.0)
    empty = (truth.amax(dim=(2, 3)) == 0)[..., None]
    flat = (plain.flatten(2) * empty).flatten(0, 1)
    worst = flat.topk(max(1, int(flat.shape[1] * _HELD_BACK)), dim=1).values
    return weighed.mean() + 0.2 * worst.mean()


@torch.no_grad()
def _follow(best: Net, net: Net, keep: float) -> None:
    for mean, value in zip(best.parameters(), net.parameters(), strict=True):
        mean.lerp_(value, 1 - keep)
    for mean, value in zip(best.buffers(), net.buffers(), strict=True):
        mean.copy_(value)


if __name__ == "__main__":
    main()
