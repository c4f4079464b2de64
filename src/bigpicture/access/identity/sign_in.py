"""Sign in at an issuer: code flow with PKCE (OpenID Connect Core 1.0; RFC 7636; RFC 9700)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

from bigpicture.access.identity.attempt import Attempt, decode
from bigpicture.access.identity.discover import Discoveries, Metadata
from bigpicture.access.identity.fetch import UnreachedError, fetch
from bigpicture.access.identity.id_token import SignedIn, read_id_token
from bigpicture.access.identity.key_sets import KeySets
from bigpicture.access.identity.trusted import Issuer
from bigpicture.access.passport.passport import read_visas, refuse_access_token
from bigpicture.access.passport.token import TokenError
from bigpicture.model.errors import SignInError


@dataclass(frozen=True, slots=True)
class Answer:
    """What the issuer sent the browser back with."""

    code: str
    iss: str | None
    error: str | None


class SigningIn:
    """Speaks to issuers; keeps what they say of themselves, and their keys. May block."""

    def __init__(self, discoveries: Discoveries, key_sets: KeySets) -> None:
        self._discoveries = discoveries
        self._key_sets = key_sets

    def address(self, issuer: Issuer, attempt: Attempt, *, callback: str) -> str:
        """Where to send the browser; raises `UnreachedError`."""
        asked = {
            "response_type": "code",
            "client_id": issuer.client_id,
            "redirect_uri": callback,
            "scope": " ".join(issuer.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        where = self._discoveries.get(issuer.issuer).authorize
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def finish(
        self, issuer: Issuer, attempt: Attempt, answer: Answer, *, callback: str, now: datetime
    ) -> tuple[SignedIn, list[str] | None]:
        """Who signed in, and the visas; None where they were not asked for.

        Raises `SignInError` whose `rule` is a short code, or `UnreachedError`.
        """
        metadata = self._discoveries.get(issuer.issuer)
        _check_answer(answer, issuer, tells_iss=metadata.tells_iss)
        tokens = _redeem(issuer, metadata, attempt, answer.code, callback)
        try:
            signed_in = read_id_token(
                str(tokens.get("id_token", "")),
                issuer=issuer.issuer,
                client=issuer.client_id,
                nonce=attempt.nonce,
                keys_of=lambda kid: self._key_sets.get(metadata.keys, kid),
                now=now,
            )
            if metadata.userinfo is None:
                return signed_in, None
            told = _ask_userinfo(metadata.userinfo, tokens, signed_in)
            visas = read_visas(told.get("ga4gh_passport_v1", []))
            return signed_in.named_by(told), visas if issuer.asks_for_visas else None
        except TokenError as error:
            raise SignInError(error.what, rule=f"token {error.rule}") from error


def _check_answer(answer: Answer, issuer: Issuer, *, tells_iss: bool) -> None:
    """RFC 9207: an answer that names its issuer names the one that was asked."""
    if answer.iss != issuer.issuer and (answer.iss is not None or tells_iss):
        raise SignInError("another issuer answers than was asked.", rule="issuer")
    if answer.error or not answer.code:
        raise SignInError("the issuer did not sign you in.", rule="refused")


def _redeem(
    issuer: Issuer, metadata: Metadata, attempt: Attempt, code: str, callback: str
) -> Mapping[str, Any]:
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": attempt.verifier,
    }
    secret, auth = issuer.secret(), None
    if secret is None:
        given["client_id"] = issuer.client_id
    elif metadata.takes_basic:
        auth = (quote_plus(issuer.client_id), quote_plus(secret))  # RFC 6749, section 2.3.1
    else:
        given |= {"client_id": issuer.client_id, "client_secret": secret}
    status, told = fetch(metadata.token, data=given, auth=auth)
    if status != 200 or not isinstance(told, dict):
        raise SignInError("the issuer takes the code for none of its own.", rule="code")
    return told


def _ask_userinfo(
    userinfo: str, tokens: Mapping[str, Any], signed_in: SignedIn
) -> Mapping[str, Any]:
    """What the issuer's userinfo endpoint says of the person: names, and visas."""
    access = str(tokens.get("access_token", ""))
    _refuse_visas_inside(access)
    status, told = fetch(userinfo, headers={"Authorization": f"Bearer {access}"})
    if status != 200 or not isinstance(told, dict):
        raise UnreachedError("the issuer says nothing of the person.")
    if told.get("sub") != signed_in.identity.subject:
        raise TokenError("the issuer speaks of somebody else.", rule="sub")
    return told


def _refuse_visas_inside(access: str) -> None:
    """An access token is opaque to us; one that can be read must carry no visas (AAI 1.2)."""
    parts = access.split(".")
    if len(parts) != 3:
        return
    try:
        claims = json.loads(decode(parts[1]))
    except (ValueError, RecursionError):
        return
    if isinstance(claims, dict):
        refuse_access_token(claims)
