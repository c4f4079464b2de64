"""Pseudonyms: names that only the holder of a key can lead back, and always the same for the same.

The key belongs to the site that contributes; it never travels with the data. Who destroys it makes
the pseudonyms of that site final.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from platformdirs import user_config_dir

from bigpicture.model.errors import InputError, SettingsError

KEY_BYTES = 32
NAME_LENGTH = 20
"""100 bits in base 32: no two of a billion names meet by chance (1 in 10^12)."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes pseudonyms under one key of 32 bytes; the key is not shown when this is printed."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise SettingsError(
                f"a pseudonym key has {KEY_BYTES} bytes, this one {len(self.key)}.",
                remedy="Use the file that `bigpicture convert` made.",
            )

    def name(self, domain: str, identifier: str) -> str:
        """The pseudonym of an identifier: base32(HMAC-SHA256), 20 letters and digits.

        `domain` (`patient`, `slide` ...) keeps equal numbers of different kinds apart.
        """
        return base64.b32encode(self._digest(domain, identifier))[:NAME_LENGTH].decode("ascii")

    def uid(self, text: str) -> str:
        """A DICOM unique identifier, `2.25.` and 128 bits in decimal (PS3.5 B.2)."""
        return f"2.25.{int.from_bytes(self._digest('uid', text)[:16], 'big')}"

    def _digest(self, domain: str, identifier: str) -> bytes:
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        start = domain.encode("utf-8")
        message = len(start).to_bytes(4, "big") + start + identifier.encode("utf-8")
        return hmac.new(self.key, message, hashlib.sha256).digest()

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the key, making it on first use (mode 0600).

        Raises `SettingsError` where others may read it or it is no key.
        """
        place = path or default_key_path()
        with suppress(FileExistsError):
            _make(place)
        try:
            text = place.read_text("ascii").strip()
            mode = place.stat().st_mode
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError("the pseudonym key cannot be read.", place=str(place)) from error
        if os.name == "posix" and mode & 0o077:
            raise SettingsError(
                "others may read the pseudonym key.",
                place=str(place),
                remedy=f"chmod 600 {place}",
            )
        try:
            return cls(base64.b32decode(text, casefold=True))
        except ValueError as error:
            raise SettingsError("this is no pseudonym key.", place=str(place)) from error


def default_key_path() -> Path:
    """Where the key of this person lies unless they say otherwise."""
    return Path(user_config_dir("bigpicture")) / "pseudonym.key"


def _make(place: Path) -> None:
    if place.exists():
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(
            f"a pseudonym key cannot be made there ({os.strerror(error.errno or 0)}).",
            place=str(place),
            remedy="Name another file with --key.",
        ) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(base64.b32encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        # A link fails where another process was first; its key stays.
        os.link(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)
