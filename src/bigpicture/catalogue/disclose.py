"""Disclosure: what a number of beings may say to one who has no grant. The one place for it."""

from __future__ import annotations

SMALL = 5
"""Fewer beings than this are not told exactly: a rare one might be recognised."""


def disclosed(count: int) -> str:
    """A count of distinct beings as it may be shown; `<5` where it is small."""
    return f"<{SMALL}" if 0 < count < SMALL else str(count)
