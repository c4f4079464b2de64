"""The node's keys: signing, pseudonyms, sealing. Mode 0600, backed up apart from the rest."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from bigpicture.model.errors import ConflictError, SettingsError
from bigpicture.sealing.keys import KeyPair, load_key_pair, make_key_pair, save_key_pair

SIGNING = "signing.pem"
HMAC = "hmac.key"
SEALING = "node.c4gh"
NEXT = "node.next.c4gh"
"""The sealing key to be, while headers are sealed for it."""
_DRAFT = "node.draft.c4gh"
_PAIR = (".pub", "")
_HMAC_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """`hmac` (32 bytes) makes pseudonyms of identified intake and never leaves the node."""

    signing: Ed25519PrivateKey
    hmac: bytes
    sealing: KeyPair


def make_keyring(folder: Path) -> None:
    """Make all keys in a new folder, mode 0700; raises `ConflictError` where keys are already.

    The folder appears under its name only when all keys are in it.
    """
    if folder.exists():
        raise ConflictError(
            "there are keys already; new ones would close everything sealed for the old.",
            place=str(folder),
        )
    draft = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700, parents=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    _write(draft / SIGNING, pem)
    _write(draft / HMAC, secrets.token_bytes(_HMAC_BYTES))
    save_key_pair(make_key_pair(), draft / SEALING)
    _sync(draft)
    draft.rename(folder)
    _sync(folder.parent)


def load_keyring(folder: Path) -> Keyring:
    """Load the keys; raises `SettingsError` where they are missing or others could read them."""
    if not folder.is_dir():
        raise SettingsError(
            "this node has no keys.",
            place=str(folder),
            remedy="Run `bigpicture init`, or put the keys back from their backup.",
        )
    if folder.stat().st_mode & 0o077:
        raise SettingsError(
            "others on this machine can open the folder of the keys.",
            place=str(folder),
            remedy=f"chmod 700 {folder.name}",
        )
    if (folder / NEXT).exists():
        raise SettingsError(
            "the rotation of this node's sealing key is under way, or was cut off.",
            place=str(folder / NEXT),
            remedy="Run `bigpicture keys rotate` to its end.",
        )
    signing = load_pem_private_key(_read(folder / SIGNING), password=None)
    if not isinstance(signing, Ed25519PrivateKey):
        raise SettingsError("this is not an Ed25519 key.", place=str(folder / SIGNING))
    hmac = _read(folder / HMAC)
    if len(hmac) != _HMAC_BYTES:
        raise SettingsError(
            f"the key has {len(hmac)} bytes, not {_HMAC_BYTES}.", place=str(folder / HMAC)
        )
    return Keyring(signing=signing, hmac=hmac, sealing=load_key_pair(folder / SEALING))


def next_sealing(folder: Path) -> KeyPair:
    """The next sealing key: the one that waits, or a new one, durable and whole."""
    if not (folder / NEXT).exists():
        for suffix in _PAIR:
            (folder / f"{_DRAFT}{suffix}").unlink(missing_ok=True)
        save_key_pair(make_key_pair(), folder / _DRAFT)
        _move(folder, _DRAFT, NEXT)
    return load_key_pair(folder / NEXT)


def replace_sealing(folder: Path) -> None:
    """Put the next sealing key in the place of the present one, durably."""
    _move(folder, NEXT, SEALING)


def _move(folder: Path, name: str, to: str) -> None:
    """The public file first: where that is all that a kill left done, this is done again."""
    for suffix in _PAIR:
        if (folder / f"{name}{suffix}").exists():
            (folder / f"{name}{suffix}").replace(folder / f"{to}{suffix}")
            _sync(folder)


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(
                "others on this machine can read this key.",
                place=str(path),
                remedy=f"chmod 600 {path.name}",
            )
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the key cannot be read ({error.strerror}).",
            place=str(path),
            remedy="Put it back from its backup.",
        ) from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
