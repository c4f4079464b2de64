"""The node's keys for identity: one signs visas, one seals second factors and sign-ins begun."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import ECKey

from bigpicture.model.errors import IntegrityError, SettingsError
from bigpicture.system.files import sync_folder

SIGNING = "visas.pem"
SEALING = "identity.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, repr=False)
class NodeKeys:
    """`signing` is an ECDSA key on P-256 (ES256); `sealing` 32 bytes that never leave the node."""

    signing: ECKey
    sealing: bytes

    def seal(self, plain: bytes, *, of: str) -> bytes:
        """Seal bytes that belong to `of`, a person's id; they open for that person alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.sealing).encrypt(nonce, plain, of.encode())

    def open(self, sealed: bytes, *, of: str) -> bytes:
        """Open them; raises `IntegrityError` where they were altered, moved, or the key is lost."""
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self.sealing).decrypt(nonce, body, of.encode())
        except (InvalidTag, ValueError) as error:
            raise IntegrityError(
                "a second factor does not open with this node's key.",
                place=SEALING,
                remedy="Put the key back from its backup, or let the person enrol again.",
            ) from error

    def mark(self, data: bytes) -> bytes:
        """A mark (HMAC-SHA-256) by which this node knows its own `data` again."""
        key = hashlib.sha256(b"bigpicture sign-in\0" + self.sealing).digest()
        return hmac.digest(key, data, "sha256")


def load_node_keys(folder: Path) -> NodeKeys:
    """Load the keys, mode 0600, and make those that are missing: nodes older than them have none.

    Processes that start at the same time take the same ones. Raises `SettingsError` where a key
    is none, or others could read it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sealing = _kept(folder / SEALING, lambda: secrets.token_bytes(_KEY_BYTES))
    if len(sealing) != _KEY_BYTES:
        raise SettingsError(f"the key has not {_KEY_BYTES} bytes.", place=str(folder / SEALING))
    pem = _kept(folder / SIGNING, lambda: ECKey.generate_key("P-256").as_pem(private=True))
    try:
        signing = ECKey.import_key(pem)
    except ValueError as error:
        raise SettingsError("this is no key.", place=str(folder / SIGNING)) from error
    if signing.curve_name != "P-256" or not signing.is_private:
        raise SettingsError("this is no private key on P-256.", place=str(folder / SIGNING))
    signing.ensure_kid()
    return NodeKeys(signing, sealing)


def _kept(place: Path, make: Callable[[], bytes]) -> bytes:
    if not place.exists():
        _keep(place, make())
    if os.name == "posix" and place.stat().st_mode & 0o077:
        raise SettingsError(
            "others on this machine can read this key.",
            place=str(place),
            remedy=f"chmod 600 {place.name}",
        )
    return place.read_bytes()


def _keep(place: Path, data: bytes) -> None:
    """Whole under its name or not there; whoever was first wins."""
    draft = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, place)
    draft.unlink()
    sync_folder(place.parent)
