"""A passport: the signed envelope (AAI 1.2, Passport Format) around a person's visas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from joserfc.jwk import KeySet

from bigpicture.access.passport.judge import MOST_VISAS
from bigpicture.access.passport.times import check_times
from bigpicture.access.passport.token import TokenError, check_signature, take_apart
from bigpicture.model.visa import Identity

TYPE = "vnd.ga4gh.passport+jwt"
PASSPORT_BYTES = 512 << 10
_CLAIM = "ga4gh_passport_v1"


def read_passport(
    text: str, *, keys_of_issuer: Callable[[str, str], KeySet], now: datetime
) -> tuple[Identity, list[str]]:
    """Whose it is, and its visas as they came; raises `TokenError`.

    `keys_of_issuer` gives the keys of an issuer that is trusted to make passports, and raises
    `TokenError` for any other, before anything is fetched.
    """
    token = take_apart(text, most_bytes=PASSPORT_BYTES)
    if token.header.get("typ") != TYPE:
        raise TokenError("the token is no passport.", rule="typ")
    issuer, subject = token.said("iss"), token.said("sub")
    check_times(token, now)
    check_signature(token, keys_of_issuer(issuer, token.kid))
    return Identity(issuer, subject), read_visas(token.claims.get(_CLAIM))


def read_visas(given: Any) -> list[str]:  # noqa: ANN401 - JSON
    """The claim `ga4gh_passport_v1`: a list of signed tokens; raises `TokenError`."""
    if not isinstance(given, list):
        raise TokenError("there is no list of visas.", rule=_CLAIM)
    visas: list[object] = given
    if len(visas) > MOST_VISAS:
        raise TokenError("the passport holds too many visas.", rule=f"at most {MOST_VISAS}")
    if not all(isinstance(each, str) for each in visas):
        raise TokenError("a visa is no signed token.", rule=_CLAIM)
    return [str(each) for each in visas]


def refuse_access_token(claims: dict[str, Any]) -> None:
    """AAI 1.2: an access token carries no visas; one that does is no access token."""
    for name in (_CLAIM, "ga4gh_visa_v1"):
        if name in claims:
            raise TokenError("an access token carries no visas.", rule=name)
