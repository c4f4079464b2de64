"""Work: run the durable workflows of one slot until told to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from bigpicture.app.log import configure_log
from bigpicture.app.open import open_stores, open_stores_here
from bigpicture.settings import Settings
from bigpicture.submission.stores import Stores
from bigpicture.worker.durable import Queue, launch
from bigpicture.worker.executor import make_executor
from bigpicture.worker.resume import Watch


@contextmanager
def working(stores: Stores) -> Generator[Queue]:
    """Run workflows in this process while the block lasts; gives the queue to start them by."""
    # It lives as long as the process: a step that outlives the block still finds it working.
    executor = make_executor(stores, open_stores=open_stores_here)
    durable = launch(replace(stores, executor=executor))
    queue = Queue(stores.settings)
    watch = Watch(stores, queue)
    watch.start()
    try:
        yield queue
    finally:
        watch.stop()
        queue.close()
        durable.stop()


def work(settings: Settings) -> None:
    """Be a worker: the command `bigpicture worker`."""
    configure_log(settings)
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with working(open_stores(settings)):
        structlog.get_logger().info("worker is ready", slot=settings.slot)
        over.wait()
