"""The text frame around a Crypt4GH key."""

from __future__ import annotations

import base64
import binascii

PRIVATE = "CRYPT4GH PRIVATE KEY"
PUBLIC = "CRYPT4GH PUBLIC KEY"
# Tools frame encrypted private keys in several ways; what is inside tells what they are.
_FRAMES = {
    PRIVATE: (PRIVATE, "CRYPT4GH ENCRYPTED PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
    PUBLIC: (PUBLIC,),
}


def armour(label: str, material: bytes) -> bytes:
    body = base64.b64encode(material).decode()
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


def dearmour(text: bytes, label: str) -> bytes:
    """What is inside the frame; raises `ValueError`, which says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    frames = {
        (f"-----BEGIN {name}-----".encode(), f"-----END {name}-----".encode())
        for name in _FRAMES[label]
    }
    if len(lines) < 3 or (lines[0], lines[-1]) not in frames:
        raise ValueError(f"it is not framed as {label}")
    try:
        return base64.b64decode(b"".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise ValueError("its base64 is damaged") from None
