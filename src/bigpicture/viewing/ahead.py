"""Ahead: which tiles somebody who pans over a level will ask for next."""

from __future__ import annotations

import time
from collections.abc import Callable

from bigpicture.model.bounded import Bounded
from bigpicture.viewing.stored import StoredLevel

Place = tuple[int, int]
"""Column, row."""
DEPTH = 2
"""Tiles ahead."""
SOONEST, LATEST = 0.1, 5.0
"""Seconds since the neighbour was asked for: sooner it is the same view being filled."""
_REMEMBERED = 20_000
_WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


class Ahead:
    """Guesses from what was asked a moment ago, by whomever.

    A tile whose neighbour on one side was looked at just now, and whose neighbour on the other
    was not, is the edge of a view that moves: the next ones beyond it follow. Each tile of a new
    column or row at that edge speaks for its own line.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: Bounded[tuple[str, Place], float] = Bounded(_REMEMBERED)

    def guess(self, level: StoredLevel, place: Place) -> list[Place]:
        """Note that `place` is asked for; returns what will be asked for next, within the level."""
        now = self._clock()
        column, row = place
        ahead: list[Place] = []
        for across, down in _WAYS:
            comes_from = self._age(level, (column - across, row - down), now)
            goes_to = self._age(level, (column + across, row + down), now)
            if comes_from is not None and comes_from >= SOONEST and goes_to is None:
                ahead += [
                    (column + across * step, row + down * step) for step in range(1, DEPTH + 1)
                ]
        self._asked.put((level.source, place), now)
        size = level.level
        return [
            (column, row)
            for column, row in ahead
            if 0 <= column < size.tiles_across and 0 <= row < size.tiles_down
        ]

    def _age(self, level: StoredLevel, place: Place, now: float) -> float | None:
        """Seconds since a tile was asked for, if that is not long ago."""
        asked = self._asked.get((level.source, place))
        return now - asked if asked is not None and now - asked <= LATEST else None
