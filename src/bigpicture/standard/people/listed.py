"""Lists of words as they are best read: a text, divided by blanks."""

from __future__ import annotations


def listed(text: str) -> frozenset[str]:
    return frozenset(text.split())
