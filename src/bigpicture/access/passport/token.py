"""Signed tokens (JWS compact, RFC 7515): taken apart strictly, then the signature checked."""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from bigpicture.model.errors import InputError

ALGORITHMS = ("ES256", "RS256")
"""GA4GH AAI 1.2, Signing Algorithms: no other, and above all neither `none` nor HS256."""
VISA_BYTES = 16 << 10
RSA_BITS = 2048
_PART = re.compile(r"[A-Za-z0-9_-]+")


class TokenError(InputError):
    """A token that is not believed; `rule` says which rule it breaks, never what it says."""


@dataclass(frozen=True, slots=True, repr=False)
class Unverified:
    """A token whose signature nobody checked yet."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def digest(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    @property
    def kid(self) -> str:
        return str(self.header["kid"])

    def said(self, name: str) -> str:
        """A claim that must be a text; raises `TokenError`."""
        value = self.claims.get(name)
        if not isinstance(value, str) or not value:
            raise TokenError("a claim is missing.", rule=name)
        return value


def take_apart(text: str, *, most_bytes: int = VISA_BYTES) -> Unverified:
    """Read header and claims; raises `TokenError` for whatever is not exactly so.

    A name that stands twice is refused: readers disagree about which counts (RFC 8725, 2.4).
    """
    if len(text) > most_bytes:
        raise TokenError("the token is too long.", rule=f"at most {most_bytes} bytes")
    parts = text.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise TokenError("this is no signed token.", rule="JWS compact serialisation")
    header, claims = (_read_object(part) for part in parts[:2])
    if header.get("alg") not in ALGORITHMS:
        raise TokenError("the signature is of no kind that counts.", rule="alg ES256 or RS256")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise TokenError("the token does not name its key.", rule="kid")
    if "crit" in header:
        raise TokenError("the token asks for what is not known here.", rule="crit")
    return Unverified(text, header, claims)


def check_signature(token: Unverified, keys: KeySet) -> None:
    """Check the signature with the key that the token names; raises `TokenError`."""
    key = next((each for each in keys.keys if each.kid == token.kid), None)
    is_fit = {
        "ES256": isinstance(key, ECKey) and key.curve_name == "P-256",
        "RS256": isinstance(key, RSAKey) and key.public_key.key_size >= RSA_BITS,
    }
    if key is None or not is_fit[token.header["alg"]]:
        raise TokenError("the token is signed with no key of its issuer.", rule="kid, alg")
    try:
        jws.deserialize_compact(token.text, key, algorithms=[token.header["alg"]])
    except (JoseError, ValueError) as error:
        raise TokenError("the signature is wrong.", rule="signature") from error


def _read_object(part: str) -> dict[str, Any]:
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
        read = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number)
    except (binascii.Error, UnicodeDecodeError, ValueError, RecursionError) as error:
        if isinstance(error, TokenError):
            raise
        raise TokenError("the token holds no JSON.", rule="JSON object") from error
    if not isinstance(read, dict):
        raise TokenError("the token holds no JSON object.", rule="JSON object")
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise TokenError("a name stands twice in the token.", rule="RFC 7519, section 4")
    return read


def _no_number(name: str) -> NoReturn:
    raise TokenError("the token holds what is no number.", rule=name)
