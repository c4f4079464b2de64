"""The web process: the doors over one set of stores."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing import connection as pipes
from multiprocessing import parent_process
from typing import Any

import structlog
from sqlalchemy import select

from bigpicture.api.application import build
from bigpicture.api.node import Node
from bigpicture.app.gone_back import seal_if_gone_back
from bigpicture.app.log import configure_log
from bigpicture.app.open import open_stores
from bigpicture.settings import Settings
from bigpicture.storage.records.tables import submissions
from bigpicture.submission.stores import Stores
from bigpicture.worker.durable import Queue


def make_web(stores: Stores, queue: Queue) -> Any:  # noqa: ANN401 - an ASGI application
    """Build the ASGI application of one process."""

    def start_work(accession: str) -> None:
        with stores.records.read() as connection:
            attempt = connection.scalar(
                select(submissions.c.attempt).where(submissions.c.accession == accession)
            )
        try:
            queue.start(accession, int(attempt or 0))
        except Exception as error:  # noqa: BLE001 - it is complete; a worker's watch takes it up
            structlog.get_logger().warning("not enqueued yet", kind=type(error).__name__)

    seal_if_gone_back(stores)
    node = Node.open(stores, start_work=start_work)
    return build(node)


def web_from_environment() -> Any:  # noqa: ANN401 - an ASGI application
    """Build it from the environment: how each process of `serve --workers N` begins."""
    settings = Settings.load()
    # each web process counts for itself, so its metrics need a name of their own
    settings = settings.model_copy(update={"slot": f"web-{os.getpid()}"})
    configure_log(settings)
    _end_with_parent()
    return make_web(open_stores(settings), Queue(settings))


def _end_with_parent() -> None:
    """A web process whose parent was killed would keep the port, and no one could stop it."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        pipes.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
