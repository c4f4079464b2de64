"""The index by itself, at one, three, ten and thirty million images: how its costs grow.

Segments of the catalogue's benchmark are repeated under other names of datasets, images and beings.
Each size is built and asked in processes of its own, the file mapped by another one meanwhile, as
by the web processes of a node: so what is private to a process is what a further one would cost.

`BENCH_GROWTH_MILLIONS` says how large (`1,3,10,30`), `BENCH_CATALOGUE_DATA` names the folder of a
record that is kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from time import perf_counter, sleep
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from benchmarks.catalogue_questions import FIELDS, questions
from benchmarks.claim import Claim
from bigpicture.catalogue.hierarchy import Hierarchy, load_hierarchy
from bigpicture.catalogue.index.base import Base
from bigpicture.catalogue.index.compiled import prepare
from bigpicture.catalogue.index.find import find
from bigpicture.catalogue.index.segment import Segment
from bigpicture.catalogue.index.segments import load
from bigpicture.catalogue.index.view import Layer, View
from bigpicture.model.field import DEFAULT_FACETS, IMAGE_FACETS
from bigpicture.model.query import Asked
from bigpicture.model.scope import Scope
from bigpicture.phantom.records.plan import CENTER
from bigpicture.storage.records import open_records
from bigpicture.storage.records.tables import datasets

MILLIONS = os.environ.get("BENCH_GROWTH_MILLIONS", "1,3,10,30")
DATA = os.environ.get("BENCH_CATALOGUE_DATA", "")
_QUESTIONS = 100
_FURTHER = 50
"""Questions that a process has answered when its memory is looked at."""
_EVERY = 0.01
_SHOWN = {
    "images": "images",
    "datasets": "datasets",
    "built": "built in, s",
    "peak": "private memory of building at most, MB",
    "file": "file, MB",
    "started": "started from the file in, s",
    "imported": "private memory when imported, MB",
    "kernel": "more with the compiled kernel, MB",
    "hierarchy": "more with the hierarchy of terms, MB",
    "opened": "more with the file opened, MB",
    "answered": f"more when {_FURTHER} questions are answered, MB",
    "shared": "proportional then, MB",
    "p50": f"p50, {len(DEFAULT_FACETS)} facets, ms",
    "p95": f"p95, {len(DEFAULT_FACETS)} facets, ms",
    "p50_all": f"p50, {len(IMAGE_FACETS)} facets, ms",
    "p95_all": f"p95, {len(IMAGE_FACETS)} facets, ms",
}


_STAGES = ("imported", "kernel", "hierarchy", "opened", "answered")


def claims() -> list[Claim]:
    """Memory of building and of a further process, p95: the largest size beside goals."""
    from benchmarks.catalogue_node import node_settings

    with tempfile.TemporaryDirectory() as name:
        data = Path(DATA or name)
        if not DATA:
            node_settings(data)
        sizes = [
            _measured(data, Path(name), int(float(each) * 1e6)) for each in MILLIONS.split(",")
        ]
    _print(sizes)
    largest = sizes[-1]
    said = f"{largest['images'] / 1e6:.0f} M images"
    return [
        Claim.of(
            f"{what}, {said}, against a goal", ours=largest[key], peer=goal, unit=unit, target=1,
            more_is_better=False,
        )
        for what, key, goal, unit in (
            ("private memory of building", "peak", 600.0, "MB"),
            ("private memory of a further process", "further", 100.0, "MB"),
            ("p95 of questions", "p95", 50.0 * max(1.0, largest["images"] / 3e6), "ms"),
        )
    ]  # fmt: skip


def _measured(data: Path, place: Path, images: int) -> dict[str, float]:
    folder = place / "index"
    built = _told("build", data, folder, str(images))
    newest = Base(folder).newest()  # mapped here as well, so that it is shared
    assert newest is not None
    asked = _told("ask", data, folder, str(images))
    Base(folder).forget_others("")
    return {**built, **asked}


def _told(act: str, data: Path, folder: Path, images: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.catalogue_growth", act, data, folder, images]
    told = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE).stdout
    return json.loads(told.splitlines()[-1])


def _print(sizes: list[dict[str, float]]) -> None:
    table = Table(title="the index by size; in brackets: how many times the size before")
    table.add_column("")
    for each in sizes:
        table.add_column(f"{each['images'] / 1e6:.1f} M", justify="right")
    for key, heading in _SHOWN.items():
        cells = [f"{sizes[0][key]:,.4g}"]
        for before, each in pairwise(sizes):
            grown = f" ({each[key] / before[key]:.1f})" if before[key] > 0 else ""
            cells.append(f"{each[key]:,.4g}{grown}")
        table.add_row(heading, *cells)
    Console(width=140).print(table)


def build(data: Path, folder: Path, images: int) -> dict[str, float]:
    """Make a file of so many images, or some more."""
    base = Base(folder)
    with base.held(), _watched() as peak:
        begun = perf_counter()
        name, store = base.make(_repeated(data, images))
        seconds = perf_counter() - begun
    return {
        "images": len(store),
        "datasets": len(store.datasets),
        "built": seconds,
        "peak": peak[0],
        "file": (folder / name).stat().st_size / 1e6,
    }


def ask(data: Path, folder: Path) -> dict[str, float]:
    """Open the file and answer questions within every other dataset."""
    held = [_memory("Private")]
    prepare().join()
    held.append(_memory("Private"))
    hierarchy = load_hierarchy(data / "synthetic", cache=folder)
    held.append(_memory("Private"))
    begun = perf_counter()
    newest = Base(folder).newest()
    assert newest is not None
    view = View.of([Layer.of(newest[1], hierarchy)])
    started = perf_counter() - begun
    held.append(_memory("Private"))
    scope = Scope(opened=frozenset(newest[1].datasets[::2]))
    questions = _questions(view, hierarchy)
    for each in questions[:_FURTHER]:
        find(view, replace(each, facets=DEFAULT_FACETS), scope)
    held.append(_memory("Private"))
    shared = _memory("Pss")
    times = {
        more: sorted(_timed(view, replace(each, facets=facets), scope) for each in questions)
        for more, facets in (("", DEFAULT_FACETS), ("_all", IMAGE_FACETS))
    }
    return {
        "started": started,
        **dict(zip(_STAGES, (held[0], *np.diff(held)), strict=True)),
        "further": held[-1] - held[0],
        "shared": shared,
        **{f"p50{more}": quantiles(spent, n=20)[9] for more, spent in times.items()},
        **{f"p95{more}": quantiles(spent, n=20)[18] for more, spent in times.items()},
    }


def _timed(view: View, asked: Asked, scope: Scope) -> float:
    begun = perf_counter()
    find(view, asked, scope)
    return (perf_counter() - begun) * 1000


def _questions(view: View, hierarchy: Hierarchy) -> list[Asked]:
    """Those of the catalogue's benchmark, drawn from what is most frequent here."""
    everything = Scope(opened=frozenset(view.where))
    found = find(view, Asked(facets=IMAGE_FACETS, limit=1), everything)
    values = {
        name: {each.term.key: each.count for each in found.facets[name]}
        for name in FIELDS
        if name in found.facets
    }
    leaves = frozenset(key for key in values["diagnosis"] if len(hierarchy.descendants(key)) == 1)
    labels = [each.term.label for each in found.facets["diagnosis"] if each.term.key in leaves]
    words = sorted({label.split()[0].lower() for label in labels})
    drawn = questions(values, words, leaves=leaves, count=_QUESTIONS)
    return [Asked(question=each.question, limit=50) for each in drawn]


