"""Questions over three million slides, beside DuckDB and PostgreSQL over a flat table.

Two hundred questions of two to four filters, most of them for a term over others, within 150, 300
or 500 datasets; answered with the total, the counts of every facet (its own filter left out) and
the first fifty images. Ours is asked over HTTP of a node with a web process for each core, and
decides who may see what; the peers are asked in their own process or over a socket, and are told
what may be seen. All answers are compared.

`BENCH_CATALOGUE_SLIDES` and `_DATASETS` say how large, `_QUESTIONS` and `_PEER_QUESTIONS` how many,
`_DATA` names a folder that is kept for the next run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import delete

from benchmarks.catalogue_flat import SINGLE, flat_tables
from benchmarks.catalogue_node import (
    VISIBLE,
    Ours,
    differences,
    node_settings,
    on_postgresql,
    people,
    running,
)
from benchmarks.catalogue_peers import Peer, duckdb, postgresql, write_flat
from benchmarks.catalogue_questions import FIELDS, Asked, questions
from benchmarks.claim import Claim
from benchmarks.memory import held_by
from bigpicture.catalogue.hierarchy import load_hierarchy
from bigpicture.model.policy import AccessTier
from bigpicture.phantom.records.disorders import SCHEME, tree
from bigpicture.phantom.records.plan import more_datasets
from bigpicture.phantom.records.write import invented, remove_datasets, write_datasets
from bigpicture.settings import Settings
from bigpicture.storage.records import open_records
from bigpicture.storage.records.tables import catalogue_segments

COUNT = int(os.environ.get("BENCH_CATALOGUE_QUESTIONS", "200"))
PEER_COUNT = int(os.environ.get("BENCH_CATALOGUE_PEER_QUESTIONS", "60"))
DATA = os.environ.get("BENCH_CATALOGUE_DATA", "")
_CLIENTS = 4
_GOALS = {"p50": 20.0, "p95": 50.0}
"""Milliseconds over HTTP, one client, default facets; four that never pause may take twice that."""
_GOALS_OF_ALL = {"p50": 40.0, "p95": 80.0}
_PUBLISHED = 5_000
"""Slides of the dataset whose way to being seen is timed."""


def claims() -> list[Claim]:
    """p50 and p95 beside the peers' and beside goals; how soon, how large, how long."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(DATA or name)
        settings = node_settings(data)
        records = open_records(settings.records_url)
        tokens, seen = people(records)
        kept = data / "bench"
        kept.mkdir(exist_ok=True)
        flat = kept / "flat.parquet"
        terms = load_hierarchy(settings.terminologies)
        if not flat.exists():
            write_flat(flat_tables(records, terms), flat)
        found: list[Claim] = []
        with ExitStack() as stack:
            cores = os.cpu_count() or 1
            peers = [
                stack.enter_context(duckdb(kept / "flat.duckdb", flat, seen, cores)),
                stack.enter_context(postgresql(kept / "postgresql", flat, seen)),
            ]
            asked = drawn(peers[0], COUNT)
            with running(settings, tokens, workers=cores) as ours:
                found += beside_peers(ours, peers, asked[:PEER_COUNT])
                found += alone("SQLite", ours, asked)
                found.append(soon_seen(ours, settings))
                told = [ours.ask(each, None)[1] for each in asked]
            found += elsewhere(data, asked, told, cores)
        found += at_rest(settings, tokens)
        records.close()
        return found


def drawn(peer: Peer, count: int) -> list[Asked]:
    """The questions, from what the flat table holds."""
    values = {name: peer.values(name) for name in FIELDS if name in {*SINGLE, "organ", "diagnosis",
                                                                      "severity"}}  # fmt: skip
    parents = {f"{SCHEME}:{parent}" for each in tree() for parent in each.parents}
    leaves = frozenset(key for key in values["diagnosis"] if key not in parents)
    labels = {f"{SCHEME}:{each.code}": each.name for each in tree()}
    words = sorted({labels[key].split()[0].lower() for key in leaves if key in labels})
    return questions(values, words, leaves=leaves, count=count)


def beside_peers(ours: Ours, peers: Sequence[Peer], asked: Sequence[Asked]) -> list[Claim]:
    """Every question to each in turns, with the default facets; answers must be the same."""
    facets, _ = ours.facets()
    spent: dict[str, list[float]] = {"ours": [], **{peer.name: [] for peer in peers}}
    wrong: list[str] = []
    for number, each in enumerate(asked):
        seconds, answer = ours.ask(each, facets)
        spent["ours"].append(seconds * 1000)
        for peer in peers:
            seconds, theirs = peer.answer(each, facets)
            spent[peer.name].append(seconds * 1000)
            wrong += [f"{number} {peer.name}: {one}" for one in differences(answer, theirs)]
    if wrong:
        raise AssertionError(f"{len(wrong)} answers differ: " + "; ".join(wrong[:10]))
    for name, times in spent.items():
        print(f"{name}: p50 {middle(times):.1f} ms, p95 {late(times):.1f} ms, of {len(times)}")
    return [
        Claim.of(
            f"{kind} of {len(asked)} questions, {len(facets)} facets, against {peer.name}",
            ours=measure(spent["ours"]), peer=measure(spent[peer.name]), unit="ms", target=target,
            more_is_better=False,
        )
        for peer, target in zip(peers, (10.0, 30.0), strict=True)
        for kind, measure in (("p50", middle), ("p95", late))
    ]  # fmt: skip


