"""A finding: something that must not be in an output, told without repeating it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was found, `place` where in which file, `rule` which rule it breaks."""

    what: str
    place: str
    rule: str
