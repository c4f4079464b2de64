"""Pseudonyms: names that only the holder of a key can lead back, and always the same for the same.

The key belongs to the site that contributes; it never travels with the data. Who destroys it makes
the pseudonyms of that site final.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bigpicture.deidentify.key_file import (
    KEY_BYTES,
    add_key,
    default_key_path,
    new_key,
    read_key,
)
from bigpicture.model.errors import SettingsError

NAME_LENGTH = 20
"""100 bits in base 32: no two of a billion names meet by chance (1 in 10^12)."""


_FORM = re.compile(rf"[A-Z2-7]{{16}}|[A-Z2-7]{{{NAME_LENGTH}}}")
"""Base 32 (RFC 4648): whole, or cut to the 16 characters of a short string (PS3.5 6.2, SH)."""


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym: no number has, nor a name of another length."""
    return _FORM.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Makes pseudonyms under one key of 32 bytes; the key is not shown when this is printed."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise SettingsError(
                f"a pseudonym key has {KEY_BYTES} bytes, this one {len(self.key)}.",
                remedy="Use the file that `bigpicture site init` made.",
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
        add_key(new_key(place))
        return cls(read_key(place).secret)
