"""Observe: a request id, a log line and a count for each request."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bigpicture.api.metrics import Metrics

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered: every log line of it bears it."""
_LOG: Any = structlog.get_logger("bigpicture.http")
_QUIET = frozenset(
    {"tiles", "regions", "iiif", "deepzoom", "dicomweb", "portal", "/healthz", "/metrics"}
)
"""Routes whose ordinary answers are not worth a line each."""
_TOLD = frozenset({401, 403, 429})
"""What is refused is worth one at every door."""


class Observe:
    """The outermost door.

    A log line holds the route's template, never the path or the query: those may carry words that
    somebody typed.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = secrets.token_hex(8)
        status = 0

        def send_observed(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                identity = (b"x-request-id", request_id.encode())
                message["headers"] = [*message.get("headers", ()), identity]
            return send(message)

        before = REQUEST.set(request_id)
        try:
            await self._app(scope, receive, send_observed)
        finally:
            self._finish(scope, status, time.perf_counter() - began)
            REQUEST.reset(before)

    def _finish(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.count_request(route, method, status, seconds)
        if route not in _QUIET or status in _TOLD or status >= 500:
            _LOG.info(
                "request",
                route=route,
                method=method,
                status=status,
                milliseconds=round(seconds * 1000, 2),
            )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """The route's template: `tiles`, `portal`, or a path with its parameters' names."""
    route = scope.get("route")
    return getattr(route, "path", None) or scope.get("bigpicture.door", "none")
