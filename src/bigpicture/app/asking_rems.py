"""Asking REMS: what it decides reaches the grants of this node while it works."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from bigpicture.access.identity.trusted import Rems
from bigpicture.access.rems import poll
from bigpicture.model.errors import BigpictureError
from bigpicture.storage.records import Records

INTERVAL_SECONDS = 300.0


class AskingRems:
    """A thread that asks each REMS every five minutes until stopped.

    One that does not answer is told in the log, and changes nothing: its grants stand, with the
    end that each of them has.
    """

    def __init__(
        self, records: Records, deciders: Sequence[Rems], *, interval: float = INTERVAL_SECONDS
    ) -> None:
        self._records = records
        self._deciders = deciders
        self._interval = interval
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="rems", daemon=True)

    def start(self) -> None:
        if self._deciders:
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)  # a REMS that hangs holds up nobody's end

    def _work(self) -> None:
        while not self._over.is_set():
            for rems in self._deciders:
                self._ask(rems)
            self._over.wait(self._interval)

    def _ask(self, rems: Rems) -> None:
        log = structlog.get_logger("bigpicture.rems")
        try:
            log.info("REMS was asked", url=rems.url, entitlements=poll(self._records, rems))
        except BigpictureError as error:
            log.warning("REMS was not followed", url=rems.url, what=error.what, rule=error.rule)
        except Exception:  # told in the log; the next round tries again
            log.exception("REMS was not followed", url=rems.url)
