"""A claim: one of our figures beside a peer's, measured in the same run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """`ours` and `peer` are in `unit`; `target` is what `ratio` should reach.

    `ratio` is ours over the peer's when more is better, the peer's over ours when less is: above
    1 we are ahead either way.
    """

    name: str
    ours: float
    peer: float
    ratio: float
    unit: str
    target: float
    more_is_better: bool

    @classmethod
    def of(
        cls,
        name: str,
        *,
        ours: float,
        peer: float,
        unit: str,
        target: float,
        more_is_better: bool = True,
    ) -> Claim:
        ratio = ours / peer if more_is_better else peer / ours
        return cls(name, ours, peer, ratio, unit, target, more_is_better)
