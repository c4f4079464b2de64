"""A finding: something that must not be in an output, told without repeating it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was found, `place` where in which file, `rule` which rule it breaks.

    A find of the scan also says what `kind` of value it is (`Kind`) and shows it `masked`.
    """

    what: str
    place: str
    rule: str
    kind: str = ""
    masked: str = ""
