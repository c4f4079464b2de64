"""Pieces: a file that others write into, handed on in pieces before it is whole."""

from __future__ import annotations

import io


class Pieces(io.RawIOBase):
    """Takes what is written; `taken` hands it on and forgets it. It cannot seek."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        held = bytes(memoryview(data))  # pyright: ignore[reportArgumentType] - any buffer
        self._held.append(held)
        return len(held)

    def taken(self) -> bytes:
        """What was written since it was last asked for."""
        held, self._held = self._held, []
        return b"".join(held)
