"""A node, spoken to over HTTP."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from bigpicture import __version__
from bigpicture.model.errors import (
    BigpictureError,
    ChangedError,
    ConflictError,
    ErasedError,
    ForbiddenError,
    InputError,
    LimitError,
    SettingsError,
    SignInError,
    StorageError,
    StorageFullError,
    UnknownError,
)

TOKEN_VARIABLE = "BIGPICTURE_TOKEN"  # noqa: S105 - the name of a variable
_UNREAD_BYTES = 128 << 10
"""What the kernel holds of an answer that we have not read: lost, and sent again, where we end."""
_PATIENCE = (0.2, 0.5, 1, 2, 4, 8, 15)
_UNAVAILABLE = 503


class UnreachedError(StorageError):
    """No answer came, or it broke off."""


class FailedError(StorageError):
    """The node failed at what was asked; asking again does not help."""


_KINDS: dict[int, type[BigpictureError]] = {
    400: InputError,
    401: SignInError,
    403: ForbiddenError,
    404: UnknownError,
    409: ConflictError,
    410: ErasedError,
    412: ChangedError,
    413: LimitError,
    415: InputError,
    422: InputError,
    428: InputError,
    429: LimitError,
    500: FailedError,
    507: StorageFullError,
}


class Node:
    """One node and the token we show it. Use it with `with`; threads may share one.

    Errors of the node are raised as the same error that the node raised. `on_wait` is told, once
    for each request, that the node did not answer and is waited for.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        timeout: float = 60.0,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self.url = url.rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise SettingsError(
                "this is not the address of a node.",
                place=self.url,
                remedy="Give it as http://host:port or https://host.",
            )
        self._on_wait = on_wait
        self.token = token = token or os.environ.get(TOKEN_VARIABLE)
        headers = {"User-Agent": f"bigpicture/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=self.url,
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=10.0),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def greet(self) -> None:
        """See that a node answers at the address, without waiting for one.

        Raises `UnreachedError` where nobody answers, `UnknownError` where something else does.
        """
        with self._reached():
            answer = self._http.get("/api/v1/node")
        try:
            known = answer.status_code == _UNAVAILABLE or "version" in answer.json()
        except ValueError:
            known = False
        if not known:
            raise UnknownError(
                "something answers there, but it is no Bigpicture node.",
                place=self.url,
                remedy="Give the address that the portal has in the browser, up to the port.",
            )

    def sign_in(
        self, name: str, password: str, *, ask_code: Callable[[], str] | None = None
    ) -> None:
        """Open a session for this client; raises `SignInError`.

        `ask_code` asks for the code of the person's second factor, where there is one.
        """
        given = {"name": name, "password": password}
        half = self.request("POST", "/api/v1/sessions", json=given).json()
        if half.get("needs") == "code":
            if ask_code is None:
                raise SignInError(
                    "this account has a second factor.",
                    remedy=f"Put a token (portal, Account) into {TOKEN_VARIABLE}.",
                )
            shown = {"ticket": half["ticket"], "code": ask_code()}
            self.request("POST", "/api/v1/sessions/second-factor", json=shown)
        self._http.headers["X-Requested-With"] = "bigpicture"

    def get(self, path: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        """The JSON at `path`; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.request("GET", path, params=given).json()

    def items(self, path: str, **parameters: object) -> Iterator[Any]:
        """Every item of a list, page after page."""
        after: object = None
        while True:
            page = self.get(path, after=after, **parameters)
            yield from page["items"]
            after = page.get("next")
            if not after:
                return

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Send JSON; returns the JSON answer, or None where there is none."""
        answer = self.request("POST", path, json=body)
        return answer.json() if answer.content else None

    def request(
        self,
        method: str,
        path: str,
        *,
        is_patient: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> httpx.Response:
        """One request; raises the error that the node's problem document stands for.

        A node that cannot be reached, or that says it is not available now, is waited for about
        half a minute: every request of ours may be repeated. (A repeated PATCH is told that its
        offset is behind, and asks again.) Not so where the request is not patient.
        """
        pauses = list(_PATIENCE) if is_patient else []
        while True:
            try:
                with self._reached():
                    answer = self._http.request(method, path, **options)
                if answer.status_code != _UNAVAILABLE or not pauses:
                    raise_problem(answer)
                    return answer
            except UnreachedError:
                if not pauses:
                    raise
            if len(pauses) == len(_PATIENCE):
                self._on_wait()
            time.sleep(pauses.pop(0))

    @contextmanager
    def stream(self, path: str, *, headers: Mapping[str, str]) -> Generator[httpx.Response]:
        """An answer to read in pieces, once; raises as `request`, but waits for nothing.

        `UnreachedError` comes also from the reading, where the connection breaks.
        """
        with self._reached(), self._http.stream("GET", path, headers=dict(headers)) as answer:
            if answer.is_error:
                answer.read()
            raise_problem(answer)
            line = answer.extensions["network_stream"].get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD_BYTES)
            yield answer

    @contextmanager
    def _reached(self) -> Generator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise UnreachedError(
                f"the node could not be reached ({type(error).__name__}).",
                place=self.url,
                remedy="Is it running, and is the address right? Try again; "
                "what was sent before is kept.",
            ) from error


def raise_problem(answer: httpx.Response) -> None:
    """Raise the error of our own tree that an RFC 9457 answer stands for; nothing on success."""
    if not answer.is_error:
        return
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    kind = _KINDS.get(answer.status_code, StorageError)
    raise kind(
        str(problem.get("detail") or problem.get("title") or f"HTTP {answer.status_code}"),
        place=str(problem.get("place") or ""),
        rule=str(problem.get("rule") or ""),
        remedy=str(problem.get("remedy") or _where_to_apply(problem)),
    )


def _where_to_apply(problem: Mapping[str, object]) -> str:
    apply = str(problem.get("apply") or "")
    return f"Apply at {apply.removeprefix('mailto:')}." if apply else ""
