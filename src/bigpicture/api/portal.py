"""The portal: its built files, and its page for every address that a person may type."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from bigpicture.api.landing_page import LandingPages
from bigpicture.api.problem import plain_problem, problem_response
from bigpicture.model.errors import BigpictureError

BUILT = Path(__file__).parent / "portal"
_MACHINES = ("/api/", "/dicomweb/", "/iiif/", "/ga4gh/", "/ledger/", "/permissions/")
"""Doors for programs: an unknown one is a problem, never the portal's page."""

_FOREVER = "public, max-age=31536000, immutable"
_ABSENT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bigpicture node</title>
<body style="font: 1.1rem/1.6 system-ui; max-width: 40rem; margin: 15vh auto; padding: 0 1rem">
<h1>The node runs; its portal is not built</h1>
<p>Run <code>make env</code> in the repository, then reload this page.
The programs' doors work without it: see <a href="/openapi.json">/openapi.json</a>.</p>"""


class Portal:
    """Serves the files of `folder`. Names with a digest (under `assets/`) are kept forever.

    `landing` writes into the page what a dataset's landing page tells programs.
    """

    def __init__(self, folder: Path = BUILT, landing: LandingPages | None = None) -> None:
        self._folder = folder.resolve()
        self._landing = landing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["bigpicture.door"] = "portal"
        answer = await self._land(scope) or self._answer(scope)
        await answer(scope, receive, send)

    async def _land(self, scope: Scope) -> Response | None:
        """A landing page, whatever is accepted: harvesters seldom say that they read HTML."""
        accession = self._landing.accession(scope["path"]) if self._landing else None
        page = self._find("/index.html")
        if self._landing is None or accession is None or page is None:
            return None
        if scope["method"] not in ("GET", "HEAD"):
            return None
        try:
            landed = await run_in_threadpool(
                self._landing.land, page.read_text("utf-8"), accession, scope
            )
        except BigpictureError:
            return None  # the page itself says what does not answer
        if landed.status == 404 and "text/html" not in Headers(scope=scope).get("accept", ""):
            return None
        headers = {"Cache-Control": "no-cache"} | ({"Link": landed.links} if landed.links else {})
        return HTMLResponse(landed.html, landed.status, headers)

    def _answer(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return problem_response(plain_problem(405, "The portal only gives."))
        file = self._find(path)
        if file is not None:
            caching = _FOREVER if path.startswith("/assets/") else "no-cache"
            return FileResponse(file, headers={"Cache-Control": caching})
        accepts = Headers(scope=scope).get("accept", "")
        is_page = path == "/" or "text/html" in accepts
        if path.startswith(_MACHINES) or not is_page:
            return problem_response(plain_problem(404, "There is nothing here."))
        page = self._find("/index.html")
        if page is None:
            return HTMLResponse(_ABSENT, 503)
        return FileResponse(page, headers={"Cache-Control": "no-cache"})

    def _find(self, path: str) -> Path | None:
        """The file of a path, never one outside the folder."""
        if "\0" in path:
            return None
        wanted = (self._folder / path.lstrip("/")).resolve()
        is_inside = wanted.is_relative_to(self._folder)
        return wanted if is_inside and wanted.is_file() else None
