"""Whatever is killed during a run, and whenever: it ends with the same results.

A node computes in a process of its own, on the pool or on the workers of a Dask cluster; all of
them die by SIGKILL at random moments and are started again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

import run_world as world
from bigpicture.analysis import runs
from bigpicture.analysis.encode import decode
from bigpicture.app.initialise import initialise
from bigpicture.app.open import open_stores
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.run import RunState
from bigpicture.model.slide_frame import SlideFrame
from bigpicture.settings import Settings
from bigpicture.storage.records.run_tables import result_facets, results, run_slides
from published import CONTROLLED
from run_node import READY, computed, serve
from running import free_port

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["run_node"])

JOBS = 2
_PATIENCE_SECONDS = 240
_FRAME = SlideFrame(
    study_uid="2.25.1",
    series_uid="2.25.2",
    instance_uid="2.25.3",
    frame_of_reference_uid="2.25.4",
    columns=128,
    rows=64,
    mpp=(0.25, 0.25),
)
"""Where the slides of these tests lie on their glass."""


class Campaign:
    """A node and its cluster, started as often as they are killed."""

    def __init__(self, folder, url, *, is_cluster, stack):
        self.data = folder / "node"
        self.environment = {
            **os.environ,
            "BIGPICTURE_DATA": str(self.data),
            "BIGPICTURE_JOBS": str(JOBS),
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "20",
            "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
        }
        told = {"data": self.data, "jobs": JOBS}
        if url:
            self.environment["BIGPICTURE_DATABASE_URL"] = url
            told["database_url"] = url
        self.stack = stack
        self.log = stack.enter_context((folder / "processes.log").open("ab"))
        if is_cluster:
            self._start_cluster(folder)
        settings = Settings.load(**told)
        initialise(settings, steward="steward", password="a long enough password")
        self.stores = open_stores(settings)
        self.node = None
        self.kills = 0

    def _begin(self, *words, **more):
        process = subprocess.Popen(
            [sys.executable, *words], env=self.environment, stderr=self.log, **more
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def _start_cluster(self, folder):
        port = free_port()
        address = f"tcp://127.0.0.1:{port}"
        dask = ("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--no-dashboard")
        self._begin(*dask, "--port", str(port), stdout=self.log)
        worker = ("-m", "distributed.cli.dask_worker", address, "--no-dashboard")
        more = ("--nworkers", str(JOBS), "--nthreads", "1", "--local-directory", str(folder))
        self._begin(*worker, *more, stdout=self.log)
        self.environment["BIGPICTURE_COMPUTE"] = address

    def start(self):
        ready = self.data / READY
        ready.unlink(missing_ok=True)
        self.node = _FORKS.Process(
            target=serve, args=(str(self.data), self.environment, self.log.name)
        )
        self.node.start()
        self.stack.callback(self.node.join)
        self.stack.callback(self.node.kill)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not ready.exists():
            assert self.node.is_alive(), Path(self.log.name).read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def kill(self, chance):
        """SIGKILL to the node, or to a worker of the cluster that has done something."""
        workers = {process for _, process in computed(self.data)} - {self.node.pid}
        living = [process for process in workers if _is_living(process)]
        self.kills += 1
        if living and chance.random() < 0.5:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(sorted(living)), signal.SIGKILL)
        else:
            self.node.kill()
            self.node.join()
            self.start()

    def find(self, run):
        with self.stores.records.read() as connection:
            return runs.find_run(connection, run.id)

    def outcome(self, run):
        """What a run has come to: its states, and every result by image and name."""
        with self.stores.records.read() as connection:
            states = runs.count_states(connection, [run.id])[run.id]
            kept = connection.execute(
                select(results.c.image, results.c.object)
                .join(run_slides, run_slides.c.key == results.c.key)
                .where(run_slides.c.run == run.id, results.c.object.is_not(None))
                .order_by(results.c.image)
            ).all()
            facets = connection.execute(
                select(result_facets.c.image, result_facets.c.number).join(
                    run_slides, run_slides.c.key == result_facets.c.key
                )
            ).all()
        return states, [tuple(row) for row in kept], sorted(map(tuple, facets))


def _is_living(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


@pytest.fixture
def begin(tmp_path, make_postgresql_url):
    with ExitStack() as stack:

        def make(database, executor):
            url = make_postgresql_url() if database == "postgresql" else ""
            return Campaign(tmp_path, url, is_cluster=executor == "dask", stack=stack)

        yield make


def campaign(begin, database, executor, *, slides, kills, seconds):
    chance = random.Random(f"{database} {executor} {slides}")
    here = begin(database, executor)
    world.add_datasets(here.stores, CONTROLLED)
    person, _ = world.add_researcher(here.stores)
    wanted = [world.add_slide(here.stores, CONTROLLED, number) for number in range(slides)]
    run = world.begin(here.stores, person, wanted, seconds=seconds)
    began = time.monotonic()
    here.start()
    ended = time.monotonic() + _PATIENCE_SECONDS + slides
    while here.find(run).state is RunState.RUNNING:
        assert time.monotonic() < ended, here.outcome(run)[0]
        begun = len(computed(here.data))
        if here.kills < kills and begun * (kills + 1) >= slides * (here.kills + 1):
            time.sleep(chance.random() * 2 * seconds)
            here.kill(chance)
        time.sleep(0.02)
    assert here.kills == kills
    states, kept, facets = here.outcome(run)
    assert states["done"] == slides, states
    # half of each slide has a red of 220, the other one that its number tells
    assert facets == [
        (image, pytest.approx((220 + number * 7 % 200) / 2, abs=1e-9))
        for number, image in enumerate(wanted)
    ]
    assert [image for image, _ in kept] == wanted
    for number, (_, key) in enumerate(kept):
        _check_mask(here.stores, key, above=number * 7 % 200 > 100)
    begun = computed(here.data)
    assert {reference.split(":")[1] for reference, _ in begun} == {str(n) for n in range(slides)}
    under_way = 2 * JOBS  # one is computed and one is kept, for each place
    repeated = len(begun) - slides
    print(f"{slides} slides, {kills} kills, {repeated} repeated, {time.monotonic() - began:.0f} s")
    assert repeated <= kills * under_way, "more was repeated than was under way"


def _check_mask(stores, key, *, above):
    found = decode(stores.vault.read(key), kind=OutputKind.MASK, frame=_FRAME)
    assert found.pixels.shape == (64, 128)
    assert found.pixels[:, :64].all()
    assert bool(found.pixels[:, 64:].any()) is above


def test_kills_change_nothing(begin):
    campaign(begin, "sqlite", "pool", slides=12, kills=2, seconds=0.1)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("executor", ["pool", "dask"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_ten_kills_during_a_thousand_slides_change_nothing(begin, database, executor):
    campaign(begin, database, executor, slides=1000, kills=10, seconds=0.1)
