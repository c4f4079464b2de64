"""One-time codes by time (RFC 6238), as authenticator apps show them."""

from __future__ import annotations

import hmac

from pyotp import random_base32
from pyotp.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
SKEW_STEPS = 1
"""How far a phone's clock may be off, in steps: section 5.2 recommends one."""


def make_secret() -> str:
    """A new secret of 160 bits, in base32 (RFC 4226, section 4)."""
    return random_base32(32)


def step_at(seconds: float) -> int:
    """The step of a Unix time."""
    return int(seconds) // STEP_SECONDS


def code_at(secret: str, step: int, *, digits: int = DIGITS) -> str:
    """The code of a step."""
    return TOTP(secret, digits=digits, interval=STEP_SECONDS).at(step * STEP_SECONDS)


def matching_step(secret: str, code: str, *, now: float, after: int) -> int | None:
    """The step whose code this is, near `now` (Unix time) and past the step `after`; else None.

    A code of `after` or before was used: section 5.2 forbids to take it again.
    """
    given = "".join(code.split())
    if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
        return None
    here = step_at(now)
    near = range(max(here - SKEW_STEPS, 0), here + SKEW_STEPS + 1)
    fits = [step for step in near if hmac.compare_digest(code_at(secret, step), given)]
    return next((step for step in fits if step > after), None)


def address_of(secret: str, *, name: str, issuer: str) -> str:
    """The `otpauth://` address that an app reads from the picture."""
    return TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