def elsewhere(
    data: Path, asked: Sequence[Asked], told: Sequence[Mapping[str, Any]], cores: int
) -> list[Claim]:
    """The same on PostgreSQL, where every answer must be what it was on SQLite."""
    with on_postgresql(data) as settings:
        records = open_records(settings.records_url)
        tokens, _ = people(records)
        records.close()
        with running(settings, tokens, workers=cores) as ours:
            wrong = [
                number
                for number, (each, before) in enumerate(zip(asked, told, strict=True))
                if _compared(ours.ask(each, None)[1]) != _compared(before)
            ]
            if wrong:
                raise AssertionError(f"answers on PostgreSQL differ: questions {wrong[:10]}")
            return alone("PostgreSQL", ours, asked)


def _compared(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Datasets of one publication day may stand in either order; images do not."""
    return {name: answer[name] for name in ("total", "beings", "datasets", "facets", "items")}


def alone(on: str, ours: Ours, asked: Sequence[Asked]) -> list[Claim]:
    """One client and four that never pause, default facets and all of them."""
    default, every = ours.facets()
    found: list[Claim] = []
    for facets, goal in ((default, _GOALS), (every, _GOALS_OF_ALL)):
        named = f"{len(facets)} facets"
        for clients in (1, _CLIENTS):
            times = _asked_by(clients, ours, asked, facets)
            who = f"{clients} client{'s' if clients > 1 else ''}"
            found += [
                Claim.of(
                    f"{kind} on {on}, {named}, {who}, against a goal",
                    ours=measure(times), peer=goal[kind] * (2 if clients > 1 else 1), unit="ms",
                    target=1,
                    more_is_better=False,
                )
                for kind, measure in (("p50", middle), ("p95", late))
            ]  # fmt: skip
    return found


def _asked_by(
    clients: int, ours: Ours, asked: Sequence[Asked], facets: Sequence[str]
) -> list[float]:
    def all_of_them(start: int) -> list[float]:
        mine = ours.another()
        turned = [*asked[start:], *asked[:start]]
        times = [mine.ask(each, facets)[0] * 1000 for each in turned]
        mine.client.close()
        return times

    with ThreadPoolExecutor(clients) as threads:
        starts = [number * len(asked) // clients for number in range(clients)]
        return [time for times in threads.map(all_of_them, starts) for time in times]


def soon_seen(ours: Ours, settings: Settings) -> Claim:
    """From the commit of a dataset until a question finds all of it, against one second."""
    records = open_records(settings.records_url)
    after = max(mark["number"] for mark in invented(records).values())
    (planned,) = more_datasets(
        seed=7, after=after, slides=_PUBLISHED, datasets=1, published=datetime.now(UTC)
    )
    write_datasets(records, [replace(planned, tier=AccessTier.OPEN)], lambda _: None)
    seconds = ours.wait_for(f"dataset:{planned.accession}", _PUBLISHED)
    remove_datasets(records, lambda _: None, only=[planned.accession])  # as the peers know it
    records.close()
    return Claim.of(
        f"commit of {_PUBLISHED} slides until they are found, against 1 s",
        ours=seconds, peer=1.0, unit="s", target=1, more_is_better=False,
    )  # fmt: skip


def at_rest(settings: Settings, tokens: dict[int, str]) -> list[Claim]:
    """Starting anew with and without what was kept; memory of one process and of each further."""
    found = [
        _start("start with everything kept", settings, tokens, lambda: None, goal=10.0),
        _start(
            "start with segments, no files kept", settings, tokens,
            lambda: shutil.rmtree(settings.cache, ignore_errors=True), goal=30.0,
        ),
        _start(
            "start from the records alone", settings, tokens, lambda: _forget(settings), goal=600.0
        ),
    ]  # fmt: skip
    held = [_memory(settings, tokens, workers) for workers in (1, 2, 3)]
    print("MB of 1, 2, 3 web processes:", *(f"{each / 1e6:.0f}" for each in held))
    found.append(
        Claim.of(
            "memory of a further web process, against 300 MB",
            ours=(held[2] - held[0]) / 2e6, peer=300.0, unit="MB", target=1, more_is_better=False,
        )
    )  # fmt: skip
    return found


def _start(
    named: str, settings: Settings, tokens: dict[int, str], before: Callable[[], None], *,
    goal: float,
) -> Claim:  # fmt: skip
    before()
    begun = perf_counter()
    with running(settings, tokens):
        seconds = perf_counter() - begun
    return Claim.of(
        f"{named} to the first answer, against {goal:g} s",
        ours=seconds, peer=goal, unit="s", target=1, more_is_better=False,
    )  # fmt: skip


def _forget(settings: Settings) -> None:
    """Everything that can be made again from the records."""
    shutil.rmtree(settings.cache, ignore_errors=True)
    records = open_records(settings.records_url)
    with records.write() as connection:
        connection.execute(delete(catalogue_segments))
    records.close()


def _memory(settings: Settings, tokens: dict[int, str], workers: int) -> int:
    """Bytes of all processes of the node after each web process has answered."""
    with running(settings, tokens, workers=workers) as ours:
        for _ in range(20 * workers):  # so that every process has had a turn
            another = ours.another()
            another.ask(Asked((), VISIBLE[-1]), None)
            another.client.close()
        return held_by(ours.process)


def middle(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[9]


def late(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[18]


if __name__ == "__main__":
    for claim in claims():
        print(claim)
