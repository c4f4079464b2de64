"""Passwords: hashed with argon2id, compared in constant time."""

from __future__ import annotations

from collections.abc import Iterable
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bigpicture.access.weak_passwords import refuse_weak
from bigpicture.model.errors import InputError

SHORTEST = 8
LONGEST = 1024
"""Characters; more would only feed the hash function."""

_HASHER = PasswordHasher()  # RFC 9106's low-memory profile: 64 MiB, 3 passes
_AT_ONCE = BoundedSemaphore(4)  # 4 x 64 MiB, whatever the number of guessers
DECOY = (
    "$argon2id$v=19$m=65536,t=3,p=4$pbvSoJn7132QQt3LvYVSZA"
    "$aT9LZGNNN/OO67VSUjydBWyQyY74s4nexj05EVJlXf8"
)
"""A hash of nobody's password: verifying against it takes as long as against a real one."""


def hash_password(password: str, *, words: Iterable[str] = ()) -> str:
    """Hash a new password; raises `InputError` when it is too short, too long or too weak.

    `words` are texts that others know of its person, see `refuse_weak`.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(
            "this password cannot be used.",
            place="password",
            rule=f"{SHORTEST} to {LONGEST} characters",
        )
    refuse_weak(password, words)
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_made_up(password_hash: str) -> bool:
    """Whether this hash is nobody's password: the account is entered in another way."""
    return password_hash == DECOY


def is_password(password: str, password_hash: str) -> bool:
    """Whether `password` has this hash."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
