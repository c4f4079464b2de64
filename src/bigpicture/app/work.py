"""Work: run the durable workflows of one slot until told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bigpicture.access.application_documents import forget_expired
from bigpicture.access.application_due import applications_fall_due
from bigpicture.access.identity.trusted import read_trusted
from bigpicture.access.overdue import fall_due
from bigpicture.access.seal import enter_seals
from bigpicture.access.seal_files import SealFiles
from bigpicture.app.asking_rems import AskingRems
from bigpicture.app.clock import Act, Clock
from bigpicture.app.ledger import open_sequencer
from bigpicture.app.log import configure_log
from bigpicture.app.open import open_stores, open_stores_here
from bigpicture.app.sequencing import Sequencing
from bigpicture.app.slot import held_slot
from bigpicture.settings import Settings
from bigpicture.submission.erase_subject import finish_erasures
from bigpicture.submission.stores import Stores
from bigpicture.worker.durable import Queue, launch
from bigpicture.worker.executor import make_executor
from bigpicture.worker.resume import Watch
from bigpicture.worker.run_cohort import RunCohorts

_GRACE_SECONDS = 8.0


@contextmanager
def working(stores: Stores) -> Generator[Queue]:
    """Run workflows in this process while the block lasts; gives the queue to start them by.

    Raises `SettingsError` where another process works under the same slot.
    """
    with held_slot(stores.settings):
        yield from _working(stores)


def _working(stores: Stores) -> Generator[Queue]:
    finish_erasures(stores)
    # It lives as long as the process: a step that outlives the block still finds it working.
    executor = make_executor(stores, open_stores=open_stores_here)
    durable = launch(replace(stores, executor=executor))
    queue = Queue(stores.settings)
    watch = Watch(stores, queue)
    watch.start()
    running = RunCohorts(stores, executor, owner=stores.settings.slot)
    running.start()
    sequencing = Sequencing(
        open_sequencer(stores.settings, stores.records), SealFiles(stores.settings.seals_folder)
    )
    sequencing.start()
    clock = Clock(stores.records, _falling_due(stores))
    clock.start()
    asking_rems = AskingRems(stores.records, read_trusted(stores.settings.identity).rems)
    asking_rems.start()
    try:
        yield queue
    finally:
        asking_rems.stop()
        running.stop()
        watch.stop()
        clock.stop()
        sequencing.stop()
        queue.close()
        durable.stop()


def _falling_due(stores: Stores) -> Sequence[Act]:
    files = SealFiles(stores.settings.seals_folder)
    files.make()

    def enter(connection: Connection, _: datetime) -> None:
        """Seals that were laid while the records were away."""
        enter_seals(connection, files)

    def forget(connection: Connection, _: datetime) -> None:
        """Documents of applications that were never handed in."""
        forget_expired(connection, stores.vault)

    return (fall_due, applications_fall_due, forget, enter)


def leave_soon() -> None:
    """End this process within seconds, even in the middle of a long task.

    Python waits at its end for every thread of a pool, with all that is queued. A task that is
    cut off is repeated at the next start, as after any kill.
    """
    timer = threading.Timer(_GRACE_SECONDS, os._exit, [0])
    timer.daemon = True
    timer.start()


def work(settings: Settings, *, until_closed: bool = False) -> None:
    """Be a worker: the command `bigpicture worker`.

    With `until_closed` it also ends when its standard input does: when who started it has died.
    """
    configure_log(settings)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with working(open_stores(settings)):
        structlog.get_logger().info("worker is ready", slot=settings.slot)
        if until_closed:
            threading.Thread(target=_await_end, args=[over], daemon=True).start()
        over.wait()
        leave_soon()


def _await_end(over: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):  # not buffered: its lock would stop our own end
        pass
    over.set()
