"""The slides that are open at the moment: a bounded number, what was used last stays."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Closes(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closes)


@dataclass
class _Held(Generic[T]):
    lock: Lock = field(default_factory=Lock)
    thing: T | None = None
    users: int = 0


class Opened(Generic[T]):
    """Opens what is asked for by number, once, and closes what nobody used for long."""

    def __init__(self, opening: Callable[[int], T], *, most: int) -> None:
        self._opening = opening
        self._most = most
        self._held: OrderedDict[int, _Held[T]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def use(self, number: int) -> Generator[T]:
        """The thing, which stays open meanwhile; raises what opening it raises."""
        with self._lock:
            held = self._held.setdefault(number, _Held())
            self._held.move_to_end(number)
            held.users += 1
        try:
            with held.lock:
                if held.thing is None:
                    held.thing = self._opening(number)
            yield held.thing
        finally:
            with self._lock:
                held.users -= 1
            self._close_idle(self._most)

    def close(self) -> None:
        """Close all that is not in use."""
        self._close_idle(0)

    def _close_idle(self, most: int) -> None:
        with self._lock:
            idle = [number for number, held in self._held.items() if held.users == 0]
            spare = len(self._held) - most
            gone = [self._held.pop(number) for number in idle[: max(0, spare)]]
        for held in gone:
            if held.thing is not None:
                held.thing.close()
