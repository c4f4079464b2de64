"""A visa out of a signed token: every rule that does not need a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bigpicture.access.passport.conditions import read_conditions
from bigpicture.access.passport.times import SKEW, check_times, read_moment
from bigpicture.access.passport.token import TokenError, Unverified
from bigpicture.model.visa import URL_LENGTH, Authority, Identity, Visa, VisaType

TYPES = ("vnd.ga4gh.visa+jwt", "JWT")
"""The header `typ`; AAI 1.2 recommends the first and permits the second."""
_PREFIX = "application/"
_SUBJECT_LENGTH = 255
_VALUE_LENGTH = 4096
_LISTED = frozenset({VisaType.AFFILIATION_AND_ROLE, VisaType.LINKED_IDENTITIES})
"""Standard types whose value is no URL."""
_SAYS_BY = frozenset({VisaType.CONTROLLED_ACCESS_GRANTS, VisaType.ACCEPTED_TERMS_AND_POLICIES})


def read_visa(token: Unverified, now: datetime) -> Visa:
    """Read it; raises `TokenError` with the rule that it breaks."""
    typ = token.header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.removeprefix(_PREFIX) not in TYPES:
        raise TokenError("the token is no visa.", rule="typ")
    _check_kind(token)
    issued, expires = check_times(token, now)
    held = token.claims.get("ga4gh_visa_v1")
    if not isinstance(held, dict):
        raise TokenError("the token holds no visa.", rule="ga4gh_visa_v1")
    said: Mapping[str, Any] = held
    asserted = read_moment(said.get("asserted"), "asserted")
    if asserted > now + SKEW:
        raise TokenError("the visa was asserted in the future.", rule="asserted")
    kind = _read_type(said)
    subject = token.said("sub")
    if len(subject) > _SUBJECT_LENGTH:
        raise TokenError("the subject is too long.", rule="sub")
    return Visa(
        identity=Identity(_read_url(token.claims, "iss"), subject),
        type=kind,
        value=_read_value(said, kind),
        source=_read_url(said, "source"),
        by=_read_by(said, kind),
        asserted=asserted,
        issued=issued,
        expires=expires,
        digest=token.digest,
        conditions=read_conditions(said.get("conditions")),
    )


def _check_kind(token: Unverified) -> None:
    """A document token, which names where its key lies, and opens nothing by itself."""
    scope = token.claims.get("scope", "")
    if not isinstance(scope, str):
        raise TokenError("the scope is no text.", rule="scope")
    if not isinstance(token.header.get("jku"), str):
        raise TokenError(
            "the visa is no document token: visas that are access tokens are not taken.",
            rule="jku",
        )
    if "openid" in scope.split():
        raise TokenError("a document token is no access token.", rule="scope")


def _read_type(said: Mapping[str, Any]) -> str:
    kind = said.get("type")
    if not isinstance(kind, str) or not kind:
        raise TokenError("the visa does not say its type.", rule="type")
    return kind if kind in frozenset(VisaType) else _read_url(said, "type")


def _read_value(said: Mapping[str, Any], kind: str) -> str:
    if kind in frozenset(VisaType) - _LISTED:
        return _read_url(said, "value")
    value = said.get("value")
    if not isinstance(value, str) or not value or len(value) > _VALUE_LENGTH:
        raise TokenError("the visa does not say its value.", rule="value")
    return value


def _read_by(said: Mapping[str, Any], kind: str) -> Authority | None:
    by = said.get("by")
    if by is None and kind not in _SAYS_BY:
        return None
    if not isinstance(by, str) or by not in frozenset(Authority):
        raise TokenError("the visa does not say who decided.", rule="by")
    return Authority(by)


def _read_url(said: Mapping[str, Any], name: str) -> str:
    """A URL claim: compared as it is, letter by letter, and never fetched."""
    url = said.get(name)
    if not isinstance(url, str) or len(url) > URL_LENGTH or not url.isprintable():
        raise TokenError("the visa says no URL where one belongs.", rule=name)
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise TokenError("the visa says no URL where one belongs.", rule=name) from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise TokenError("the visa says no URL where one belongs.", rule=name)
    return url
