"""X25519 keys in Crypt4GH's key file format."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from bigpicture.model.errors import SettingsError
from bigpicture.sealing.armour import PRIVATE, PUBLIC, armour, dearmour
from bigpicture.sealing.segments import KEY, NONCE
from bigpicture.system.files import create, sync_folder, write_through

_MAGIC = b"c4gh-v1"
_PUT_BACK = "Put it back from its backup."


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves, 32 bytes each. The private half is never shown."""

    private: bytes = field(repr=False)
    public: bytes

    @classmethod
    def of(cls, private: bytes) -> KeyPair:
        """Complete a private key; raises `ValueError` unless it has 32 bytes."""
        return cls(
            private, X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
        )


def make_key_pair() -> KeyPair:
    return KeyPair.of(X25519PrivateKey.generate().private_bytes_raw())


def save_key_pair(pair: KeyPair, path: Path) -> None:
    """Write `path` (mode 0600) and `path`.pub, durably; never over an existing key.

    Raises `SettingsError` where a file exists already: a key that is overwritten takes all that
    it sealed with it.
    """
    material = _MAGIC + _string(b"none") + _string(b"none") + _string(pair.private)
    _write(path, armour(PRIVATE, material), 0o600)
    _write(path.with_name(path.name + ".pub"), armour(PUBLIC, pair.public), 0o644)


def load_key_pair(path: Path, *, passphrase: str = "") -> KeyPair:
    """Read a private key; raises `SettingsError` when others may read the file, or it is none."""
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the key cannot be read ({error.strerror}).", place=str(path), remedy=_PUT_BACK
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise SettingsError(
            "this private key can be read by others.",
            place=str(path),
            remedy=f"chmod 600 {path}; if it was shared with anyone, replace it.",
        )
    try:
        return KeyPair.of(_open_private(dearmour(text, PRIVATE), passphrase.encode()))
    except ValueError as error:
        raise SettingsError(
            f"this is no private key that can be used: {error}.",
            place=str(path),
            remedy=_PUT_BACK,
        ) from error


def _open_private(material: bytes, passphrase: bytes) -> bytes:
    if not material.startswith(_MAGIC):
        raise ValueError("it does not begin with c4gh-v1")
    method, rest = _take(material[len(_MAGIC) :])
    wrapping = b""
    if method != b"none":
        options, rest = _take(rest)
        wrapping = _stretch(method, options, passphrase)
    cipher, rest = _take(rest)
    key, _comment = _take(rest)
    if cipher == b"none":
        return key
    if cipher != b"chacha20_poly1305" or not wrapping:
        raise ValueError("its cipher is not supported")
    try:
        return ChaCha20Poly1305(wrapping).decrypt(key[:NONCE], key[NONCE:], None)
    except InvalidTag:
        raise ValueError("the passphrase is wrong") from None


def _stretch(method: bytes, options: bytes, passphrase: bytes) -> bytes:
    """Derive the wrapping key; parameters as in the reference implementation."""
    if not passphrase:
        raise ValueError("it needs a passphrase")
    rounds, salt = int.from_bytes(options[:4], "big"), options[4:]
    if method == b"scrypt":
        return Scrypt(salt=salt, length=KEY, n=1 << 14, r=8, p=1).derive(passphrase)
    if method == b"pbkdf2_hmac_sha256" and rounds <= 10_000_000:
        return hashlib.pbkdf2_hmac("sha256", passphrase, salt, rounds, KEY)
    raise ValueError("its key derivation is not supported")


def _string(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def _take(material: bytes) -> tuple[bytes, bytes]:
    length = int.from_bytes(material[:2], "big")
    text = material[2 : 2 + length]
    if len(material) < 2 or len(text) != length:
        raise ValueError("it is cut short")
    return text, material[2 + length :]


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with create(path, mode=mode) as file:
            file.write(content)
            write_through(file)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise SettingsError("there is a key already; it stays.", place=str(path)) from error
    except OSError as error:
        raise SettingsError(f"cannot be written: {error.strerror}.", place=str(path)) from error
