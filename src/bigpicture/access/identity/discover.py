"""Discovery: what an issuer says of itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from bigpicture.access.identity.fetch import UnreachedError, fetch
from bigpicture.access.identity.trusted import check_url

KEPT_SECONDS = 3600.0
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where to send people and where to ask; `tells_iss`: its answers name it (RFC 9207)."""

    authorize: str
    token: str
    keys: str
    userinfo: str | None
    tells_iss: bool
    takes_basic: bool


class Discoveries:
    """Metadata by issuer, asked for once an hour. May block."""

    def __init__(
        self,
        *,
        fetch_json: Callable[[str], tuple[int, Any]] = fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch_json
        self._clock = clock
        self._kept: dict[str, tuple[float, Metadata]] = {}
        self._lock = Lock()

    def get(self, issuer: str) -> Metadata:
        """What the issuer says; raises `UnreachedError` where it says it of another."""
        with self._lock:
            kept = self._kept.get(issuer)
            if kept is None or self._clock() - kept[0] >= KEPT_SECONDS:
                kept = self._kept[issuer] = (self._clock(), self._read(issuer))
            return kept[1]

    def _read(self, issuer: str) -> Metadata:
        status, told = self._fetch(issuer.rstrip("/") + _WELL_KNOWN)
        if status != 200 or not isinstance(told, dict):
            raise UnreachedError("an issuer says nothing of itself.")
        return read_metadata(told, issuer)


def read_metadata(told: dict[str, Any], issuer: str) -> Metadata:
    """Read the document; raises `UnreachedError` where it is another issuer's, or incomplete."""
    if told.get("issuer") != issuer:
        raise UnreachedError("an issuer calls itself by another name.", rule="issuer")
    methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    try:
        return Metadata(
            authorize=check_url(str(told.get("authorization_endpoint"))),
            token=check_url(str(told.get("token_endpoint"))),
            keys=check_url(str(told.get("jwks_uri"))),
            userinfo=check_url(str(told["userinfo_endpoint"]))
            if "userinfo_endpoint" in told
            else None,
            tells_iss=told.get("authorization_response_iss_parameter_supported") is True,
            takes_basic="client_secret_basic" in methods,
        )
    except ValueError as error:
        raise UnreachedError("an issuer names an address that is not safe to ask.") from error
