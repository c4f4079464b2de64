"""Backup: the secret of a site, sealed under a passphrase, in a small file of text.

scrypt (RFC 7914) makes a key of the passphrase, ChaCha20-Poly1305 (RFC 8439) seals the secret with
it; everything else that the file says is sealed along, so that no change goes unseen.
"""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.key_file import KEY_BYTES, SiteKey
from bigpicture.model.errors import InputError

SHORTEST_PASSPHRASE = 12
_SALT_BYTES, _NONCE_BYTES = 16, 12
_ROUNDS, _BLOCK = 1 << 17, 8
"""128 MiB and a third of a second for each guess."""


class Backup(BaseModel):
    """What the file holds; `sealed` is the secret, the rest is for people and for opening it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bigpicture_site_backup: Literal[1] = 1
    fingerprint: str
    name: str
    made: str
    kdf: Literal["scrypt"] = "scrypt"
    rounds: Literal[131072] = _ROUNDS
    salt: str = Field(max_length=64)
    cipher: Literal["ChaCha20-Poly1305"] = "ChaCha20-Poly1305"
    nonce: str = Field(max_length=64)
    sealed: str = Field(max_length=256)

    def told(self) -> bytes:
        """What is not secret, in one spelling: it is sealed along."""
        return json.dumps(self.model_dump(exclude={"sealed"}), sort_keys=True).encode("utf-8")


def write_backup(key: SiteKey, passphrase: str) -> bytes:
    """The sealed secret as JSON; raises `InputError` where the passphrase is too short."""
    check_passphrase(passphrase)
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    backup = Backup(
        fingerprint=fingerprint_of(key.secret),
        name=key.name,
        made=key.made,
        salt=_text(salt),
        nonce=_text(nonce),
        sealed="",
    )
    sealed = ChaCha20Poly1305(_key(passphrase, salt)).encrypt(nonce, key.secret, backup.told())
    whole = backup.model_copy(update={"sealed": _text(sealed)})
    return (whole.model_dump_json(indent=2) + "\n").encode("utf-8")


def read_backup(data: bytes, passphrase: str, *, place: Path) -> SiteKey:
    """Open a backup; `place` is where its key shall lie.

    Raises `InputError` where it is truncated or none, where the passphrase is wrong, or where
    anything in it was changed.
    """
    backup = parse_backup(data)
    try:
        salt, nonce, sealed = map(_bytes, (backup.salt, backup.nonce, backup.sealed))
        secret = ChaCha20Poly1305(_key(passphrase, salt)).decrypt(nonce, sealed, backup.told())
    except (InvalidTag, ValueError) as error:
        raise InputError(
            "the passphrase is wrong, or the backup has been changed.",
            remedy="Type it again; if that does not help, take another copy of the backup.",
        ) from error
    if len(secret) != KEY_BYTES or fingerprint_of(secret) != backup.fingerprint:
        raise InputError("the backup does not hold the key whose fingerprint it tells.")
    return SiteKey(secret, place, name=backup.name, made=backup.made)


def parse_backup(data: bytes) -> Backup:
    """What a backup tells without its passphrase."""
    try:
        return Backup.model_validate_json(data)
    except ValidationError as error:
        raise InputError(
            "this is no whole backup of a site's key.",
            remedy="Take another copy: it was truncated, edited, or it is another file.",
        ) from error


def check_passphrase(passphrase: str) -> None:
    """Raises `InputError` where it is too short to hold off guessing."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InputError(
            f"a passphrase has at least {SHORTEST_PASSPHRASE} characters.",
            remedy="Five or six words that do not belong together are easy to keep.",
        )


def _key(passphrase: str, salt: bytes) -> bytes:
    kdf = Scrypt(salt=salt, length=32, n=_ROUNDS, r=_BLOCK, p=1)
    return kdf.derive(passphrase.encode("utf-8"))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
