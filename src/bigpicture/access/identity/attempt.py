"""An attempt to sign in, kept in the browser that makes it, with the node's mark on it."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bigpicture.access.node_keys import NodeKeys
from bigpicture.model.errors import SignInError

LIFETIME = timedelta(minutes=10)
_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Attempt:
    """`verifier` is PKCE's; `onward` where the person wanted to be.

    `person` is the id of who was signed in and wants the identity linked; empty: a sign-in.
    `expires` in Unix seconds.
    """

    issuer: str
    state: str
    nonce: str
    verifier: str
    onward: str
    person: str
    expires: float

    @property
    def challenge(self) -> str:
        """PKCE's S256 of the verifier (RFC 7636, section 4.2)."""
        return encode(sha256(self.verifier.encode()).digest())


def begin_attempt(issuer: str, *, onward: str, person: str, now: datetime) -> Attempt:
    """A new attempt with this issuer's id."""
    return Attempt(
        issuer=issuer,
        state=secrets.token_urlsafe(_BYTES),
        nonce=secrets.token_urlsafe(_BYTES),
        verifier=secrets.token_urlsafe(_BYTES),
        onward=onward,
        person=person,
        expires=(now + LIFETIME).timestamp(),
    )


def mark_attempt(attempt: Attempt, keys: NodeKeys) -> str:
    """The value of the cookie."""
    body = json.dumps(asdict(attempt)).encode()
    return f"{encode(body)}.{encode(keys.mark(body))}"


def read_attempt(
    cookie: str | None, *, issuer: str, state: str, keys: NodeKeys, now: datetime
) -> Attempt:
    """The attempt that this answer belongs to.

    Raises `SignInError` where there is none in this browser, it is not ours, is of another
    issuer, has another state, or is too old; its `rule` is a short code for the portal.
    """
    body, dot, mark = (cookie or "").partition(".")
    if not dot:
        raise SignInError("this browser has begun no sign-in.", rule="state")
    try:
        raw = decode(body)
        is_ours = hmac.compare_digest(decode(mark), keys.mark(raw))
    except ValueError:
        is_ours, raw = False, b""
    if not is_ours:
        raise SignInError("this sign-in was not begun here.", rule="state")
    attempt = Attempt(**json.loads(raw))
    if attempt.issuer != issuer:
        raise SignInError("another issuer answers than was asked.", rule="issuer")
    if not state or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise SignInError("the answer belongs to another sign-in.", rule="state")
    if now.timestamp() >= attempt.expires:
        raise SignInError("the sign-in took too long.", rule="late")
    return attempt


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
