"""A Crypt4GH file whose header and body lie in different places."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.errors import IntegrityError
from bigpicture.sealing.open import RangedReader


@dataclass(frozen=True, slots=True)
class SealedFile:
    """Header and body one after the other, read anywhere; nothing is opened."""

    header: bytes
    body: RangedReader

    @property
    def size(self) -> int:
        """Bytes of both."""
        return len(self.header) + self.body.size

    async def aread(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`; `IntegrityError` past the end."""
        end = offset + length
        if offset < 0 or length < 0 or end > self.size:
            raise IntegrityError(f"bytes {offset} to {end} were asked of a file of {self.size}.")
        head = self.header[offset:end]
        if len(head) == length:
            return head
        start = max(0, offset - len(self.header))
        return head + await self.body.aread(start, length - len(head))
