"""A throttle: names that failed to sign in wait longer and longer."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from bigpicture.model.errors import TooSoonError

FREE_ATTEMPTS = 5
LONGEST_WAIT = 60.0
"""Seconds. Short enough that nobody can lock somebody else out for good."""
NAMES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Failures:
    number: int
    until: float


class Throttle:
    """Failed attempts per name, in this process's memory: a restart forgets them.

    With N web processes a guesser gets N times the attempts; argon2 costs him the rest. Names are
    kept as digests, the least recently failed ones are forgotten first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[bytes, _Failures] = OrderedDict()
        self._lock = Lock()

    def check(self, name: str) -> None:
        """Let an attempt for `name` pass; raises `TooSoonError` while it must wait."""
        with self._lock:
            failures = self._failures.get(_digest(name))
        if failures is not None and self._clock() < failures.until:
            raise TooSoonError(
                "too many failed attempts for this name.",
                rule=f"{FREE_ATTEMPTS} failures, then each doubles the wait",
                remedy="Wait a minute, then try again.",
            )

    def failed(self, name: str) -> None:
        """Count a failure of `name`."""
        key = _digest(name)
        with self._lock:
            before = self._failures.pop(key, None)
            number = before.number + 1 if before else 1
            over = number - FREE_ATTEMPTS
            wait = min(2.0 ** min(over, 30), LONGEST_WAIT) if over >= 0 else 0.0
            self._failures[key] = _Failures(number, self._clock() + wait)
            while len(self._failures) > NAMES_KEPT:
                self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget the failures of `name`."""
        with self._lock:
            self._failures.pop(_digest(name), None)


def _digest(name: str) -> bytes:
    return sha256(name.encode()).digest()
