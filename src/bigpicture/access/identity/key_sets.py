"""Key sets: the public keys of issuers, remembered, and asked for anew when they rotate."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from bigpicture.access.identity.fetch import UnreachedError, fetch

KEPT_SECONDS = 600.0
AGAIN_SECONDS = 60.0
"""How soon an issuer may be asked again for a key that nobody knows: a forger asks as well."""


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: KeySet
    at: float


class KeySets:
    """Keys by the URL at which they lie; callers have checked that URL. May block."""

    def __init__(
        self,
        *,
        fetch_json: Callable[[str], tuple[int, Any]] = fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch_json
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def get(self, url: str, kid: str) -> KeySet:
        """The keys at `url`, with the one named `kid` if it is there."""
        with self._lock:  # those who waited find the answer of the first
            kept = self._kept.get(url)
            age = self._clock() - kept.at if kept else float("inf")
            is_known = kept is not None and any(key.kid == kid for key in kept.keys.keys)
            if kept is None or age >= (KEPT_SECONDS if is_known else AGAIN_SECONDS):
                kept = self._kept[url] = _Kept(self._read(url), self._clock())
            return kept.keys

    def _read(self, url: str) -> KeySet:
        status, told = self._fetch(url)
        if status != 200 or not isinstance(told, dict) or not isinstance(told.get("keys"), list):
            raise UnreachedError("an issuer gives no keys.")
        return read_keys(told["keys"])


def read_keys(given: list[Any]) -> KeySet:
    """The keys that could sign for us; others (to encrypt, of other kinds, broken) are left out."""
    found: list[Key] = []
    for each in given:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig":
            continue
        kind = {"EC": ECKey, "RSA": RSAKey}.get(str(each.get("kty")))
        if kind is None or "d" in each:  # a private key that somebody shows signs for anybody
            continue
        try:
            found.append(kind.import_key(each))
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return KeySet(found)
