"""The memory of opened segments, shared by all sealed bodies that a process has open."""

from __future__ import annotations

from bigpicture.model.bounded import Bounded, Use
from bigpicture.sealing.segments import SEGMENT


class SegmentMemory:
    """Opened segments of 64 KiB by body and number, up to `most` bytes. Threads may share one.

    A tile takes a small part of a segment: its neighbours find the rest here, neither fetched nor
    opened again.
    """

    def __init__(self, most: int) -> None:
        self._kept: Bounded[tuple[str, int], bytes] = Bounded(most)

    @classmethod
    def of(cls, segments: int) -> SegmentMemory:
        """A memory of so many segments."""
        return cls(segments * SEGMENT)

    @property
    def use(self) -> Use:
        return self._kept.use

    def get(self, body: str, number: int) -> bytes | None:
        return self._kept.get((body, number))

    def has(self, body: str, number: int) -> bool:
        return (body, number) in self._kept

    def put(self, body: str, number: int, segment: bytes) -> None:
        self._kept.put((body, number), segment, len(segment))

    def forget(self, body: str | None = None) -> None:
        """Let go of a body's segments, or of all."""
        self._kept.forget(lambda key: body is None or key[0] == body)