def _repeated(data: Path, images: int) -> Iterator[Segment]:
    """Segments of the record, as often as it takes."""
    records = open_records(f"sqlite:///{data / 'records.sqlite'}")
    with records.read() as connection:
        asked = select(datasets.c.accession, datasets.c.seq).order_by(datasets.c.accession)
        published = connection.execute(asked).all()
        count, turn = 0, 0
        while count < images:
            for name, seq in published:
                segment, _ = load(connection, name, seq)
                yield _renamed(segment, f"s{turn:0{len(CENTER) - 1}}")
                count += len(segment)
                if count >= images:
                    break
            turn += 1
    records.close()


def _renamed(segment: Segment, center: str) -> Segment:
    def other(names: tuple[str, ...]) -> tuple[str, ...]:
        joined = "\n".join(names).replace(f"{CENTER}-", f"{center}-")
        return tuple(joined.split("\n")) if names else ()

    (dataset,) = other((segment.dataset,))
    terms: dict[str, Any] = dict(segment.info["terms"])
    terms["dataset"] = [[dataset, label] for _, label in terms["dataset"]]
    return replace(
        segment,
        dataset=dataset,
        accessions=other(segment.accessions),
        beings=replace(segment.beings, keys=other(segment.beings.keys)),
        info={**segment.info, "terms": terms},
    )


@contextmanager
def _watched() -> Generator[list[float]]:
    """The most private memory within the context, in MB, without what is mapped from files."""
    most, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            most[0] = max(most[0], _anonymous())
            sleep(_EVERY)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        stop.set()
        thread.join()


def _anonymous() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return sum(int(line.split()[1]) / 1e3 for line in lines if line.startswith("RssAnon:"))


def _memory(kind: str) -> float:
    """MB of this process: `Pss`, or `Private` as the kernel counts them (Linux)."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    held = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    names = ("Private_Clean", "Private_Dirty") if kind == "Private" else ("Pss",)
    return sum(int(held[name]) for name in names) / 1e3


if __name__ == "__main__":
    if len(sys.argv) == 1:
        for claim in claims():
            print(claim)
    else:
        place, index = Path(sys.argv[2]), Path(sys.argv[3])
        told = (
            build(place, index, int(sys.argv[4])) if sys.argv[1] == "build" else ask(place, index)
        )
        print(json.dumps(told))
