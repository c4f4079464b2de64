"""What was kept: the key of a sealed object, and what its plaintext is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """`size` and `sha256` are of the plaintext, `body_sha256` of the sealed body.

    `header` is the Crypt4GH header of the body, wrapped under the keys that `seals` names.
    """

    key: str
    size: int
    sha256: str
    body_sha256: str
    header: bytes
    seals: tuple[str, ...]
