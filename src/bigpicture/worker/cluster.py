"""The cluster: does tasks on the workers of a Dask scheduler. The one file that knows Dask.

Three short names travel to a worker (what opens its stores, the task, the reference) and an
outcome comes back. A worker opens its stores from its own settings and its own keys, once a
process; neither keys nor passwords pass through the scheduler.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import cast

import structlog
from distributed import Client, Future, KilledWorker, secede

from bigpicture.model.errors import BigpictureError, SettingsError
from bigpicture.model.executor import Outcome, Task
from bigpicture.worker.place import place
from bigpicture.worker.task import UnderWay, Wait, attempt, fault, find, name_of

_CONNECT_SECONDS = 10
_COUNTED_SECONDS = 2.0
_opening = Lock()


class DaskExecutor:
    """`open_stores` is a function of a module without arguments; each worker process calls it once.

    Dask gives the work of a worker that died to another, and gives up a task that took several
    workers with it (`distributed.scheduler.allowed-failures`). While the cluster has no worker,
    tasks wait for one.
    """

    def __init__(self, address: str, *, open_stores: Callable[[], object]) -> None:
        self._opener = name_of(open_stores)
        self._address = address
        try:
            self._client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SettingsError(
                "no Dask scheduler answers there.",
                place=f"compute = {address}",
                remedy="Start one with `dask scheduler`, or leave `compute` empty.",
            ) from error
        self._under_way = UnderWay(self._begin)
        self._counted = (float("-inf"), 0)

    @property
    def width(self) -> int:
        """The threads of all workers; asked of the scheduler every two seconds at most."""
        if time.monotonic() - self._counted[0] > _COUNTED_SECONDS:
            workers = cast("Mapping[str, int]", self._client.nthreads())
            self._counted = (time.monotonic(), sum(workers.values()))
        return self._counted[1]

    def each(self, task: Task, references: Sequence[str]) -> list[Outcome]:
        """Do a task for each reference; see `Executor.each`."""
        return self._under_way.each(task, references)

    def close(self) -> None:
        """Leave the scheduler; what this process had asked for is dropped there."""
        self._client.close()

    def _begin(self, name: str, reference: str) -> Wait:
        # A key of its own: Dask would answer a known key from memory, without doing it again.
        key = f"{name}-{secrets.token_hex(8)}"
        future = self._client.submit(attempt_there, self._opener, name, reference, key=key)
        return lambda: self._wait(future, name, reference)

    def _wait(self, future: Future[Outcome], name: str, reference: str) -> Outcome:
        try:
            return future.result()
        except KilledWorker:
            structlog.get_logger().error("workers died", task=name, reference=reference)
            return BigpictureError(
                "each machine of the cluster that worked on this died.",
                rule="distributed.scheduler.allowed-failures",
                remedy="Nothing is lost. The workers' logs say why; is their memory too small?",
            )
        except Exception as error:  # noqa: BLE001 - whatever Dask or its network raises is told
            return fault(error, task=name, reference=reference, scheduler=self._address)


def attempt_there(opener: str, name: str, reference: str) -> Outcome:
    """Do one task in a worker's process."""
    try:
        with _opening:
            stores = _open(opener)
    except BigpictureError as error:
        return error
    with place(secede):
        return attempt(name, stores, reference)


@cache
def _open(opener: str) -> object:
    return find(opener)()
