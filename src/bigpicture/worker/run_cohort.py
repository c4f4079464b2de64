"""Run cohorts: hand the slides that wait to the executor, a few more than it can do at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

import structlog

from bigpicture.analysis import leases
from bigpicture.analysis.leases import LEASE_SECONDS, Lease
from bigpicture.analysis.runs import cancel_slides, end_if_over
from bigpicture.model.errors import BigpictureError
from bigpicture.model.executor import Executor, Outcome, Task
from bigpicture.model.run import RunReason
from bigpicture.submission.stores import Stores
from bigpicture.worker.run_rights import rights_of
from bigpicture.worker.run_slide import compute_slide

_IDLE_SECONDS = 0.5
_TOLD_SECONDS = 60.0
_MOST_AT_ONCE = 512


class RunCohorts:
    """A thread that leases waiting slides for its slot and has the executor compute them.

    It keeps about twice as many slides leased as are computed at once, so that no worker waits for
    the records; of a slide that only waits in line nothing is lost when the line is. A process of
    a slot gives back at its start what the one before it held.
    """

    def __init__(
        self,
        stores: Stores,
        executor: Executor,
        *,
        owner: str,
        task: Task = compute_slide,
    ) -> None:
        self._stores = stores
        self._executor = executor
        self._owner = owner
        self._task = task
        self._rights = rights_of(stores)
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="slide")
        self._under_way: set[Future[None]] = set()
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
        self._told = float("-inf")

    def start(self) -> None:
        """Begin; what an earlier process of this slot held waits again."""
        with self._stores.records.write() as connection:
            leases.release(connection, owner=self._owner, now=datetime.now(UTC))
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; what is under way is given back by the next start."""
        self._over.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(timeout=2 * LEASE_SECONDS)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _work(self) -> None:
        beat = 0.0
        while not self._over.is_set():
            try:
                if time.monotonic() - beat > LEASE_SECONDS / 4:
                    self._beat()
                    beat = time.monotonic()
                begun = self._fill()
            except Exception as error:  # noqa: BLE001 - told in the log; the next round tries again
                self._tell(error)
                begun = 0
            if not begun:
                with self._changed:
                    self._changed.wait(_IDLE_SECONDS)

    def _fill(self) -> int:
        """Lease what there is room for, once a third of the room is empty; returns how many."""
        with self._changed:
            busy = len(self._under_way)
        room = min(2 * self._executor.width + 1, _MOST_AT_ONCE) - busy
        if room <= busy // 2:
            return 0
        held = self._lease(room)
        for lease in held:
            future = self._threads.submit(self._do, lease)
            with self._changed:
                self._under_way.add(future)
            future.add_done_callback(self._done)
        return len(held)

    def _lease(self, most: int) -> list[Lease]:
        now = datetime.now(UTC)
        with self._stores.records.read() as connection:
            wanted = leases.next_waiting(connection, now=now, limit=most)
        allowed = self._allowed(wanted)
        if not allowed:
            return []
        with self._stores.records.write() as connection:
            return leases.take(connection, allowed, owner=self._owner, now=now)

    def _allowed(self, wanted: Sequence[Lease]) -> list[Lease]:
        """Those whose person may still compute on their dataset; of others nothing is begun."""
        asked: dict[str, set[str]] = {}
        for lease in wanted:
            asked.setdefault(lease.person, set()).add(lease.dataset)
        decided = {
            (person, dataset): decision
            for person, datasets in asked.items()
            for dataset, decision in self._rights.decide(person, datasets).items()
        }
        refused = {
            (lease.run, lease.dataset): decided[lease.person, lease.dataset]
            for lease in wanted
            if not decided[lease.person, lease.dataset].allowed
        }
        if refused:
            now = datetime.now(UTC)
            with self._stores.records.write() as connection:
                for (run, dataset), decision in refused.items():
                    cancel_slides(
                        connection,
                        run,
                        dataset=dataset,
                        reason=RunReason.ACCESS,
                        text=decision.text,
                        now=now,
                    )
                    end_if_over(connection, run, now=now)
        return [lease for lease in wanted if (lease.run, lease.dataset) not in refused]

    def _do(self, lease: Lease) -> None:
        (outcome,) = self._executor.each(self._task, [lease.reference])
        if outcome is not None and not self._over.is_set():
            self._fault(lease, outcome)

    def _fault(self, lease: Lease, error: Outcome) -> None:
        """What an executor brings back is the platform's: an algorithm's own is in the records."""
        assert error is not None
        structlog.get_logger().warning("slide failed", slide=lease.reference, what=error.what)
        try:
            with self._stores.records.write() as connection:
                leases.fault(connection, lease, str(error), now=datetime.now(UTC))
        except BigpictureError as fault:  # the lease runs out by itself
            self._tell(fault)

    def _done(self, future: Future[None]) -> None:
        with self._changed:
            self._under_way.discard(future)
            self._changed.notify_all()
        if not future.cancelled() and (error := future.exception()) is not None:
            self._tell(error)

    def _beat(self) -> None:
        now = datetime.now(UTC)
        with self._stores.records.write() as connection:
            leases.keep_alive(connection, owner=self._owner, now=now)
            leases.expire(connection, now=now)

    def _tell(self, error: BaseException) -> None:
        if time.monotonic() - self._told > _TOLD_SECONDS:
            self._told = time.monotonic()
            structlog.get_logger().error("runs do not go on", exc_info=error)
