"""Disclose: sizes of what somebody may not open, told so that no small group shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SMALLEST = 5
"""The smallest number of beings that is told."""


def disclosed(count: int) -> str:
    """A count of beings as it may be told: itself, or `<5`."""
    return f"<{SMALLEST}" if 0 < count < SMALLEST else f"{count:,}"


def disclosed_sum(counts: Iterable[int]) -> str:
    """The sum of counts that are told one by one beside it: no small one follows from the rest."""
    each = [count for count in counts if count]
    told = sum(count for count in each if count >= SMALLEST)
    small = sum(1 for count in each if count < SMALLEST)
    if not small:
        return f"{told:,}"
    return f"over {told:,}" if told else f"<{small * (SMALLEST - 1) + 1:,}"


def disclosed_images(images: int, beings: int) -> str:
    """A count of images as it may be told of that many beings: of few beings only that they are."""
    if beings >= SMALLEST or not images:
        return f"{images:,}"
    return f"of <{SMALLEST} beings"


def disclosed_counts(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Counts of what belongs to `beings` of them; None where these are few."""
    is_small = 0 < counts["beings"] < SMALLEST
    return {name: None if count and is_small else count for name, count in counts.items()}


def disclosed_percent(part: int, whole: int) -> int:
    """A share in whole percent; 0 and 100 only where it is none and all."""
    if part in (0, whole):
        return 100 if part else 0
    return min(99, max(1, round(100 * part / whole)))
