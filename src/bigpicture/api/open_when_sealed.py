"""Open when sealed: of a node that is sealed only the doors answer by which it is opened again."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from bigpicture.access.seals import Seals
from bigpicture.model.errors import SealedError

_DOORS = (
    "/api/v1/node",
    "/api/v1/sessions",
    "/api/v1/second-factor",
    "/api/v1/identity",
    "/api/v1/seals",
    "/api/v1/events",
    "/api/v1/ledger",
)
_UNDER = ("/ledger/", "/assets/")
_TOLD = "/sitemap.xml"
"""Of the addresses of one part the only one that tells of datasets; the others are the portal's
page and files, and what watches the node."""


class OpenWhenSealed:
    """Raises `SealedError` for every other door, before anything was read or decided."""

    def __init__(self, app: ASGIApp, seals: Seals) -> None:
        self._app = app
        self._seals = seals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            sealed = self._seals.current()
            if sealed and sealed.node is not None and not _stays_open(scope["path"]):
                raise SealedError(
                    "this node is sealed.", remedy="Ask its stewards, or come back later."
                )
        await self._app(scope, receive, send)


def _stays_open(path: str) -> bool:
    if path.count("/") == 1:
        return path != _TOLD
    return path.startswith(_UNDER) or any(
        path == door or path.startswith(f"{door}/") for door in _DOORS
    )
