"""Still: the decision, asked again while a long answer goes out."""

from __future__ import annotations

import time

from starlette.datastructures import Headers

from bigpicture.access.decide import Decision, Purpose
from bigpicture.access.epoch import Epoch
from bigpicture.api.asking import read_secret
from bigpicture.api.node import Node
from bigpicture.api.problem import RefusedError
from bigpicture.model.errors import ErasedError
from bigpicture.model.person import Person

SECONDS = 1.0
"""How often a long answer asks; an end is known `epoch.FRESH_SECONDS` later at the latest."""


class Still:
    """Whether the one who began to read a dataset may read on.

    Before each piece of an answer `ask` is awaited. It raises `RefusedError` once the grant, the
    session or the token has ended, or `ErasedError` once anybody was erased: half an answer is out
    by then, so the connection breaks, and nobody takes the part for the whole.
    """

    def __init__(
        self, node: Node, headers: Headers, dataset: str, purpose: Purpose = Purpose.VIEW
    ) -> None:
        self._node = node
        self._secret = read_secret(headers)
        self._dataset = dataset
        self._purpose = purpose
        self._erasures = node.epochs.last(Epoch.ERASURE)
        self._asked = time.monotonic()

    async def ask(self) -> None:
        """Let pass, or raise `RefusedError` or `StorageError`; costs nothing within a second."""
        now = time.monotonic()
        if now - self._asked < SECONDS:
            return
        await decide_for(self._node, self._secret, self._dataset, self._purpose)
        if self._node.epochs.last(Epoch.ERASURE) != self._erasures:
            raise ErasedError(
                "a subject was erased while this went out, perhaps one of this file.",
                place=self._dataset,
                remedy="Ask again for what is missing.",
            )
        self._asked = now


async def decide_for(
    node: Node, secret: str | None, dataset: str, purpose: Purpose
) -> tuple[Person | None, Decision]:
    """Who shows a secret, and the decision when it is yes; raises `RefusedError`."""
    session = await node.sessions.awaited(secret) if secret else None
    person = session.person if session else None
    decision = await node.decisions.awaited(person, dataset, purpose)
    if not decision.allowed:
        raise RefusedError(decision)
    return person, decision
