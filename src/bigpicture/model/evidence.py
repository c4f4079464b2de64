"""Evidence: a figure that was measured, on what, with its interval; and all of an algorithm."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bigpicture.model.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One figure of a model card or an evaluation.

    `metric` names it as its source does (`AUROC`), `output` which output of the algorithm it is of,
    `on` the data by name and version, `subgroup` a part of them (`scanner: A`). `low` and `high`
    are the ends of the interval that `method` says, None where there is none. `images` and
    `beings` say of how many; `is_generated` whether they were drawn by a program; `results` are the
    keys of the results that it was computed from. Raises `InputError` where a figure is none.
    """

    metric: str
    output: str
    value: float
    on: str
    is_generated: bool
    images: int
    beings: int
    low: float | None = None
    high: float | None = None
    method: str = ""
    subgroup: str = ""
    results: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        is_told = math.isfinite(self.value) and all(math.isfinite(end) for end in ends)
        is_told = is_told and len(ends) in {0, 2} and ends == sorted(ends)
        is_told = is_told and bool(self.method) == bool(ends)
        if not (is_told and self.on.strip() and 0 < self.beings <= self.images):
            raise InputError(
                "this is no evidence.",
                place=self.metric,
                rule="a finite value, both ends of an interval and its method or neither, what it "
                "was measured on, on how many images of how many beings",
                remedy="Leave it out: the card then says that it was not evaluated.",
            )


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one version of an algorithm.

    `facts` are lines of name and value that a card shows beside: what it learned from, say. `code`
    is the SHA-256 of the code that was measured, empty where nobody told.
    """

    evidence: tuple[Evidence, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    code: str = ""
