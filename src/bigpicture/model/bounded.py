"""A bounded memory: what was used last stays, up to a weight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Use:
    """How a memory was used since it was made; `weight` is what it holds now, of `most`."""

    hits: int
    misses: int
    weight: int
    most: int


class Bounded(Generic[Key, Value]):
    """Forgets the least recently used when `most` is passed. Threads may share one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = self._hits = self._misses = 0
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    @property
    def use(self) -> Use:
        return Use(self._hits, self._misses, self._weight, self._most)

    def get(self, key: Key) -> Value | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self._misses += 1
                return None
            self._hits += 1
            self._kept.move_to_end(key)
            return found[0]

    def __contains__(self, key: Key) -> bool:
        """Whether it is kept, which counts as no use of it."""
        return key in self._kept

    def put(self, key: Key, value: Value, weight: int = 1) -> None:
        """Keep a value; one that alone outweighs the memory is not kept."""
        if weight > self._most:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._weight += weight - (before[1] if before else 0)
            self._kept[key] = (value, weight)
            while self._weight > self._most:
                self._weight -= self._kept.popitem(last=False)[1][1]

    def forget(self, goes: Callable[[Key], bool] = lambda _: True) -> None:
        """Let go of the keys that `goes` names; of everything unless said."""
        with self._lock:
            for key in [key for key in self._kept if goes(key)]:
                self._weight -= self._kept.pop(key)[1]
