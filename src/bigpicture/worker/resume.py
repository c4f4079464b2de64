"""Resume: no submission stays under way without a workflow that works on it."""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy import select

from bigpicture.model.errors import BigpictureError
from bigpicture.model.submission import UNDER_WAY, SubmissionState
from bigpicture.storage.records.tables import submissions
from bigpicture.submission.spool import sweep_working_folders
from bigpicture.submission.state import stop
from bigpicture.submission.stores import Stores
from bigpicture.worker.durable import Queue

_INTERVAL_SECONDS = 5.0
_DAY_SECONDS = 86_400.0
_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


def resume(stores: Stores, queue: Queue) -> int:
    """Enqueue what was completed but never enqueued, and end what ended without saying so.

    A node can die between the commit of `complete` and the enqueueing. Returns how many
    submissions were taken up.
    """
    with stores.records.read() as connection:
        rows = connection.execute(
            select(submissions.c.accession, submissions.c.attempt).where(
                submissions.c.state.in_(list(UNDER_WAY))
            )
        ).all()
    taken_up = 0
    for row in rows:
        status = queue.status(row.accession, row.attempt)
        if status is None:
            queue.start(row.accession, row.attempt)
            taken_up += 1
        elif status in _ENDED:
            failed = SubmissionState.FAILED
            stop(stores, row.accession, failed, _ended(), attempt=row.attempt)
    return taken_up


def sweep(stores: Stores) -> None:
    """Remove what killed processes left: working copies, drafts, bodies that nobody can open."""
    folders = sweep_working_folders(stores.settings)
    objects = stores.vault.sweep()
    stores.records.forget()
    if folders or objects:
        structlog.get_logger().info("swept", folders=folders, objects=objects)


def _ended() -> BigpictureError:
    return BigpictureError(
        "the node stopped working on this submission.",
        remedy="Nothing is lost. Complete the submission again.",
    )


class Watch:
    """A thread that resumes every few seconds and sweeps every day, until stopped."""

    def __init__(self, stores: Stores, queue: Queue) -> None:
        self._stores, self._queue = stores, queue
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="resume", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=_INTERVAL_SECONDS)

    def _watch(self) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            try:
                resume(self._stores, self._queue)
                if time.monotonic() >= due:
                    sweep(self._stores)
                    due = time.monotonic() + _DAY_SECONDS
            except Exception:  # noqa: BLE001 - told in the log; the next round tries again
                structlog.get_logger().exception("resume failed")
            self._over.wait(_INTERVAL_SECONDS)
