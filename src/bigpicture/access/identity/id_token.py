"""The ID token: what an issuer says of who signed in (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import KeySet

from bigpicture.access.passport.times import check_times
from bigpicture.access.passport.token import TokenError, Unverified, check_signature, take_apart
from bigpicture.model.visa import Identity

OLDEST = timedelta(minutes=10)
"""An ID token comes straight from the issuer: an older one is somebody's keepsake."""
_SUBJECT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, with what the issuer says of the person; all but `identity` is hearsay."""

    identity: Identity
    name: str
    preferred: str
    acr: str

    def named_by(self, claims: Mapping[str, Any]) -> SignedIn:
        """With the names that the userinfo endpoint gives, where the token gives none."""
        return replace(
            self,
            name=self.name or _text(claims, "name"),
            preferred=self.preferred or _text(claims, "preferred_username"),
        )


def read_id_token(
    text: str,
    *,
    issuer: str,
    client: str,
    nonce: str,
    keys_of: Callable[[str], KeySet],
    now: datetime,
) -> SignedIn:
    """Check and read it; `keys_of` gives the issuer's keys, with the named one if there is.

    Raises `TokenError` with the rule that it breaks.
    """
    token = take_apart(text)
    if token.claims.get("iss") != issuer:
        raise TokenError("the token is another issuer's.", rule="iss")
    _check_audience(token, client)
    given = token.said("nonce")
    if not hmac.compare_digest(given.encode(), nonce.encode()):
        raise TokenError("the token belongs to another sign-in.", rule="nonce")
    issued, _ = check_times(token, now)
    if now - issued > OLDEST:
        raise TokenError("the token is an old one.", rule="iat")
    check_signature(token, keys_of(token.kid))
    subject = token.said("sub")
    if len(subject) > _SUBJECT_LENGTH:
        raise TokenError("the subject is too long.", rule="sub")
    return SignedIn(
        Identity(issuer, subject),
        name=_text(token.claims, "name"),
        preferred=_text(token.claims, "preferred_username"),
        acr=_text(token.claims, "acr"),
    )


def _check_audience(token: Unverified, client: str) -> None:
    told = token.claims.get("aud")
    audience: list[Any] = told if isinstance(told, list) else [told]
    if client not in audience:
        raise TokenError("the token is meant for somebody else.", rule="aud")
    if (len(audience) > 1 or "azp" in token.claims) and token.claims.get("azp") != client:
        raise TokenError("the token was given to somebody else.", rule="azp")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:200] if isinstance(value, str) and value.isprintable() else ""
