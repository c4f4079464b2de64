"""Sequencing: events enter the record's tree while the node works."""

from __future__ import annotations

import threading
import time

import structlog

from bigpicture.access.seal_files import SealFiles
from bigpicture.app.gone_back import sealing_what_went_back
from bigpicture.ledger.sequence import Sequencer

INTERVAL_SECONDS = 2.0
_TELL_SECONDS = 60.0


class Sequencing:
    """A thread that sequences every two seconds until stopped, and once more then.

    A failure is told in the log, once a minute, and tried again: events are recorded meanwhile,
    and wait. Where the records are older than what was signed, the node is sealed.
    """

    def __init__(
        self, sequencer: Sequencer, seals: SealFiles, *, interval: float = INTERVAL_SECONDS
    ) -> None:
        self._sequencer = sequencer
        self._seals = seals
        self._interval = interval
        self._over = threading.Event()
        self._told = float("-inf")
        self._thread = threading.Thread(target=self._work, name="sequencing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(timeout=10 * self._interval)

    def _work(self) -> None:
        while not self._over.is_set():
            self._sequence()
            self._over.wait(self._interval)
        self._sequence()

    def _sequence(self) -> None:
        try:
            with sealing_what_went_back(self._sequencer, self._seals):
                self._sequencer.run()
        except Exception as error:  # noqa: BLE001 - told in the log; the next round tries again
            if time.monotonic() - self._told > _TELL_SECONDS:
                self._told = time.monotonic()
                structlog.get_logger().error("events are not sequenced", exc_info=error)
