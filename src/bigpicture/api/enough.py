"""Enough: a process answers so many requests at once, and tells the rest to come again."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from bigpicture.model.errors import BusyError

_ALWAYS = frozenset({"/healthz", "/metrics"})
"""Who watches the node must see it when it is full."""


class Enough:
    """Raises `BusyError` past `most`, before anything was read or decided."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        if self._under_way >= self._most:
            raise BusyError(
                "this node has its hands full.",
                rule=f"{self._most} requests at once",
                remedy="Ask again in a moment.",
            )
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1
