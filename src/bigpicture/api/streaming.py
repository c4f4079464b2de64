"""Streaming: a long answer in pieces, to clients that may be slow or gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.types import Receive, Send

from bigpicture.model.errors import LimitError

PATIENCE_SECONDS = 60.0
"""For one piece: who takes longer holds a connection and a piece of memory for nothing."""


async def send_pieces(receive: Receive, send: Send, pieces: AsyncIterator[bytes]) -> bool:
    """Send each piece when the one before is on its way, then end the answer.

    The start was sent by the caller. Returns whether all was sent: not to a client that has gone,
    for whom nothing more is read. Raises `LimitError` where one is too slow, and what the pieces
    raise; half an answer is out by then, so the connection breaks.
    """
    gone = asyncio.ensure_future(_gone(receive))
    try:
        async for piece in pieces:
            if gone.done():
                return False
            await _send(send, piece, more=True)
            await asyncio.sleep(0)  # to a client that is gone nothing waits: others get their turn
        await _send(send, b"", more=False)
        return True
    finally:
        gone.cancel()


async def led_by(first: bytes, others: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Pieces of which the first was read already, to see that there is one."""
    yield first
    async for each in others:
        yield each


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    message = {"type": "http.response.body", "body": body, "more_body": more}
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await send(message)
    except TimeoutError:
        raise LimitError(
            "the client takes the answer too slowly.",
            rule=f"a piece in {PATIENCE_SECONDS:g} seconds",
        ) from None


async def _gone(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
