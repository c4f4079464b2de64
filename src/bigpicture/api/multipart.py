"""Multipart answers (RFC 2387): one part after another between boundaries."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bigpicture.api.media import MULTIPART


@dataclass(frozen=True, slots=True)
class Multipart:
    """`part_type` is the media type of each part, with its parameters."""

    part_type: str
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def media_type(self) -> str:
        kind = self.part_type.partition(";")[0].strip()
        return f'{MULTIPART}; type="{kind}"; boundary={self.boundary}'

    def head(self, where: str, size: int) -> bytes:
        """What stands before a part of `size` bytes, which is to be had alone at `where`."""
        return (
            f"\r\n--{self.boundary}\r\nContent-Type: {self.part_type}\r\n"
            f"Content-Length: {size}\r\nContent-Location: {where}\r\n\r\n"
        ).encode()

    @property
    def end(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()
