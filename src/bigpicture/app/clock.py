"""The clock: what falls due does so on time, whether anybody asks or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection

from bigpicture.storage.records import Records

INTERVAL_SECONDS = 60.0
JUMP = timedelta(minutes=10)
"""A clock that moves by more than this against the time that went by was set."""

Act = Callable[[Connection, datetime], object]
"""Does what is due by a moment, in the write transaction that it is given."""


class Clock:
    """A thread that lets things fall due once a minute until stopped.

    Each act has a transaction of its own: one that fails is told in the log and tried again, and
    holds up no other. The round after the clock was set does nothing, so that a mistake that is
    put right within a minute ends no grant.
    """

    def __init__(
        self,
        records: Records,
        acts: Sequence[Act],
        *,
        interval: float = INTERVAL_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._acts = acts
        self._interval = interval
        self._now = now
        self._elapsed = elapsed
        self._last: tuple[datetime, float] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=10)

    def tick(self) -> None:
        """One round."""
        now, elapsed = self._now(), self._elapsed()
        last, self._last = self._last, (now, elapsed)
        if last is not None:
            jumped = now - last[0] - timedelta(seconds=elapsed - last[1])
            if abs(jumped) > JUMP:
                told = jumped.total_seconds()
                structlog.get_logger().warning("the clock was set; waiting", seconds=told)
                return
        for act in self._acts:
            try:
                with self._records.write() as connection:
                    act(connection, now)
            except Exception as error:  # noqa: BLE001 - told; the next round tries again
                structlog.get_logger().error("nothing falls due", exc_info=error)

    def _work(self) -> None:
        while not self._over.is_set():
            self.tick()
            self._over.wait(self._interval)
