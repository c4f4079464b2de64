"""Sessions: who is behind a secret, remembered under the session epoch."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from threading import Lock

from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.access.tokens import Session, digest_secret, find_session
from bigpicture.storage.records import Records

SESSIONS_KEPT = 10_000


class Sessions:
    """Live sessions of this process. A revoked one ends with the epoch, an expired one at once."""

    def __init__(self, records: Records, epochs: Epochs) -> None:
        self._records = records
        self._epochs = epochs
        self._epoch = -1
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def find(self, secret: str) -> Session | None:
        """The live session of this secret, or None. May block."""
        epoch = self._epochs.current()[Epoch.SESSION]
        kept = self._known(secret, epoch)
        if kept is None:
            with self._records.read() as connection:
                kept = find_session(connection, secret)
            if kept is not None:
                self._keep(secret, kept, epoch)
        return kept if kept is not None and kept.is_live(datetime.now(UTC)) else None

    async def awaited(self, secret: str) -> Session | None:
        """As `find`, for the event loop; leaves it only when the answer is not known yet."""
        epochs = await self._epochs.awaited()
        kept = self._known(secret, epochs[Epoch.SESSION])
        if kept is None:
            return await asyncio.to_thread(self.find, secret)
        return kept if kept.is_live(datetime.now(UTC)) else None

    def outdate(self) -> None:
        """A session was ended here, and committed: this process knows of it at once. May block."""
        self._epochs.outdate()

    def _known(self, secret: str, epoch: int) -> Session | None:
        digest = digest_secret(secret)
        with self._lock:
            if epoch > self._epoch:
                self._kept.clear()
                self._epoch = epoch
            return self._kept.get(digest)

    def _keep(self, secret: str, session: Session, epoch: int) -> None:
        with self._lock:
            if epoch != self._epoch:  # it moved while we read: what we read may be gone
                return
            self._kept[digest_secret(secret)] = session
            while len(self._kept) > SESSIONS_KEPT:
                self._kept.popitem(last=False)
