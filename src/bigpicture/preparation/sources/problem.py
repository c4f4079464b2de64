"""A problem: what of an export did not become a cell, told without any value of a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.finding import Severity

_PLACES = 5
"""Places named of a problem that repeats; the count says how often it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`column` and `path` say which line of the mapping file it is about, where it is about one."""

    rule: str
    what: str
    remedy: str
    severity: Severity = Severity.WARNING
    column: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A problem with how often it occurred and the first places where it did."""

    problem: Problem
    count: int
    places: tuple[str, ...]


class Tally:
    """Problems of one reading, each counted once for each place: 200,000 rows tell one line."""

    def __init__(self) -> None:
        self._counts: dict[Problem, int] = {}
        self._places: dict[Problem, list[str]] = {}

    def add(self, problem: Problem, place: str = "") -> None:
        self._counts[problem] = self._counts.get(problem, 0) + 1
        places = self._places.setdefault(problem, [])
        if place and len(places) < _PLACES:
            places.append(place)

    def __iter__(self) -> Iterator[Counted]:
        """Errors first, then by how often."""
        for problem, count in sorted(
            self._counts.items(), key=lambda each: (each[0].severity != Severity.ERROR, -each[1])
        ):
            yield Counted(problem, count, tuple(self._places[problem]))

    @property
    def errors(self) -> int:
        return sum(count for each, count in self._counts.items() if each.severity == Severity.ERROR)
