"""Runs are planned, leased, computed and kept alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from distributed import LocalCluster
from sqlalchemy import func, select, update

import run_world as world
from bigpicture.access.grant import revoke_grant
from bigpicture.analysis import leases, result_store, runs
from bigpicture.analysis.encode import decode
from bigpicture.dicom.slide_frame import read_frame
from bigpicture.ledger.read import events_after
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import ErasedError
from bigpicture.model.run import Run, RunReason, RunState, SlideState
from bigpicture.storage.records.run_tables import result_facets, results
from bigpicture.storage.records.tables import beings, images, levels
from bigpicture.submission.erase_subject import erase_subject
from bigpicture.worker.cluster import DaskExecutor
from bigpicture.worker.pool import PoolExecutor
from bigpicture.worker.run_cohort import RunCohorts
from contracts.owned import OnPostgresql, OnSqlite
from published import CONTROLLED, make_stores

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def states(stores, run):
    with stores.records.read() as connection:
        counts = runs.count_states(connection, [run.id])[run.id]
    return {state: count for state, count in counts.items() if count}


def until(done, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.02)


class Going:
    """A node's runs, going on while the block lasts."""

    def __init__(self, stores, *, jobs=2, executor=None):
        self.stores = stores
        self.executor = executor or PoolExecutor(stores, jobs=jobs)
        self.cohorts = RunCohorts(stores, self.executor, owner="0", task=world.compute)

    def __enter__(self):
        self.cohorts.start()
        return self

    def __exit__(self, *_):
        self.cohorts.stop()
        self.executor.close()

    def end(self, run):
        until(lambda: self.find(run).state is not RunState.RUNNING)
        return self.find(run)

    def find(self, run) -> Run:
        with self.stores.records.read() as connection:
            return runs.find_run(connection, run.id)


class RunsContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def stores(self, tmp_path, url):
        stores = make_stores(tmp_path / "node", url)
        world.add_datasets(stores)
        yield stores
        stores.records.close()

    @pytest.fixture
    def three(self, stores):
        return [world.add_slide(stores, CONTROLLED, number) for number in range(3)]

    @pytest.fixture
    def rita(self, stores):
        return world.add_researcher(stores)[0]

    def slides(self, stores, run):
        with stores.records.read() as connection:
            return runs.list_slides(connection, run.id, limit=1000)

    def events(self, stores, kind):
        with stores.records.read() as connection:
            found = events_after(connection, 0, 1000)
        return [each for each in found if each.action.startswith(kind)]

    def test_a_run_is_computed_kept_and_over(self, stores, three, rita):
        run = world.begin(stores, rita, three, algorithm=world.SHARE)
        assert states(stores, run) == {"waiting": 3}
        with Going(stores) as going:
            over = going.end(run)
        assert (over.state, states(stores, run)) == (RunState.DONE, {"done": 3})
        with stores.records.read() as connection:
            shown = {
                (row.output, row.kind): row
                for row in result_store.image_results(connection, three[0])
            }
        # half of the slide has a red of 220, the other a red of 0: (number * 7) % 200
        assert shown["mean_red", OutputKind.FACET].facet.value == pytest.approx(110, abs=0.5)
        assert shown["share", OutputKind.FACET].facet.value == 0.5
        mask = shown["red", OutputKind.MASK]
        data = stores.vault.read(mask.object)
        assert len(data) == mask.size
        with stores.records.read() as connection:
            source = connection.scalar(select(levels.c.object).where(levels.c.image == three[0]))
        frame = read_frame(stores.vault.open(source))
        found = decode(data, kind=OutputKind.MASK, frame=frame)
        assert found.pixels.shape == (64, 128)
        assert found.pixels[:, :64].all()
        assert not found.pixels[:, 64:].any()
        first, *_ = self.slides(stores, run)
        assert first.timings["total"] > 0
        assert "test.mean 1.0.0: computed" in first.log
        assert [each.action for each in self.events(stores, "run:")] == ["run:start", "run:end"]
        assert self.events(stores, "run:end")[0].details["slides"] == {"done": 3}

    def test_only_what_changed_is_computed(self, stores, three, rita):
        with Going(stores) as going:
            going.end(world.begin(stores, rita, three))
            again = world.begin(stores, rita, three)
            assert (again.state, states(stores, again)) == (RunState.DONE, {"reused": 3})
            other = world.begin(stores, rita, three, above=230)
            assert states(stores, other) == {"waiting": 3}
            going.end(other)
            with stores.records.write() as connection:
                connection.execute(
                    update(images)
                    .where(images.c.accession == three[1])
                    .values(pixels_root="f" * 64)
                )
            changed = world.begin(stores, rita, three)
            assert states(stores, changed) == {"reused": 2, "waiting": 1}
            going.end(changed)
            # what is behind an algorithm is taken from the runs before
            behind = world.begin(stores, rita, three[:1], algorithm=world.SHARE)
            going.end(behind)
        (slide,) = self.slides(stores, behind)
        assert "test.mean: taken from an earlier run" in slide.log
        with stores.records.read() as connection:
            kept = connection.scalar(
                select(func.count()).select_from(results).where(results.c.output == "red")
            )
        assert kept == 3 + 3 + 1

    def test_an_algorithms_own_failure_is_final_and_the_rest_goes_on(self, stores, rita):
        white = np.full((64, 128, 3), 255, np.uint8)
        wanted = [
            world.add_slide(stores, CONTROLLED, 0),
            world.add_slide(stores, CONTROLLED, 1, pixels=white),
            world.add_slide(stores, CONTROLLED, 2),
        ]
        with Going(stores) as going:
            run = world.begin(stores, rita, wanted)
            going.end(run)
        assert states(stores, run) == {"done": 2, "failed": 1}
        failed = self.slides(stores, run)[1]
        assert (failed.reason, failed.attempt) == ("crashed", 1)
        assert "ValueError" in failed.text
        assert "secret-name" not in f"{failed.text}{failed.log}"
        with stores.records.read() as connection:
            assert result_store.image_results(connection, wanted[1]) == []
        again = world.begin(stores, rita, wanted)
        assert (again.state, states(stores, again)) == (RunState.DONE, {"reused": 2, "failed": 1})
        assert self.slides(stores, again)[1].text == failed.text

    def test_a_grant_that_ends_stops_what_is_to_come(self, stores, rita):
        wanted = [world.add_slide(stores, CONTROLLED, number) for number in range(8)]
        with stores.records.read() as connection:
            grant = connection.exec_driver_sql("SELECT id FROM grants").scalar_one()
        with Going(stores, jobs=1) as going:
            run = world.begin(stores, rita, wanted, seconds=0.3)
            until(lambda: states(stores, run).get("done", 0) >= 1)
            with stores.records.write() as connection:
                revoke_grant(connection, grant, reason="misuse", by="node")
            over = going.end(run)
        counts = states(stores, run)
        assert over.state is RunState.DONE
        assert counts["cancelled"] >= 4
        assert set(counts) == {"done", "cancelled"}
        last = self.slides(stores, run)[-1]
        assert (last.reason, last.text) == (
            RunReason.ACCESS,
            "Your grant was revoked; its reason stands at your access.",
        )

    def test_what_was_cancelled_is_not_kept(self, stores, three, rita):
        with Going(stores, jobs=1) as going:
            run = world.begin(stores, rita, three, seconds=0.5)
            until(lambda: states(stores, run).get("leased"))
            with stores.records.write() as connection:
                runs.cancel_run(connection, going.find(run), by=rita.id, now=NOW)
            going.end(run)
        assert states(stores, run) == {"cancelled": 3}
        until(lambda: not list((stores.settings.data / "tmp").glob("work-*")))
        with stores.records.read() as connection:
            assert connection.execute(select(results)).first() is None
            for image in three:
                assert result_store.image_results(connection, image) == []
        assert self.events(stores, "run:end")[0].details["state"] == "cancelled"

    def test_destroying_a_beings_key_takes_its_results_away(self, stores, three, rita):
        with Going(stores) as going:
            going.end(world.begin(stores, rita, three, algorithm=world.SHARE))
        with stores.records.read() as connection:
            kept = list(
                connection.scalars(select(results.c.object).where(results.c.object.is_not(None)))
            )
            being = connection.scalar(
                select(beings.c.accession).where(beings.c.dataset == CONTROLLED)
            )
        assert len(kept) == 3
        erase_subject(stores, being)
        with stores.records.read() as connection:
            assert connection.execute(select(results)).first() is None
            assert connection.execute(select(result_facets)).first() is None
        for key in kept:
            with pytest.raises(ErasedError):
                stores.vault.open(key)
        again = world.begin(stores, rita, three)
        assert states(stores, again) == {"cancelled": 3}
        assert self.slides(stores, again)[0].reason == RunReason.ERASED

    def test_a_fault_of_the_platform_is_tried_again_and_not_for_ever(self, stores, three, rita):
        run = world.begin(stores, rita, three[:1])
        moment = NOW
        for _ in range(leases.MOST_FAULTS):
            with stores.records.write() as connection:
                (lease,) = leases.take(
                    connection,
                    leases.next_waiting(connection, now=moment, limit=5),
                    owner="a",
                    now=moment,
                )
                leases.fault(connection, lease, "the store is away.", now=moment)
                assert not leases.next_waiting(connection, now=moment, limit=5)
            moment += timedelta(minutes=1)
        (slide,) = self.slides(stores, run)
        assert (slide.state, slide.reason) == (SlideState.FAILED, RunReason.PLATFORM)
        assert slide.attempt == leases.MOST_FAULTS
        # nothing is known of the algorithm: another run tries it
        assert states(stores, world.begin(stores, rita, three[:1])) == {"waiting": 1}

    def test_each_slide_is_leased_by_one(self, stores, rita):
        wanted = [world.add_slide(stores, CONTROLLED, number) for number in range(12)]
        run = world.begin(stores, rita, wanted)
        taken = []

        def lease(owner):
            while True:
                now = datetime.now(UTC)
                with stores.records.read() as connection:
                    free = leases.next_waiting(connection, now=now, limit=3)
                if not free:
                    return
                with stores.records.write() as connection:
                    taken.extend(leases.take(connection, free, owner=owner, now=now))

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lease, "abcd"))
        assert sorted(each.ordinal for each in taken) == list(range(12))
        assert states(stores, run) == {"leased": 12}

    def test_a_lease_runs_out_and_its_late_holder_changes_nothing(self, stores, three, rita):
        run = world.begin(stores, rita, three[:1])
        with stores.records.write() as connection:
            free = leases.next_waiting(connection, now=NOW, limit=1)
            (late,) = leases.take(connection, free, owner="dead", now=NOW)
            assert leases.expire(connection, now=NOW + timedelta(seconds=30)) == 0
            leases.keep_alive(connection, owner="dead", now=NOW + timedelta(seconds=30))
            assert leases.expire(connection, now=NOW + timedelta(seconds=80)) == 0
            later = NOW + timedelta(seconds=100)
            assert leases.expire(connection, now=later) == 1
            free = leases.next_waiting(connection, now=later, limit=1)
            (now_held,) = leases.take(connection, free, owner="alive", now=later)
            assert now_held.attempt == 2
            assert not leases.end(connection, late, SlideState.DONE, now=later)
            assert leases.is_held(connection, now_held)
            assert leases.end(connection, now_held, SlideState.DONE, now=later)
        assert states(stores, run) == {"done": 1}

    def test_whoever_hangs_past_the_deadline_loses_the_lease(self, stores, three, rita):
        world.begin(stores, rita, three[:1])
        with stores.records.write() as connection:
            free = leases.next_waiting(connection, now=NOW, limit=1)
            leases.take(connection, free, owner="hangs", now=NOW)
            assert (
                leases.keep_alive(connection, owner="hangs", now=NOW + timedelta(minutes=59)) == 1
            )
            assert (
                leases.keep_alive(connection, owner="hangs", now=NOW + timedelta(minutes=61)) == 0
            )

    def test_a_small_run_does_not_wait_for_a_large_one(self, stores, rita):
        wanted = [world.add_slide(stores, CONTROLLED, number) for number in range(6)]
        large = world.begin(stores, rita, wanted)
        small = world.begin(stores, rita, wanted[:2], above=1)
        with stores.records.read() as connection:
            free = leases.next_waiting(connection, now=datetime.now(UTC), limit=4)
        assert [(each.run, each.ordinal) for each in free] == [
            (large.id, 0),
            (small.id, 0),
            (large.id, 1),
            (small.id, 1),
        ]

    def test_two_runs_of_the_same_key_keep_one_result(self, stores, three, rita):
        with Going(stores, jobs=3) as going:
            both = [world.begin(stores, rita, three, seconds=0.2) for _ in range(2)]
            for run in both:
                going.end(run)
        for run in both:
            assert sum(states(stores, run).values()) == 3
            assert set(states(stores, run)) <= {"done", "reused"}
        with stores.records.read() as connection:
            assert connection.scalar(select(func.count()).select_from(results)) == 2 * 3
            orphans = connection.exec_driver_sql(
                "SELECT count(*) FROM objects WHERE state = 'writing'"
            ).scalar_one()
        assert orphans == 0


class TestSqlite(OnSqlite, RunsContract):
    pass


class TestPostgresql(OnPostgresql, RunsContract):
    pass


def test_the_workers_of_a_cluster_do_the_same(tmp_path):
    """Threads of this process behind a real scheduler; kills are in `test_runs_killed`."""
    stores = make_stores(tmp_path / "node")
    world.OPENED.append(stores)
    world.add_datasets(stores)
    wanted = [world.add_slide(stores, CONTROLLED, number) for number in range(4)]
    rita = world.add_researcher(stores)[0]
    options = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": None}
    with LocalCluster(processes=False, **options) as cluster:
        executor = DaskExecutor(cluster.scheduler_address, open_stores=world.opened)
        with Going(stores, executor=executor) as going:
            run = world.begin(stores, rita, wanted, algorithm=world.SHARE)
            assert executor.width == 2
            going.end(run)
    assert states(stores, run) == {"done": 4}
    stores.records.close()
