"""Still: the decision, asked again while a long answer goes out."""

from __future__ import annotations

import time

from starlette.datastructures import Headers

from bigpicture.access.decide import Purpose
from bigpicture.api.asking import read_secret
from bigpicture.api.node import Node
from bigpicture.api.problem import RefusedError

SECONDS = 1.0
"""How often a long answer asks; an end is known `epoch.FRESH_SECONDS` later at the latest."""


class Still:
    """Whether the one who began to read a dataset may read on.

    Before each piece of an answer `ask` is awaited. It raises `RefusedError` once the grant, the
    session or the token has ended: half an answer is out by then, so the connection breaks, and
    nobody takes the part for the whole.
    """

    def __init__(
        self, node: Node, headers: Headers, dataset: str, purpose: Purpose = Purpose.VIEW
    ) -> None:
        self._node = node
        self._secret = read_secret(headers)
        self._dataset = dataset
        self._purpose = purpose
        self._asked = time.monotonic()

    async def ask(self) -> None:
        """Let pass, or raise `RefusedError` or `StorageError`; costs nothing within a second."""
        now = time.monotonic()
        if now - self._asked < SECONDS:
            return
        session = await self._node.sessions.awaited(self._secret) if self._secret else None
        decision = await self._node.decisions.awaited(
            session.person if session else None, self._dataset, self._purpose
        )
        if not decision.allowed:
            raise RefusedError(decision)
        self._asked = now
