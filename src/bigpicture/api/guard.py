"""Guard: what every request must keep to, and what every answer carries for a browser's safety."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bigpicture.api.asking import SAFE, read_cookie
from bigpicture.api.problem import Problem, plain_problem, problem_response
from bigpicture.model.errors import LimitError

BODY_BYTES = 1 << 20
LIST_BYTES = 256 << 20
"""A submission announces a million files in one body."""
SHEET_BYTES = 16 << 20
"""Ten thousand rows, or the spreadsheet that holds them."""
DOCUMENT_BYTES = 20 << 20
"""Of an application."""
PACKAGE_BYTES = 256 << 20
"""An algorithm with its weights."""

_SECURITY = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_EVERYWHERE = [(name.lower().encode(), value.encode()) for name, value in _SECURITY.items()]
"""Made once: every tile carries them."""
_API = [*_EVERYWHERE, (b"cache-control", b"no-store")]
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""Where the world reaches the node by https (RFC 6797)."""
_NAMES = frozenset(name for name, _ in [*_API, _HTTPS_ONLY])


class Guard:
    """Refuses forged and oversized requests; adds the security headers."""

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self._app = app
        more = [_HTTPS_ONLY] if is_https else []
        self._api, self._everywhere = [*_API, *more], [*_EVERYWHERE, *more]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        def send_safely(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                is_api = scope["path"].startswith("/api/")
                wanted = self._api if is_api else self._everywhere
                headers = [*message.get("headers", ())]
                given = [name for name, _ in headers if name in _NAMES]  # ASGI: in lower case
                if given:
                    wanted = [header for header in wanted if header[0] not in given]
                message["headers"] = headers + wanted
            return send(message)

        problem = _refuse(scope)
        if problem is not None:
            await problem_response(problem)(scope, receive, send_safely)
            return
        most = _most_bytes(scope)
        if most is not None:
            receive = _limited(receive, Headers(scope=scope), most)
        await self._app(scope, receive, send_safely)


def _refuse(scope: Scope) -> Problem | None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return plain_problem(422, "A NUL character has no place in an address.")
    if scope["method"] not in SAFE and _may_be_forged(Headers(scope=scope)):
        return plain_problem(
            403,
            "A change that rests on the session cookie needs the header X-Requested-With.",
            remedy="Send `X-Requested-With: bigpicture`.",
        )
    return None


def _may_be_forged(headers: Headers) -> bool:
    """A foreign page can make a browser send the cookie, and cannot make it send this header."""
    if "authorization" in headers or read_cookie(headers) is None:
        return False
    return headers.get("x-requested-with") != "bigpicture"


def _most_bytes(scope: Scope) -> int | None:
    """The longest body a door takes; None where it reads none, or itself counts (uploads)."""
    path: str = scope["path"]
    if scope["method"] in SAFE or path.startswith(("/api/v1/uploads/", "/dicomweb/studies")):
        return None
    if path.startswith("/api/v1/preparations/"):
        return SHEET_BYTES
    if path.startswith("/api/v1/applications/") and "/documents/" in path:
        return DOCUMENT_BYTES
    if path.rstrip("/") == "/api/v1/algorithms":
        return PACKAGE_BYTES
    return LIST_BYTES if path.rstrip("/") == "/api/v1/submissions" else BODY_BYTES


def _limited(receive: Receive, headers: Headers, most: int) -> Receive:
    """Count the body as it comes; what is declared too long is not even read."""
    declared = headers.get("content-length", "0")
    counted = int(declared) if declared.isdecimal() else 0
    passed = 0

    async def receive_counted() -> Message:
        nonlocal passed
        message = await receive()
        passed += len(message.get("body", b""))
        if max(passed, counted) > most:
            raise LimitError("the body is too long.", rule=f"at most {most} bytes here")
        return message

    return receive_counted
