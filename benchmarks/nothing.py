"""An ASGI application that does nothing but answer: what uvicorn alone can reach."""

from __future__ import annotations

_BODY = bytes(14_000)
_HEADERS = [(b"content-type", b"image/jpeg"), (b"content-length", str(len(_BODY)).encode())]


async def application(scope, receive, send):
    del receive
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
