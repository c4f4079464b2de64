"""A thousand people pan at once on one web process: memory, errors, waiting, fair shares.

Each has a connection of its own and asks for the tile beside the last one, at most twice a second,
as a person does. BENCH_PANNING_SECONDS says for how long (60 unless said; ten minutes are 600).
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from benchmarks.claim import Claim
from benchmarks.node import free_port
from benchmarks.shown import Shown, shown
from bigpicture.app.demo import served
from bigpicture.phantom.datasets import Kind

PEOPLE = 1000
PAUSE = 0.5
SECONDS = float(os.environ.get("BENCH_PANNING_SECONDS", "60"))
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))


@dataclass
class Told:
    """What the people met."""

    waited: list[float] = field(default_factory=list)
    """Seconds from asking to the last byte."""
    served: list[int] = field(default_factory=list)
    """Tiles of each person."""
    errors: int = 0


def claims() -> list[Claim]:
    """Waiting in ms against a tenth of a second; MB after and before; the least served of all."""
    slide = shown(Kind.CLINICAL)
    port = free_port()
    settings = slide.stores.settings.model_copy(
        update={"port": port, "slot": f"bench-{port}", "segment_cache_bytes": 128 << 20}
    )
    with served(settings) as process:
        asyncio.run(_all(slide, port, seconds=10))  # memories fill once
        before = _resident(process.pid)
        told = asyncio.run(_all(slide, port, seconds=SECONDS))
        after = _resident(process.pid)
    centiles = quantiles(told.waited, n=100)
    print(
        f"{PEOPLE} people, {SECONDS:g} s: {len(told.waited)} tiles, {told.errors} errors, p50 "
        f"{centiles[49] * 1e3:.1f} ms, p99 {centiles[98] * 1e3:.1f} ms, "
        f"{min(told.served)} to {max(told.served)} tiles each, {before:.0f} to {after:.0f} MB"
    )
    if told.errors:
        raise RuntimeError(f"{told.errors} of {len(told.waited)} requests failed")
    people = {"unit": "", "more_is_better": False}
    return [
        Claim.of(
            "1,000 pan: p99 against 100 ms",
            **{**people, "unit": "ms"}, ours=centiles[98] * 1e3, peer=100.0, target=1,
        ),
        Claim.of(
            "1,000 pan: memory after, against before",
            **{**people, "unit": "MB"}, ours=after, peer=before, target=0.9,
        ),
        Claim.of(
            "1,000 pan: tiles of the least served, against the most",
            ours=min(told.served), peer=max(told.served), unit="tiles", target=0.8,
        ),
    ]  # fmt: skip


async def _all(slide: Shown, port: int, *, seconds: float) -> Told:
    told = Told()
    until = perf_counter() + seconds
    people = [_person(slide, port, number, until, told) for number in range(PEOPLE)]
    told.served += await asyncio.gather(*people)
    return told


async def _person(slide: Shown, port: int, number: int, until: float, told: Told) -> int:
    chance = random.Random(number)
    column, row = chance.randrange(slide.across), chance.randrange(slide.down)
    await asyncio.sleep(chance.random() * PAUSE)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    tiles = 0
    while (began := perf_counter()) < until:
        step = chance.choice(_STEPS)
        column = min(max(column + step[0], 0), slide.across - 1)
        row = min(max(row + step[1], 0), slide.down - 1)
        writer.write(
            f"GET /tiles/{slide.image}/0/{column}_{row} HTTP/1.1\r\nHost: here\r\n"
            f"Authorization: Bearer {slide.token}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        told.waited.append(perf_counter() - began)
        told.errors += not head.startswith(b"HTTP/1.1 200")
        tiles += 1
        await asyncio.sleep(max(0.0, PAUSE - (perf_counter() - began)))
    writer.close()
    return tiles


def _resident(pid: int) -> float:
    """MB of memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1e3
    raise RuntimeError("this system does not tell a process's memory")
