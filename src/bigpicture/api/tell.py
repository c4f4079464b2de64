"""Tell: every error that reaches the edge becomes a problem for the reader, a line for us."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import bigpicture
from bigpicture.api.picture_answer import FOREIGN
from bigpicture.api.problem import RefusedError, problem_of, problem_response, status_of
from bigpicture.model.errors import BigpictureError, BusyError

_ELSEWHERE = frozenset({"iiif", "deepzoom", "dicomweb"})
"""Doors that pages of other sites ask: they are to see what went wrong, too."""
_REFUSALS = frozenset({401, 403, 429})
_HERE = str(Path(bigpicture.__file__).parent)
_LOG: Any = structlog.get_logger("bigpicture.http")


class Tell:
    """Answers with a problem where the doors inside raise; nothing leaves as a trace."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = ended = False

        def send_watched(message: Message) -> Awaitable[None]:
            nonlocal begun, ended
            begun = True
            ended = message["type"] == "http.response.body" and not message.get("more_body")
            return send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception as error:
            tell(error)
            if begun and not ended:
                if status_of(error) < 500:
                    return  # the server breaks off an answer without an end
                raise  # half an answer is out: only a broken connection is honest
            if not begun:
                answer = problem_response(problem_of(error))
                if scope.get("bigpicture.door") in _ELSEWHERE:
                    answer.raw_headers.extend(FOREIGN)
                await answer(scope, receive, send)


def tell(error: Exception) -> None:
    """Log a refusal, and an error that is our fault: where it happened, no value around it."""
    status = status_of(error)
    if status in _REFUSALS:
        _LOG.warning("refused", status=status, kind=type(error).__name__, reason=_reason_of(error))
    if status < 500 or isinstance(error, BusyError):
        return  # a node that is busy counts such answers, and has no time for a line each
    what = error.what if isinstance(error, BigpictureError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if _HERE in each.filename] + frames[-1:]
    trace = [f"{each.filename}:{each.lineno} {each.name}" for each in ours]
    _LOG.error("failed", kind=type(error).__name__, what=what, trace=trace)


def _reason_of(error: Exception) -> str:
    reason = error.decision.reason if isinstance(error, RefusedError) else None
    return str(reason or "")
