"""What the keyed parts give, worked out with Python's hmac and hashlib alone."""

from __future__ import annotations

import base64
import hashlib
import hmac


def hkdf(secret: bytes, info: str, salt: bytes = b"bigpicture site secret") -> bytes:
    """RFC 5869 with SHA-256, one block: extract, then expand."""
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info.encode() + b"\x01", hashlib.sha256).digest()


def days(secret: bytes, subject: str) -> int:
    digest = hmac.new(hkdf(secret, "dates"), subject.encode(), hashlib.sha256).digest()
    return 366 + int.from_bytes(digest[:8], "big") % 1461


def name(secret: bytes, domain: str, value: str) -> str:
    message = len(domain).to_bytes(4, "big") + (domain + value).encode()
    return base64.b32encode(hmac.new(secret, message, hashlib.sha256).digest())[:20].decode()


def fingerprint(public: bytes) -> str:
    digest = hashlib.sha256(b"bigpicture site fingerprint\0" + public).digest()
    letters = base64.b32encode(digest)[:32].decode()
    return "-".join(letters[at : at + 4] for at in range(0, 32, 4))
