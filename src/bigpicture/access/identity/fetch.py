"""Fetch: what is asked of issuers; only addresses that the node's settings or they name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from bigpicture.model.errors import BusyError

SECONDS = 10.0
MOST_BYTES = 1 << 20


class UnreachedError(BusyError):
    """Somebody whom this node trusts did not answer, or not as the standard says."""


def fetch(
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """Ask an address (POST where `data` are given); its status and JSON.

    No redirect is followed: whoever could set one would choose whom this node asks. Raises
    `UnreachedError` for no answer, one that is no JSON, or one of more than a mebibyte.
    """
    asked = {"Accept": "application/json", **(headers or {})}
    try:
        with (
            httpx.Client(timeout=SECONDS, follow_redirects=False) as client,
            client.stream(
                "GET" if data is None else "POST",
                url,
                data=data,
                headers=asked,
                auth=auth,
                params=params,
            ) as answer,
        ):
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise UnreachedError("an answer was too long.", rule=f"{MOST_BYTES} bytes")
            return answer.status_code, json.loads(bytes(body))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise UnreachedError(
            "somebody whom this node must ask does not answer.",
            remedy="Try again in a moment; if it stays, tell the node's steward.",
        ) from error
