"""Ranges: numbers counted in a few steps that people read easily."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from bigpicture.catalogue.page import FacetCount
from bigpicture.catalogue.terms import Term

_STEPS = 8
_FEW = 8
"""So many different values are told each."""

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)?\.\.(-?\d+(?:\.\d+)?)?", re.ASCII)


def is_in(number: float, value: str) -> bool:
    """Whether a number is what a filter names: itself, or a range `from..to` without its end."""
    found = _RANGE.fullmatch(value)
    if found is None:
        return value == plain(number)
    low, high = found.groups()
    return (not low or number >= float(low)) and (not high or number < float(high))


def count_ranges(counts: Mapping[float, int]) -> tuple[FacetCount, ...]:
    """Counts of numbers as counts of ranges, from the lowest; few numbers stay themselves."""
    if len(counts) <= _FEW:
        shown = [(Term(plain(each), plain(each)), counts[each]) for each in sorted(counts)]
        return tuple(FacetCount(term, count) for term, count in shown if count)
    step = _round_step((max(counts) - min(counts)) / _STEPS)
    joined: dict[int, int] = {}
    for number, count in counts.items():
        at = math.floor(number / step)
        joined[at] = joined.get(at, 0) + count
    return tuple(
        FacetCount(_range(at * step, (at + 1) * step), joined[at])
        for at in sorted(joined)
        if joined[at]
    )


def plain(number: float) -> str:
    """A number as filters and labels have it: 12, not 12.0."""
    return f"{number:.10g}"


def _range(low: float, high: float) -> Term:
    return Term(f"{plain(low)}..{plain(high)}", f"{plain(low)} – {plain(high)}")


def _round_step(least: float) -> float:
    """The next of 1, 2, 5 and their multiples of ten."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= least)
