"""How a cohort is to be split: names with shares, and what must not be on two sides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from bigpicture.model.errors import InputError

PER_WHOLE = 1_000_000
"""A share is a whole number of these: shares add up to it exactly."""
MOST_PARTS = 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


class Apart(StrEnum):
    """What is never on two sides; each takes in those before it."""

    BEING = "being"
    DATASET = "dataset"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class SplitPart:
    """`share` of `PER_WHOLE`."""

    name: str
    share: int


def parse_parts(text: str) -> tuple[SplitPart, ...]:
    """Read parts such as `train:0.7,tune:0.1,test:0.2`; raises `InputError`.

    Shares that do not add up to one are taken in proportion (`train:7,tune:1,test:2`).
    """
    given = [each.partition(":") for each in text.split(",") if each.strip()]
    names = [name.strip() for name, _, _ in given]
    if not 2 <= len(names) <= MOST_PARTS:
        raise _wrong(f"there are {len(names)} parts.", f"2 to {MOST_PARTS}")
    for name in names:
        if not _NAME.fullmatch(name) or names.count(name) > 1:
            raise _wrong(
                "a part has no name of its own.", "letters, digits, - and _, each name once"
            )
    shares = [_share(share, name) for name, (_, _, share) in zip(names, given, strict=True)]
    whole = sum(shares)
    counted = [int(share / whole * PER_WHOLE) for share in shares]
    counted[0] += PER_WHOLE - sum(counted)
    return tuple(SplitPart(name, share) for name, share in zip(names, counted, strict=True))


def _share(text: str, name: str) -> Decimal:
    try:
        share = Decimal(text.strip())
    except InvalidOperation:
        share = Decimal(0)
    if not share.is_finite() or not Decimal("1e-6") <= share <= Decimal("1e6"):
        raise _wrong(f"{name} has no share.", "a number above 0 behind a colon, such as test:0.2")
    return share


def _wrong(what: str, rule: str) -> InputError:
    return InputError(what, place="parts", rule=rule, remedy="Such as train:0.7,tune:0.1,test:0.2.")
