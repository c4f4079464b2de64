"""Reads: before the first byte of an image goes out under a grant, its event is durable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

from bigpicture.ledger.record import Act, record, record_all
from bigpicture.storage.records import Records

WINDOW_SECONDS = 15 * 60.0
"""One event `image:read` per person and image in this time, in each process."""
WINDOWS_KEPT = 50_000
IMAGES_PER_EVENT = 500


@dataclass(slots=True)
class _Window:
    dataset: str
    began: float
    frames: int = 0
    """Read since the last count was recorded."""


class Reads:
    """Who reads what under a grant. Raises `StorageError` when an event cannot be written.

    The first read in a window waits for its event; the others only count, and `flush` records the
    counts, one event a person. Counts of the last interval are lost in a crash; who read what
    never is.
    """

    def __init__(
        self,
        records: Records,
        *,
        window_seconds: float = WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._window_seconds = window_seconds
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self._lock = Lock()
        self._count_lock = Lock()
        self._is_behind = False

    def admit(self, *, person: str, image: str, dataset: str, grant: str) -> None:
        """Let a read pass once its event is durable. May block."""
        if self._counted(person, image):
            return
        with self._lock:  # one writer; those who waited find the window open
            if self._counted(person, image):
                return
            if self._is_behind or len(self._windows) >= WINDOWS_KEPT:
                self._flush()
            with self._records.write() as connection:
                record(
                    connection,
                    actor=person,
                    action="image:read",
                    subject=image,
                    details={"dataset": dataset, "grant": grant},
                )
            before = self._windows.get((person, image))
            frames = before.frames if before else 0
            self._windows[person, image] = _Window(dataset, self._clock(), frames + 1)

    async def awaited(self, *, person: str, image: str, dataset: str, grant: str) -> None:
        """As `admit`, for the event loop; leaves it only to write."""
        if not self._counted(person, image):
            await asyncio.to_thread(
                self.admit, person=person, image=image, dataset=dataset, grant=grant
            )

    def flush(self) -> None:
        """Record the counts, drop the windows that ended. Blocks.

        When it fails nothing more is admitted to a new window until a flush succeeds.
        """
        with self._lock:
            self._flush()

    def _counted(self, person: str, image: str) -> bool:
        window = self._windows.get((person, image))
        if window is None or self._clock() - window.began >= self._window_seconds:
            return False
        with self._count_lock:
            window.frames += 1
        return True

    def _flush(self) -> None:
        counted = {key: window.frames for key, window in self._windows.items() if window.frames}
        self._is_behind = True
        if counted:
            with self._records.write() as connection:
                record_all(
                    connection,
                    [
                        Act(person, "image:read-count", person, {"frames": frames})
                        for person, frames in _by_person(counted)
                    ],
                )
        self._is_behind = False
        for key, frames in counted.items():
            with self._count_lock:
                self._windows[key].frames -= frames
        now = self._clock()
        self._windows = {
            key: window
            for key, window in self._windows.items()
            if window.frames or now - window.began < self._window_seconds
        }


def _by_person(
    counted: Mapping[tuple[str, str], int],
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Per person, images with their frames, as many as one event's details hold."""
    people: dict[str, list[tuple[str, int]]] = {}
    for (person, image), frames in counted.items():
        people.setdefault(person, []).append((image, frames))
    for person, frames in people.items():
        for start in range(0, len(frames), IMAGES_PER_EVENT):
            yield person, frames[start : start + IMAGES_PER_EVENT]
