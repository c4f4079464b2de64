"""When a token counts: issued in the past, not expired, by clocks that may differ a little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bigpicture.access.passport.token import TokenError, Unverified

SKEW = timedelta(minutes=1)
"""How far the clock of an issuer may be ahead of ours. What has expired has expired."""
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def read_moment(value: object, name: str) -> datetime:
    """A NumericDate (RFC 7519, section 2) as a moment; raises `TokenError`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError("a time is missing, or is none.", rule=name)
    if not 0 <= value < _LATEST.timestamp():
        raise TokenError("a time lies outside of all time.", rule=name)
    return datetime.fromtimestamp(value, UTC)


def check_times(token: Unverified, now: datetime) -> tuple[datetime, datetime]:
    """When it was issued and when it expires; raises `TokenError` where it does not count now."""
    issued = read_moment(token.claims.get("iat"), "iat")
    expires = read_moment(token.claims.get("exp"), "exp")
    if expires <= now:
        raise TokenError("the token has expired.", rule="exp")
    if issued > now + SKEW:
        raise TokenError("the token was issued in the future.", rule="iat")
    begins = token.claims.get("nbf")
    if begins is not None and read_moment(begins, "nbf") > now + SKEW:
        raise TokenError("the token does not count yet.", rule="nbf")
    return issued, expires
