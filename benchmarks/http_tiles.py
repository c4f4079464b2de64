"""Authorised tiles over HTTP under wrk, beside nginx, large_image and OpenSlide's DeepZoom.

All serve the same JPEG streams of one slide, random ones of 768; nobody keeps whole tiles. Ours
come from the sealed store under a grant: each is decided on, each read is counted. "Sealed" has its
memory of opened segments of 64 KiB, as nodes have; "nothing remembered" opens one or two for each
tile of 14 kB. There is no store that is not sealed. nginx serves the tiles as plain files and asks
nobody. "uvicorn alone" answers with the same 14 kB each time: what any Python behind it can reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from benchmarks.claim import Claim
from benchmarks.nginx import nginx
from benchmarks.node import free_port, serving
from benchmarks.peers import PYTHON
from benchmarks.shown import Shown, shown
from benchmarks.wrk import Load, is_here, load
from bigpicture.app.demo import served
from bigpicture.phantom.datasets import Kind

ROUNDS = 3
_PEERS = {"large_image, defaults": "default", "large_image, fastest": "fastest"}
_TARGETS = {"large_image, defaults": 10.0, "large_image, fastest": 3.0, "DeepZoom": 30.0}


def claims() -> list[Claim]:
    """Requests a second, medians of rounds in turns; p99 in ms against its goal of 15."""
    if not is_here():
        return []
    slide = shown(Kind.CLINICAL)
    with ExitStack() as running:
        asked: dict[str, Callable[[], Load]] = {}
        for name, workers, memory in (
            ("sealed, nothing remembered", 1, 0),
            ("sealed", 1, 128 << 20),
            ("sealed, 2 workers", 2, 128 << 20),
        ):
            port = running.enter_context(_ours(slide, workers=workers, memory=memory))
            paths = [f"/tiles/{slide.image}/0/{at}" for at in _places(slide)]
            asked[name] = _asking(port, paths, slide.token)
        port = running.enter_context(nginx(slide.tiles))
        if port:
            asked["nginx"] = _asking(port, [f"/{at}.jpg" for at in _places(slide)])
        for name, kind in _PEERS.items() if PYTHON.exists() else ():
            port, _ = running.enter_context(
                serving(
                    "benchmarks.peer_tile_server:application",
                    python=PYTHON,
                    PEER_SLIDE=str(slide.tiff),
                    PEER_KIND=kind,
                )
            )
            asked[name] = _asking(port, [f"/{at}" for at in _places(slide)])
        port, _ = running.enter_context(
            serving("benchmarks.deepzoom:application", DEEPZOOM_SLIDE=str(slide.tiff))
        )
        port_of_nothing, _ = running.enter_context(serving("benchmarks.nothing:application"))
        asked["uvicorn alone"] = _asking(port_of_nothing, ["/"])
        asked["DeepZoom"] = _asking(port, [f"/{at}" for at in _places(slide)])
        for one in asked.values():
            one()
        loads = {name: [] for name in asked}
        for _ in range(ROUNDS):
            for name, one in asked.items():
                loads[name].append(one())
    rate = {name: median(each.rate for each in found) for name, found in loads.items()}
    p99 = median(each.p99 for each in loads["sealed"])
    found = [
        _rate(f"{ours} tile against {peer}", rate[ours], rate[peer], target)
        for ours, peer, target in (
            ("sealed", "nginx", 0.3),
            ("sealed, nothing remembered", "nginx", 0.3),
            ("uvicorn alone", "nginx", 0.5),
            *(("sealed", peer, target) for peer, target in _TARGETS.items()),
            ("sealed, 2 workers", "sealed", 1.0),
        )
        if peer in rate
    ]
    goal = Claim.of(
        "p99 at 16 connections, against 15 ms",
        ours=p99, peer=15.0, unit="ms", target=1, more_is_better=False,
    )  # fmt: skip
    return [*found, goal]


def _rate(name: str, ours: float, peer: float, target: float) -> Claim:
    return Claim.of(name, ours=ours, peer=peer, unit="tiles/s", target=target)


def _places(slide: Shown) -> list[str]:
    return [f"{column}_{row}" for row in range(slide.down) for column in range(slide.across)]


def _asking(port: int, paths: list[str], token: str = "") -> Callable[[], Load]:
    return lambda: load(port, paths, token=token)


@contextmanager
def _ours(slide: Shown, *, workers: int, memory: int) -> Iterator[int]:
    port = free_port()
    settings = slide.stores.settings.model_copy(
        update={
            "port": port, "workers": workers, "segment_cache_bytes": memory, "slot": f"b-{port}",
        }
    )  # fmt: skip
    with served(settings):
        yield port
