"""Sessions: who is behind a secret, remembered under the session epoch."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock

import structlog

from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.access.tokens import (
    Session,
    Token,
    TokenKind,
    digest_secret,
    find_session,
    note_use,
)
from bigpicture.model.errors import StorageError
from bigpicture.storage.records import Records

SESSIONS_KEPT = 10_000
USED_EVERY = timedelta(hours=1)
"""How finely the last use of a token is known: a write an hour, not one a request."""
_SHARES_OF_IDLE = 12
"""So many times in its longest pause the last use of a session is written."""


class Sessions:
    """Live sessions of this process. A revoked one ends with the epoch, an expired one at once.

    With `is_factor_required` a person without a second factor has no role that decides for
    others. `is_shut` says of an issuer that whom it signed in counts as nobody. A session (no token
    of a program) is over when nobody used it for `idle`, in any process.
    """

    def __init__(
        self,
        records: Records,
        epochs: Epochs,
        *,
        is_factor_required: bool = False,
        is_shut: Callable[[str], bool] = lambda _: False,
        idle: timedelta | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._records = records
        self._epochs = epochs
        self._is_factor_required = is_factor_required
        self._is_shut = is_shut
        self._idle = idle
        self._now = now
        self._epoch = -1
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._lock = Lock()

    def narrow(self, session: Session) -> Session:
        """The session with what its token and the second factor leave of the person."""
        return session.narrowed(is_factor_required=self._is_factor_required)

    def find(self, secret: str) -> Session | None:
        """The live session of this secret, or None. May block."""
        epoch = self._epochs.current()[Epoch.SESSION]
        now = self._now()
        kept = self._known(secret, epoch)
        if kept is None or self._is_idle(kept.token, now):  # others may know of a later use
            with self._records.read() as connection:
                found = find_session(connection, secret)
            kept = None if found is None else self.narrow(found)
            if kept is not None:
                self._keep(secret, kept, epoch)
        if kept is None or not self._is_open(kept, now):
            return None
        if self._is_use_new(kept.token, now):
            kept = self._note_use(kept, now)
            self._keep(secret, kept, epoch)
        return kept

    async def awaited(self, secret: str) -> Session | None:
        """As `find`, for the event loop; leaves it only when the answer is not known yet."""
        epochs = self._epochs.known() or await self._epochs.awaited()
        kept = self._known(secret, epochs[Epoch.SESSION])
        now = self._now()
        if kept is None or self._is_use_new(kept.token, now):
            return await asyncio.to_thread(self.find, secret)
        return kept if self._is_open(kept, now) else None

    def outdate(self) -> None:
        """A session was ended here, and committed: this process knows of it at once. May block."""
        self._epochs.outdate()

    def _is_open(self, session: Session, now: datetime) -> bool:
        issuer = session.token.issuer
        is_over = not session.is_live(now) or self._is_idle(session.token, now)
        return not is_over and not (issuer and self._is_shut(issuer))

    def _is_idle(self, token: Token, now: datetime) -> bool:
        if self._idle is None or token.kind is not TokenKind.SESSION:
            return False
        return now - (token.last_used or token.created) >= self._idle

    def _is_use_new(self, token: Token, now: datetime) -> bool:
        if token.kind is TokenKind.API:
            return token.last_used is None or now - token.last_used >= USED_EVERY
        if self._idle is None:
            return False
        return now - (token.last_used or token.created) >= self._idle / _SHARES_OF_IDLE

    def _note_use(self, session: Session, now: datetime) -> Session:
        """Keep that the token was used. Where that fails, it is tried again in an hour."""
        try:
            with self._records.write() as connection:
                note_use(connection, session.token, now)
        except StorageError as error:
            structlog.get_logger().warning("the use of a token was not kept", exc_info=error)
        return replace(session, token=replace(session.token, last_used=now))

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
