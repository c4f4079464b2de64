"""The pool: does tasks in threads of this process.

Threads are enough: digests, sealing and reading leave Python's lock, and what a scanner wrote is
parsed in sandbox children, whose death is an error told (`SandboxError`) and never ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Semaphore

from bigpicture.model.executor import Outcome, Task
from bigpicture.worker.place import place
from bigpicture.worker.task import UnderWay, Wait, attempt


class PoolExecutor:
    """As many tasks at once as `jobs`. What a kill of this process interrupts, DBOS repeats.

    Beside each there may be one that gave up its place and keeps what came of it.
    """

    def __init__(self, stores: object, *, jobs: int) -> None:
        self._stores = stores
        self.width = jobs
        self._places = Semaphore(jobs)
        self._threads = ThreadPoolExecutor(2 * jobs, thread_name_prefix="task")
        self._under_way = UnderWay(self._begin)

    def each(self, task: Task, references: Sequence[str]) -> list[Outcome]:
        """Do a task for each reference; see `Executor.each`."""
        return self._under_way.each(task, references)

    def close(self) -> None:
        """Finish what was begun, then let the threads go."""
        self._threads.shutdown()

    def _begin(self, name: str, reference: str) -> Wait:
        return self._threads.submit(self._attempt, name, reference).result

    def _attempt(self, name: str, reference: str) -> Outcome:
        self._places.acquire()
        with ExitStack() as held:
            held.callback(self._places.release)
            held.enter_context(place(held.close))
            return attempt(name, self._stores, reference)
