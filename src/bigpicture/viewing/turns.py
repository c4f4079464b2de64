"""Turns: work that takes memory goes on a few at a time, and nobody's asking starves another."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bigpicture.model.errors import BusyError


class Turns:
    """Lets `at_once` go on and `most` wait; those who wait are served in turn, person by person.

    Who asks for a hundred things at once waits behind who asks for one. For one event loop.
    """

    def __init__(self, at_once: int, *, most: int) -> None:
        self._free = at_once
        self._most = most
        self._waiting = 0
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncGenerator[None]:
        """Wait for a turn and hold it; raises `BusyError` where too many wait already."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(who)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, who: str) -> None:
        if self._waiting >= self._most:
            raise BusyError(
                "the node has more to draw than it can.", remedy="Ask again in a moment."
            )
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(who, deque()).append(turn)
        self._waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()  # it had just been given
            raise
        finally:
            self._waiting -= 1

    def _pass_on(self) -> None:
        """Give the turn to the next person in the round, or lay it down."""
        while self._queues:
            who, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[who] = queue
            if not turn.cancelled():
                turn.set_result(None)
                return
        self._free += 1
