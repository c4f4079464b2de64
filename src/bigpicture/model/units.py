"""A unit's name: one spelling for the many that real data use."""

from __future__ import annotations

import re

_CANONICAL = {
    "pixels": r"px|pix|pixels?",
    "mm": r"mm|milli-?met(er|re)s?",
    "micrometers": r"[µμu]m|micro-?met(er|re)s?|microns?",
    "nanometers": r"nm|nano-?met(er|re)s?",
}
_BY_PATTERN = [(re.compile(f"(?i){pattern}"), name) for name, pattern in _CANONICAL.items()]


def canonical_unit(text: str) -> str:
    """Return the unit as the standard spells it; one that nobody listed stays as written."""
    bare = text.strip()
    return next((name for pattern, name in _BY_PATTERN if pattern.fullmatch(bare)), bare)
